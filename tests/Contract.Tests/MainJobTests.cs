using System.Net;
using System.Text.Json.Nodes;

namespace Contract.Tests;

/// <summary>A message published by a device changes the wall, raises one warning, opens one incident, and one click sends the units.</summary>
public sealed class MainJobTests(Outside outside)
{
    [Fact]
    public async Task Water_on_the_road_becomes_one_warning_one_incident_one_set_of_tasks_and_ends_with_every_unit_free()
    {
        var device = Outside.NewId("wl");
        await outside.PutDeviceAsync(device);
        using var client = await outside.ConnectAsync();
        var messages = Outside.Depths(Outside.Now.AddSeconds(-1), count: 13, depthMm: 300);
        foreach (var message in messages)
        {
            await Outside.PublishAsync(client, $"city/v1/320404002/{device}/readings", message);
        }

        var warning = Assert.Single(await Outside.EventuallyAsync(
            () => outside.WarningsOfAsync(device), warnings => warnings.Any(found => (string?)found["state"] == "raised" && found["incident"] is not null), "a raised warning with its incident"));
        Assert.Equal(("red", "mm", 300.0), ((string?)warning["colour"], (string?)warning["unit"], (double?)warning["value"]));
        var incident = (string)warning["incident"]!;

        for (var repeat = 0; repeat < 20; repeat++)
        {
            foreach (var message in messages)
            {
                await Outside.PublishAsync(client, $"city/v1/320404002/{device}/readings", message);
            }
        }

        var readings = await outside.GetAsync($"devices/{device}/readings?quantity=water_depth&limit=1000");
        Assert.Equal(13, readings["points"]!.AsArray().Count);
        Assert.Equal((string)warning["id"]!, (string)Assert.Single(await outside.WarningsOfAsync(device))["id"]!);

        await DispatchAndCloseAsync(incident, device);
    }

    [Fact]
    public async Task Water_below_the_deadband_for_the_off_delay_clears_the_warning()
    {
        var device = Outside.NewId("wl");
        await outside.PutDeviceAsync(device, street: "320404003", longitude: 119.96, latitude: 31.80);
        using var client = await outside.ConnectAsync();
        var end = Outside.Now.AddSeconds(-1);
        foreach (var message in (string[])[.. Outside.Depths(end.AddSeconds(-700), 13, 300), .. Outside.Depths(end, 69, 20)])
        {
            await Outside.PublishAsync(client, $"city/v1/320404003/{device}/readings", message);
        }

        var warning = Assert.Single(await Outside.EventuallyAsync(
            () => outside.WarningsOfAsync(device), warnings => warnings.Any(found => (string?)found["state"] == "cleared"), "a cleared warning"));
        Assert.Equal("red", (string?)warning["peakColour"]);
    }

    private async Task DispatchAndCloseAsync(string incident, string device)
    {
        var preview = await outside.GetAsync($"incidents/{incident}/dispatch/preview");
        Assert.Equal("P01", (string?)preview["plan"]);
        var order = new { plan = "P01", planVersion = (int)preview["planVersion"]!, responseLevel = (int)preview["responseLevel"]!, reason = (string?)null, omit = Array.Empty<string>(), units = new { } };
        var (noKey, problem) = await outside.SendAsync(HttpMethod.Post, $"incidents/{incident}/dispatch", order);
        Assert.Equal(HttpStatusCode.BadRequest, noKey);
        Assert.NotNull(problem["errors"]!["Idempotency-Key"]);

        var key = ("Idempotency-Key", "click-" + device);
        var (first, answer) = await outside.SendAsync(HttpMethod.Post, $"incidents/{incident}/dispatch", order, key);
        Assert.True(first == HttpStatusCode.Created, $"{first} {answer}");
        var (second, again) = await outside.SendAsync(HttpMethod.Post, $"incidents/{incident}/dispatch", order, key);
        Assert.Equal((HttpStatusCode.OK, true), (second, (bool)again["repeated"]!));
        var tasks = TaskIds(answer);
        Assert.Equal(tasks, TaskIds(again));
        Assert.NotEmpty(tasks);
        var (reused, _) = await outside.SendAsync(HttpMethod.Post, $"incidents/{incident}/dispatch", order with { reason = "another body" }, key);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, reused);

        foreach (var task in tasks)
        {
            await ActAsync($"tasks/{task}/accept", new { });
            await ActAsync($"tasks/{task}/arrive", new { lon = 119.934, lat = 31.766 });
            await ActAsync($"tasks/{task}/report", new { text = "已排水", photos = Array.Empty<string>() });
        }

        Assert.Equal("verified", (string?)(await ActAsync($"incidents/{incident}/verify", new { passed = true, comment = "合格" }))["state"]);
        Assert.Equal("closed", (string?)(await ActAsync($"incidents/{incident}/close", new { reason = "处置完毕" }))["state"]);
        var units = await outside.GetAsync("units?limit=1000");
        Assert.DoesNotContain(units["items"]!.AsArray(), unit => unit!["tasks"]!.AsArray().Any(task => ((string)task!).StartsWith(incident, StringComparison.Ordinal)));

        var (late, phase) = await outside.SendAsync(HttpMethod.Post, $"tasks/{tasks[0]}/accept", new { });
        Assert.Equal((HttpStatusCode.Conflict, "not_in_this_phase"), (late, (string?)phase["reason"]));
        var timeline = (await outside.GetAsync($"incidents/{incident}"))["timeline"]!.AsArray().Select(entry => (long)entry!["seq"]!).ToArray();
        Assert.Equal(Enumerable.Range(1, timeline.Length).Select(seq => (long)seq), timeline);
    }

    private async Task<JsonNode> ActAsync(string path, object body)
    {
        var (status, answer) = await outside.SendAsync(HttpMethod.Post, path, body);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {answer}");
        return answer;
    }

    private static string[] TaskIds(JsonNode answer) => [.. answer["tasks"]!.AsArray().Select(task => (string)task!["id"]!).Order(StringComparer.Ordinal)];
}
