using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Contract.Tests;

/// <summary>A rule tried on the stored past: imported readings, and readings that were judged live.</summary>
public sealed class BackTestTests(Outside outside)
{
    private static readonly DateTimeOffset Start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_imported_series_is_judged_as_if_it_had_come_minute_by_minute()
    {
        var device = Outside.NewId("wl");
        await outside.PutDeviceAsync(device);

        // 0 for an hour, 160 mm for ten minutes, 0 for an hour: yellow after the two minutes of R01, over ten minutes after the water.
        var values = Enumerable.Repeat(0, 60).Concat(Enumerable.Repeat(160, 10)).Concat(Enumerable.Repeat(0, 60)).ToArray();
        var imported = new JsonArray([.. values.Select((value, minute) => (JsonNode)new JsonObject { ["at"] = Outside.At(Start.AddMinutes(minute)), ["values"] = new JsonObject { ["water_depth"] = value } })]);
        var (status, answer) = await outside.SendAsync(HttpMethod.Post, $"devices/{device}/readings", imported.ToJsonString());
        Assert.True(status == HttpStatusCode.OK && (int)answer["accepted"]! == values.Length, answer.ToJsonString());

        var result = await TestAsync("R01", device, Start, Start.AddHours(3));
        Assert.Equal(values.Length, (int)result["evaluated"]!);
        var warning = Assert.Single(result["warnings"]!.AsArray())!;
        Assert.Equal(("R01", device, Outside.At(Start.AddMinutes(60)), Outside.At(Start.AddMinutes(62)), Outside.At(Start.AddMinutes(80))),
            ((string?)warning["rule"], (string?)warning["subject"], (string?)warning["onsetAt"], (string?)warning["raisedAt"], (string?)warning["clearedAt"]));
        Assert.Equal(["yellow"], warning["changes"]!.AsArray().Select(change => (string)change!["colour"]!));

        // The same in parts of another rule that is not stored: blue at 150 is reached too, red at 1000 is not.
        var tried = JsonNode.Parse("""{"id":"TRY","kind":"threshold","quantity":"water_depth","when":"above","levels":{"blue":{"value":150},"red":{"value":1000}},"minSamples":1}""")!;
        var other = await TestAsync(tried, device, Start, Start.AddHours(3));
        Assert.Equal(("TRY", "blue", Outside.At(Start.AddMinutes(60))),
            ((string?)other["warnings"]![0]!["rule"], (string?)other["warnings"]![0]!["colour"], (string?)other["warnings"]![0]!["raisedAt"]));
        Assert.Empty(await outside.WarningsOfAsync(device));
    }

    [Fact]
    public async Task What_was_judged_live_gives_the_same_warning_again()
    {
        var device = Outside.NewId("wl");
        await outside.PutDeviceAsync(device, street: "320404003", longitude: 119.90, latitude: 31.79);
        using var client = await outside.ConnectAsync();
        var end = Outside.Now.AddSeconds(-1);
        foreach (var message in (string[])[.. Outside.Depths(end.AddSeconds(-700), 13, 300), .. Outside.Depths(end, 69, 20)])
        {
            await Outside.PublishAsync(client, $"city/v1/320404003/{device}/readings", message);
        }

        var live = Assert.Single(await Outside.EventuallyAsync(() => outside.WarningsOfAsync(device), warnings => warnings.Any(found => (string?)found["state"] == "cleared"), "a cleared warning"));
        await Outside.EventuallyAsync(
            () => outside.GetAsync($"devices/{device}/readings?quantity=water_depth&limit=1000"), readings => readings["points"]!.AsArray().Count == 82, "every reading in the history");
        var tried = Assert.Single((await TestAsync("R01", device, end.AddHours(-1), end.AddMinutes(1)))["warnings"]!.AsArray())!;
        foreach (var field in new[] { "rule", "subject", "onsetAt", "raisedAt", "clearedAt" })
        {
            Assert.Equal((string?)live[field], (string?)tried[field]);
        }
    }

    [Theory]
    [InlineData("""{"devices":[],"from":"2025-01-01T00:00:00Z","to":"2025-01-02T00:00:00Z"}""", "rule")]
    [InlineData("""{"rule":"NONE","devices":["x"],"from":"2025-01-01T00:00:00Z","to":"2025-01-02T00:00:00Z"}""", "rule")]
    [InlineData("""{"rule":"R01","devices":["nobody"],"from":"2025-01-01T00:00:00Z","to":"2025-01-02T00:00:00Z"}""", "devices")]
    [InlineData("""{"rule":"R01","devices":["x"],"to":"2025-01-02T00:00:00Z"}""", "from")]
    [InlineData("""{"rule":"R01","devices":["x"],"from":"2025-01-03T00:00:00Z","to":"2025-01-02T00:00:00Z"}""", "to")]
    [InlineData("""{"rule":{"kind":"threshold","levels":{}},"devices":["x"],"from":"2025-01-01T00:00:00Z","to":"2025-01-02T00:00:00Z"}""", "rule.quantity")]
    public async Task What_is_wrong_is_named(string order, string field)
    {
        var (status, problem) = await outside.SendAsync(HttpMethod.Post, "rules/backtest", order);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem["errors"]![field] is not null, problem.ToJsonString());
    }

    private async Task<JsonNode> TestAsync(JsonNode rule, string device, DateTimeOffset from, DateTimeOffset to)
    {
        var order = new JsonObject { ["rule"] = rule, ["devices"] = new JsonArray(device), ["from"] = Outside.At(from), ["to"] = Outside.At(to) };
        var (status, body) = await outside.SendAsync(HttpMethod.Post, "rules/backtest", order.ToJsonString());
        Assert.True(status == HttpStatusCode.OK, string.Create(CultureInfo.InvariantCulture, $"{status} {body.ToJsonString()}"));
        return body;
    }
}
