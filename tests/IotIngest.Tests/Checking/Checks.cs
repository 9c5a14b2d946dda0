using System.Globalization;
using System.Text;
using CommandCenter.Grains.Contracts;
using IotIngest.Checking;
using IotIngest.Decoding;
using IotIngest.Hosting;
using IotIngest.Routing;

namespace IotIngest.Tests.Checking;

public sealed class Checks
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_time_up_to_five_minutes_ahead_is_the_devices_own()
    {
        var (timing, readings, _) = Check($$$"""{"at":"{{{At(Now.AddMinutes(5))}}}","values":{"water_depth":1}}""");

        Assert.Equal((Timing.Fine, Now.AddMinutes(5), Quality.Good), (timing, readings[0].ObservedAt, readings[0].Quality));
    }

    [Theory]
    [InlineData("2026-11-23T00:05:00.001Z")]
    [InlineData("2100-01-01T00:00:00Z")]
    public void A_time_further_ahead_becomes_the_receipts_and_is_suspect(string at)
    {
        var (timing, readings, refusals) = Check($$$"""{"at":"{{{at}}}","values":{"water_depth":1}}""");

        Assert.Equal((Timing.Ahead, Now, Quality.Suspect), (timing, readings[0].ObservedAt, readings[0].Quality));
        Assert.Empty(refusals);
    }

    [Theory]
    [InlineData("2026-11-22T00:00:00Z", "Fine")]
    [InlineData("2026-11-21T23:59:59.999Z", "Late")]
    [InlineData("1970-01-01T00:00:00Z", "Late")]
    public void More_than_a_day_behind_is_late_and_not_refused(string at, string expected)
    {
        var (timing, readings, refusals) = Check($$$"""{"at":"{{{at}}}","values":{"water_depth":1}}""");

        Assert.Equal(expected, timing.ToString());
        Assert.Single(readings);
        Assert.Empty(refusals);
    }

    [Fact]
    public void A_bad_value_is_refused_alone_and_the_others_pass()
    {
        var (_, readings, refusals) = Check(
            """{"values":{"water_depth":100,"battery":"87","tilt":95,"level":1e9,"speed":3}}""",
            new() { Name = new("water_depth"), Unit = "mm" }, new() { Name = new("battery"), Unit = "%" }, new() { Name = new("tilt"), Unit = "deg", Max = 90 },
            new() { Name = new("level"), Unit = "m", Min = -10, Max = 100 });

        Assert.Equal(["water_depth"], readings.Select(reading => reading.Quantity.Value));
        Assert.Equal([RejectionReason.NotANumber, RejectionReason.OutOfRange, RejectionReason.OutOfRange, RejectionReason.UnknownQuantity], refusals);
    }

    [Fact]
    public void The_declared_path_scale_and_offset_make_the_quantity()
    {
        var (_, readings, _) = Check(
            """{"values":{"probe":{"raw":[0,250]}}}""", new DeviceQuantity { Name = new("water_depth"), Unit = "mm", From = "probe.raw.1", Scale = 0.5, Offset = 10 });

        Assert.Equal(135, Assert.Single(readings).Value);
    }

    [Fact]
    public void A_unit_that_measures_something_else_is_refused()
    {
        var (_, readings, refusals) = Check("""{"units":{"water_depth":"kW"},"values":{"water_depth":1}}""");

        Assert.Empty(readings);
        Assert.Equal([RejectionReason.BadUnit], refusals);
    }

    [Fact]
    public void A_kind_of_the_vocabulary_needs_no_declaration()
    {
        var (_, readings, refusals) = Check("""{"values":{"water_depth":7,"no_such_thing":1}}""", new DeviceQuantity { Name = new("level"), Unit = "m" });

        Assert.Equal(7, Assert.Single(readings).Value);
        Assert.Equal([RejectionReason.UnknownQuantity], refusals);
    }

    [Theory]
    [InlineData("""{"lon":181,"lat":31}""", RejectionReason.OutOfRange)]
    [InlineData("""{"lon":119,"lat":31,"crs":"mars"}""", RejectionReason.BadUnit)]
    public void A_position_that_is_nowhere_is_refused(string payload, RejectionReason reason)
    {
        var (_, _, refusals) = CheckOn("position", payload);

        Assert.Equal([reason], refusals);
    }

    private static string At(DateTimeOffset at) => at.ToString("O", CultureInfo.InvariantCulture);

    private static (Timing Timing, Reading[] Readings, RejectionReason[] Refusals) Check(string payload, params DeviceQuantity[] quantities) => CheckOn("readings", payload, quantities);

    private static (Timing Timing, Reading[] Readings, RejectionReason[] Refusals) CheckOn(string channel, string payload, params DeviceQuantity[] quantities)
    {
        var decoded = new DecodedMessage();
        new Decoders(new IngestOptions()).Decode("city/v1/320404002/wl-1/" + channel, Encoding.UTF8.GetBytes(payload), null, decoded);
        Assert.Empty(decoded.Refusals);
        var into = new CheckedItem();
        var refusals = new Kept();
        var timing = Checker.Check(decoded.Items[0], decoded, new DeviceEntry(FakeCity.Device("wl-1", quantities: quantities)), Now, into, refusals);
        return (timing, into.Readings.ToArray(), [.. refusals.Reasons]);
    }

    private sealed class Kept : IRefusals
    {
        public List<RejectionReason> Reasons { get; } = [];

        public void Refuse(RejectionReason reason, string detail) => Reasons.Add(reason);
    }
}
