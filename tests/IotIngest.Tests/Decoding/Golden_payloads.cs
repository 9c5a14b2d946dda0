using System.Text.Json;
using CommandCenter.Grains.Contracts;
using IotIngest.Receiving;

namespace IotIngest.Tests.Decoding;

/// <summary>Each <c>case.readings.json</c> of a format holds the trial answer that its payload must give. Its first line is the topic, and behind <c>&lt;-</c> the sample of
/// <c>../shared/data/payloads</c> that it judges. A <c>case.payload</c> beside it is the payload itself; where there is none, for want of a licence to copy it, the sample is read there.</summary>
public sealed class Golden_payloads
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Decoding", "Golden");

    public static TheoryData<string> Cases() =>
        [.. Directory.EnumerateFiles(Root, "*.readings.json", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_payload_becomes_what_its_golden_file_says(string file)
    {
        var expected = await File.ReadAllLinesAsync(Path.Combine(Root, file), TestContext.Current.CancellationToken);
        var (topic, sample) = Head(expected[0]);
        var payload = await File.ReadAllBytesAsync(PayloadOf(file, sample), TestContext.Current.CancellationToken);
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 0, 5, 0, TimeSpan.Zero));
        var probe = FakeCity.Device("wl-018", quantities: new DeviceQuantity { Name = new("water_depth"), Unit = "mm", From = "distance_cm", Scale = 2 });
        var city = new FakeCity(FakeCity.Device("wl-017"), FakeCity.Device("cam-1"), probe with { Source = new("chirpstack", "0101010101010101") });
        await using var node = await TestNode.StartAsync(city, time: time);

        var answer = node.Pipeline.Try(file.Split(Path.DirectorySeparatorChar)[0], topic, payload);

        Assert.Equal(Normal(string.Join('\n', expected[1..])), JsonSerializer.Serialize(answer, ContractJson.Options));
    }

    internal static (string Topic, string? Sample) Head(string line)
    {
        var parts = line.Split(" <- ");
        return (parts[0], parts.Length > 1 ? parts[1] : null);
    }

    internal static string? SamplesFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
            {
                var samples = Path.Combine(folder.FullName, "..", "shared", "data", "payloads");
                return Directory.Exists(samples) ? samples : null;
            }
        }

        return null;
    }

    private static string PayloadOf(string file, string? sample)
    {
        var own = Path.Combine(Root, file[..^".readings.json".Length] + ".payload");
        if (File.Exists(own))
        {
            return own;
        }

        var samples = SamplesFolder();
        Assert.SkipWhen(samples is null, "the sample needs ../shared");
        return Path.Combine(samples!, sample!);
    }

    private static string Normal(string json) => JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(json), ContractJson.Options);
}
