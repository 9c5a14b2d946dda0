using System.Text;
using CsCheck;
using IotIngest.Decoding;

namespace IotIngest.Tests.Decoding;

public sealed class Local_times
{
    private static readonly TimeZoneInfo Shanghai = LocalTimes.FindZone("Asia/Shanghai")!;

    [Theory]
    [InlineData("2026-11-23T08:00:00.000+08:00", "2026-11-23T00:00:00.000Z")]
    [InlineData("2026-11-23T00:00:00Z", "2026-11-23T00:00:00.000Z")]
    [InlineData("2026-11-23t00:00:00z", "2026-11-23T00:00:00.000Z")]
    [InlineData("2026-11-23 08:00:00", "2026-11-23T00:00:00.000Z")]
    [InlineData("2026-11-23T08:00", "2026-11-23T00:00:00.000Z")]
    [InlineData("2026-11-23T08:00:00.1239999+0800", "2026-11-23T00:00:00.123Z")]
    [InlineData("2026-11-23T00:00:00.5-01:30", "2026-11-23T01:30:00.500Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z")]
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z")]
    [InlineData("2100-01-01T00:00:00Z", "2100-01-01T00:00:00.000Z")]
    public void What_devices_write_is_read(string text, string expected)
    {
        Assert.True(LocalTimes.TryParse(Encoding.UTF8.GetBytes(text), Shanghai, out var at));
        Assert.Equal(expected, CommandCenter.Grains.Contracts.ContractJson.Format(at));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("2026-02-30T00:00:00Z")]
    [InlineData("2026-11-23T24:00:00Z")]
    [InlineData("2026-11-23T08:00:00.Z")]
    [InlineData("2026-11-23T08:00:00+99:00")]
    [InlineData("2026-11-23T08:00:00 Z")]
    [InlineData("0001-01-01T00:00:00+08:00")]
    [InlineData("9999-12-31T23:59:59-08:00")]
    public void What_is_no_time_is_refused(string text) => Assert.False(LocalTimes.TryParse(Encoding.UTF8.GetBytes(text), Shanghai, out _));

    [Fact]
    public void Every_time_that_the_contract_writes_is_read_back() =>
        Gen.Long[-62_135_596_800_000, 253_402_300_799_999].Sample(milliseconds =>
        {
            var at = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            Assert.True(LocalTimes.TryParse(Encoding.UTF8.GetBytes(CommandCenter.Grains.Contracts.ContractJson.Format(at)), Shanghai, out var read));
            Assert.Equal(at, read);
        });
}
