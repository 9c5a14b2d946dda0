using System.Net;
using System.Text.Json.Nodes;

namespace Contract.Tests;

/// <summary>What an officer does to a warning, and what it says of itself.</summary>
public sealed class WarningLifeTests(Outside outside)
{
    [Fact]
    public async Task A_warning_is_acknowledged_once_tells_its_life_and_is_shelved_and_unshelved()
    {
        var device = Outside.NewId("wl");
        var id = await RaiseAsync(device);

        var first = await PostAsync($"warnings/{id}/acknowledge", new { comment = "看到了" });
        var second = await PostAsync($"warnings/{id}/acknowledge", new { comment = "我也看到了" });
        Assert.Equal("看到了", (string?)first["acknowledged"]!["comment"]);
        Assert.NotNull((string?)first["acknowledged"]!["until"]);
        Assert.Equal("看到了", (string?)second["acknowledged"]!["comment"]);

        var shelved = await PostAsync($"warnings/{id}/shelve", new { until = Outside.Now.AddHours(1), reason = "探头校准" });
        Assert.Equal("探头校准", (string?)shelved["shelved"]!["reason"]);
        Assert.Equal(HttpStatusCode.BadRequest, (await outside.SendAsync(HttpMethod.Post, $"warnings/{id}/shelve", new { until = Outside.Now.AddDays(60), reason = "太久" })).Status);
        Assert.Equal("shelved", (string?)(await RuleAsync(device))["word"]);
        Assert.Null((await PostAsync($"warnings/{id}/unshelve", new { }))["shelved"]);

        var explained = await outside.GetAsync($"warnings/{id}");
        Assert.Equal(["raised", "acknowledged", "shelved", "unshelved"], explained["changes"]!.AsArray().Select(change => (string)change!["kind"]!).Where(kind => kind != "incident_linked"));
        Assert.Equal(("threshold", "≥", 250.0, 60.0), ((string?)explained["condition"]!["kind"], (string?)explained["condition"]!["sign"], (double)explained["condition"]!["threshold"]!, (double)explained["condition"]!["holdSeconds"]!));
        Assert.Equal("R01", (string?)explained["ruleDocument"]!["id"]);
    }

    [Fact]
    public async Task A_group_is_acknowledged_with_one_answer_each()
    {
        string[] ids = [await RaiseAsync(Outside.NewId("wl")), await RaiseAsync(Outside.NewId("wl"), "320404003")];
        await PostAsync($"warnings/{ids[1]}/acknowledge", new { comment = "先" });

        var answer = await PostAsync("warnings/acknowledge", new { ids = (string[])[.. ids, "w-none"], comment = "一起" });

        Assert.Equal(1, (int)answer["acknowledged"]!);
        Assert.Equal(["acknowledged", "already_acknowledged", "not_found"], answer["items"]!.AsArray().Select(item => (string)item!["result"]!));
        Assert.Equal("先", (string?)answer["items"]![1]!["acknowledged"]!["comment"]);
        Assert.Equal(HttpStatusCode.BadRequest, (await outside.SendAsync(HttpMethod.Post, "warnings/acknowledge", new { ids = Array.Empty<string>() })).Status);
    }

    [Fact]
    public async Task A_device_in_maintenance_says_so_and_what_it_raises_does_not_ring_until_the_window_ends()
    {
        var device = Outside.NewId("wl");
        await outside.PutDeviceAsync(device);
        var (created, window) = await outside.SendAsync(HttpMethod.Post, "maintenance", new { reason = "更换探头", to = Outside.Now.AddHours(1), devices = new[] { device } });
        Assert.Equal((HttpStatusCode.Created, "active"), (created, (string?)window["state"]));

        var id = await RaiseAsync(device, put: false);
        var silent = await outside.GetAsync($"warnings/{id}");
        Assert.Equal(("maintenance", null), ((string?)silent["silenced"]!["why"], silent["callingSince"]));
        Assert.Equal("maintenance", (string?)(await outside.GetAsync($"devices/{device}"))["state"]);
        Assert.Equal("maintenance", (string?)(await RuleAsync(device))["word"]);

        Assert.Equal("ended", (string?)(await PostAsync($"maintenance/{window["id"]}/end", new { }))["state"]);
        var ringing = await Outside.EventuallyAsync(() => outside.GetAsync($"warnings/{id}"), warning => warning["silenced"] is null && warning["incident"] is not null, "a warning that rings with its incident");
        Assert.NotNull((string?)ringing["callingSince"]);
        Assert.NotEqual("maintenance", (string?)(await outside.GetAsync($"devices/{device}"))["state"]);
    }

    [Fact]
    public async Task A_device_that_does_not_ring_says_why_not()
    {
        var device = Outside.NewId("wl");
        await outside.PutDeviceAsync(device);
        Assert.Equal("no_fresh_data", (string?)(await RuleAsync(device))["word"]);

        using var client = await outside.ConnectAsync();
        foreach (var message in Outside.Depths(Outside.Now.AddSeconds(-1), 2, 300))
        {
            await Outside.PublishAsync(client, $"city/v1/320404002/{device}/readings", message);
        }

        var waiting = await Outside.EventuallyAsync(() => RuleAsync(device), rule => (string?)rule["word"] == "below_hold", "a rule below its hold");
        Assert.NotNull((string?)waiting["since"]);
        Assert.NotNull((string?)waiting["dueAt"]);
        Assert.Equal(HttpStatusCode.NotFound, (await outside.SendAsync(HttpMethod.Get, "devices/none/explain")).Status);
    }

    private async Task<JsonNode> RuleAsync(string device) =>
        (await outside.GetAsync($"devices/{device}/explain"))["rules"]!.AsArray().Single(rule => (string?)rule!["rule"] == "R01")!;

    private async Task<string> RaiseAsync(string device, string street = "320404002", bool put = true)
    {
        if (put)
        {
            await outside.PutDeviceAsync(device, street: street);
        }

        using var client = await outside.ConnectAsync();
        foreach (var message in Outside.Depths(Outside.Now.AddSeconds(-1), 13, 300))
        {
            await Outside.PublishAsync(client, $"city/v1/{street}/{device}/readings", message);
        }

        var raised = await Outside.EventuallyAsync(() => outside.WarningsOfAsync(device), found => found.Any(warning => (string?)warning["state"] == "raised"), "a raised warning");
        return (string)raised.Single()["id"]!;
    }

    private async Task<JsonNode> PostAsync(string path, object body)
    {
        var (status, answer) = await outside.SendAsync(HttpMethod.Post, path, body);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {answer}");
        return answer;
    }
}
