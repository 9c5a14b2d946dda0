using System.Text.Json;
using CommandCenter.Grains.Contracts;
using IotIngest.Receiving;

namespace IotIngest.Tests.Decoding;

/// <summary>Each <c>case.payload</c> of a format and the trial answer that it must give. The first line of the expected file is the topic.</summary>
public sealed class Golden_payloads
{
    public static TheoryData<string> Cases()
    {
        var root = Root();
        return [.. Directory.EnumerateFiles(root, "*.payload", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_payload_becomes_what_its_golden_file_says(string file)
    {
        var payload = await File.ReadAllBytesAsync(Path.Combine(Root(), file), TestContext.Current.CancellationToken);
        var expected = await File.ReadAllLinesAsync(Path.Combine(Root(), Path.ChangeExtension(file, ".readings.json")), TestContext.Current.CancellationToken);
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 0, 5, 0, TimeSpan.Zero));
        var probe = FakeCity.Device("wl-018", quantities: new DeviceQuantity { Name = new("water_depth"), Unit = "mm", From = "distance_cm", Scale = 2 });
        var city = new FakeCity(FakeCity.Device("wl-017"), FakeCity.Device("cam-1"), probe with { Source = new("chirpstack", "0101010101010101") });
        await using var node = await TestNode.StartAsync(city, time: time);

        var answer = node.Pipeline.Try(file.Split(Path.DirectorySeparatorChar)[0], expected[0], payload);

        Assert.Equal(Normal(string.Join('\n', expected[1..])), JsonSerializer.Serialize(answer, ContractJson.Options));
    }

    private static string Normal(string json) => JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(json), ContractJson.Options);

    private static string Root() => Path.Combine(AppContext.BaseDirectory, "Decoding", "Golden");
}
