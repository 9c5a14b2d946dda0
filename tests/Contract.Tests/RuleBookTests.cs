using System.Net;
using System.Text.Json.Nodes;
using Running;

namespace Contract.Tests;

/// <summary>The rule book as its addresses tell it.</summary>
public sealed class RuleBookTests(Outside outside)
{
    [Fact]
    public async Task A_rule_that_is_put_with_a_reason_is_judged_by_and_rolled_back()
    {
        var (rule, device) = (Outside.NewId("R"), Outside.NewId("wl"));
        await outside.PutDeviceAsync(device);
        var (created, first) = await outside.SendAsync(HttpMethod.Put, $"rules/{rule}?why=%E6%B1%9B%E6%9C%9F&expectedVersion=0", Document(device, 100));
        Assert.Equal((HttpStatusCode.Created, 1), (created, (int)first["version"]!));
        var (changed, _) = await outside.SendAsync(HttpMethod.Put, $"rules/{rule}", Document(device, 40), ("X-Why", "%E4%B8%8B%E8%B0%83"), ("If-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.OK, changed);
        var (conflict, told) = await outside.SendAsync(HttpMethod.Put, $"rules/{rule}?expectedVersion=1", Document(device, 60));
        Assert.Equal((HttpStatusCode.Conflict, "stale_version"), (conflict, (string?)told["reason"]));

        using var client = await outside.ConnectAsync();
        await Outside.PublishAsync(client, $"city/v1/320404002/{device}/readings", Outside.Depths(Outside.Now, 1, 50)[0]);
        await Outside.EventuallyAsync(() => outside.WarningsOfAsync(device, rule), found => found is [{ } only] && (string?)only["state"] == "raised", "the warning of the lowered rule");

        var versions = (await outside.GetAsync($"rules/{rule}/versions"))["items"]!.AsArray();
        Assert.Equal(["2 in_force 下调", "1 earlier 汛期"], versions.Select(version => $"{version!["number"]} {version["state"]} {version["why"]}"));
        Assert.Equal(100, (int)(await outside.GetAsync($"rules/{rule}/versions/1"))["document"]!["levels"]!["red"]!["value"]!);
        var (refused, problem) = await outside.SendAsync(HttpMethod.Post, $"rules/{rule}/rollback", new { version = 1 });
        Assert.Equal((HttpStatusCode.BadRequest, "why"), (refused, problem["errors"]!.AsObject().Single().Key));
        var (back, third) = await outside.SendAsync(HttpMethod.Post, $"rules/{rule}/rollback", new { version = 1, why = "误报", expectedVersion = 2 });
        Assert.Equal((HttpStatusCode.OK, 3, 100), (back, (int)third["version"]!, (int)third["levels"]!["red"]!["value"]!));
        var (off, disabled) = await outside.SendAsync(HttpMethod.Post, $"rules/{rule}/disable", new { why = "停用" });
        Assert.Equal((HttpStatusCode.OK, false), (off, (bool)disabled["enabled"]!));
        Assert.Equal("disabled", (string?)(await outside.GetAsync($"devices/{device}/explain"))["rules"]!.AsArray().Single(one => (string?)one!["rule"] == rule)!["word"]);
    }

    [Fact]
    public async Task Thresholds_without_a_verified_basis_are_listed_signed_and_told_with_the_rule()
    {
        var (rule, device) = (Outside.NewId("R"), Outside.NewId("wl"));
        await outside.PutDeviceAsync(device);
        var marked = Document(device, 100);
        marked["calibration"] = "待校核";
        await outside.SendAsync(HttpMethod.Put, $"rules/{rule}", marked.ToJsonString());
        Assert.Contains((await outside.GetAsync("rules/unsigned"))["items"]!.AsArray(), one => (string?)one!["rule"] == rule && (string?)one["unsigned"]!.AsArray().Single() == "levels.red");

        var (missing, problem) = await outside.SendAsync(HttpMethod.Post, $"rules/{rule}/sign", new { paths = new[] { "levels.blue" }, basis = "现场复核" });
        var (signed, after) = await outside.SendAsync(HttpMethod.Post, $"rules/{rule}/sign", new { paths = new[] { "levels.red" }, basis = "GB 51222" });
        Assert.Equal((HttpStatusCode.BadRequest, "paths"), (missing, problem["errors"]!.AsObject().Single().Key));
        Assert.Equal((HttpStatusCode.OK, 0), (signed, after["unsigned"]!.AsArray().Count));

        var told = await outside.GetAsync($"rules/{rule}");
        Assert.Equal(("GB 51222", 0), ((string?)told["signatures"]!.AsArray().Single()!["basis"], told["unsigned"]!.AsArray().Count));

        // What is read can be sent back, and the signature stays with another change but not with its own threshold's.
        told["minSamples"] = 3;
        var (kept, _) = await outside.SendAsync(HttpMethod.Put, $"rules/{rule}", told.ToJsonString());
        Assert.Equal((HttpStatusCode.OK, 1), (kept, (await outside.GetAsync($"rules/{rule}"))["signatures"]!.AsArray().Count));
        told["levels"]!["red"]!["value"] = 120;
        await outside.SendAsync(HttpMethod.Put, $"rules/{rule}", told.ToJsonString());
        Assert.Equal(["levels.red"], (await outside.GetAsync($"rules/{rule}"))["unsigned"]!.AsArray().Select(path => (string)path!));
    }

    [Fact]
    public async Task A_preview_says_what_a_document_would_select_and_stores_nothing()
    {
        var (rule, device) = (Outside.NewId("R"), Outside.NewId("wl"));
        await outside.PutDeviceAsync(device, street: "320404003");
        var document = Document(device, 100);
        document["id"] = rule;

        var (status, found) = await outside.SendAsync(HttpMethod.Post, "rules/preview", new JsonObject { ["rule"] = document.DeepClone() }.ToJsonString());
        document["levels"] = new JsonObject();
        var (wrong, problem) = await outside.SendAsync(HttpMethod.Post, "rules/preview", new JsonObject { ["rule"] = document }.ToJsonString());

        Assert.Equal((HttpStatusCode.OK, 1, "320404003", device), (status, (int)found["selected"]!, (string?)found["streets"]![0]!["of"], (string?)found["devices"]![0]!["id"]));
        Assert.Equal((HttpStatusCode.BadRequest, "levels"), (wrong, problem["errors"]!.AsObject().Single().Key));
        Assert.Equal(HttpStatusCode.NotFound, (await outside.SendAsync(HttpMethod.Get, $"rules/{rule}")).Status);
        Assert.True((int)(await outside.SendAsync(HttpMethod.Post, "rules/preview", new { rule = "R01" })).Body["selected"]! > 0);
        Assert.Contains((await outside.GetAsync("rules/selected"))["items"]!.AsArray(), one => (string?)one!["of"] == "R01");
    }

    [Fact]
    public async Task A_change_waits_for_a_second_person_where_that_is_configured()
    {
        await using var center = await RunningCenter.StartAsync(
            "--Rules:ApprovalRequired=true", "--Auth:Mode=Required", "--Auth:AdminPassword=correct horse",
            "--Auth:ApiKeys:0:Key=wang-key", "--Auth:ApiKeys:0:Role=system", "--Auth:ApiKeys:1:Key=chen-key", "--Auth:ApiKeys:1:Role=leader", "--Auth:ApiKeys:2:Key=zhao-key", "--Auth:ApiKeys:2:Role=duty");
        var (proposed, proposal) = await AsAsync("wang-key", HttpMethod.Put, "rules/R90?why=%E6%B1%9B%E6%9C%9F", Document("wl-1", 40));
        Assert.Equal((HttpStatusCode.Accepted, "open", "汛期", 40), (proposed, (string?)proposal["state"], (string?)proposal["why"], (int)proposal["document"]!["levels"]!["red"]!["value"]!));
        var id = (string)proposal["id"]!;
        Assert.Equal(HttpStatusCode.NotFound, (await AsAsync("wang-key", HttpMethod.Get, "rules/R90")).Status);
        Assert.Equal((HttpStatusCode.Conflict, "handled_by_same"), await RefusedAsync("wang-key", $"rules/proposals/{id}/approve"));
        Assert.Equal((HttpStatusCode.Forbidden, "not_allowed"), await RefusedAsync("zhao-key", $"rules/proposals/{id}/approve"));
        Assert.Equal([id], (await AsAsync("zhao-key", HttpMethod.Get, "rules/proposals?state=open")).Body["items"]!.AsArray().Select(one => (string)one!["id"]!));

        var (approved, rule) = await AsAsync("chen-key", HttpMethod.Post, $"rules/proposals/{id}/approve", new JsonObject { ["why"] = "同意" });
        Assert.Equal((HttpStatusCode.OK, 1), (approved, (int)rule["version"]!));
        var (_, second) = await AsAsync("wang-key", HttpMethod.Put, "rules/R90", Document("wl-1", 30));
        await center.KillAsync();
        await center.StartAgainAsync();
        var (rejected, body) = await AsAsync("chen-key", HttpMethod.Post, $"rules/proposals/{second["id"]}/reject", new JsonObject { ["why"] = "太低" });
        Assert.Equal((HttpStatusCode.OK, "rejected"), (rejected, (string?)body["state"]));
        Assert.Equal(["rejected", "in_force"], (await AsAsync("zhao-key", HttpMethod.Get, "rules/R90/versions")).Body["items"]!.AsArray().Select(version => (string)version!["state"]!));
        Assert.True((bool)(await AsAsync("zhao-key", HttpMethod.Get, "rules/terms")).Body["approvalRequired"]!);

        async Task<(HttpStatusCode, string?)> RefusedAsync(string key, string path)
        {
            var (refused, problem) = await AsAsync(key, HttpMethod.Post, path, []);
            return (refused, (string?)problem["reason"]);
        }

        async Task<(HttpStatusCode Status, JsonNode Body)> AsAsync(string key, HttpMethod method, string path, JsonObject? document = null)
        {
            using var request = new HttpRequestMessage(method, "/api/v1/" + path);
            request.Headers.Add("X-Api-Key", key);
            request.Content = document is null ? null : new StringContent(document.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
            using var answer = await center.Http.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return (answer.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!);
        }
    }

    [Fact]
    public async Task A_shadow_runs_beside_the_rule_over_a_sudden_end_of_the_program_and_is_compared()
    {
        await using var center = await RunningCenter.StartAsync();
        var device = Outside.NewId("wl");
        await center.SendAsync(HttpMethod.Put, $"api/v1/devices/{device}", new { name = "x", kind = "water_level", street = "320404002", lon = 119.934, lat = 31.766, quantities = new[] { new { name = "water_depth", unit = "mm" } } });
        await center.SendAsync(HttpMethod.Put, "api/v1/rules/R90", Document(device, 500));
        var lower = Document(device, 40);
        var begun = await center.SendAsync(HttpMethod.Post, "api/v1/rules/R90/shadow", new { rule = lower, until = Outside.Now.AddDays(3), why = "试运行" });
        var id = begun.GetProperty("id").GetString()!;
        Assert.Equal("running", begun.GetProperty("state").GetString());

        using (var client = await outside.ConnectAsync(center.MqttPort))
        {
            await Outside.PublishAsync(client, $"city/v1/320404002/{device}/readings", Outside.Depths(Outside.Now, 1, 50)[0]);
        }

        await center.EventuallyAsync(() => center.GetAsync($"api/v1/rules/shadows/{id}"), found => found.GetProperty("new").GetArrayLength() == 1, "the shadow's warning");
        await center.KillAsync();
        await center.StartAgainAsync();
        using (var client = await outside.ConnectAsync(center.MqttPort))
        {
            await Outside.PublishAsync(client, $"city/v1/320404002/{device}/readings", Outside.Depths(Outside.Now, 1, 10)[0]);
        }

        var compared = await center.EventuallyAsync(
            () => center.GetAsync($"api/v1/rules/shadows/{id}"),
            found => found.GetProperty("new").EnumerateArray().Any(warning => warning.GetProperty("clearedAt").ValueKind != System.Text.Json.JsonValueKind.Null), "the end of the shadow's warning");
        Assert.Equal((1, 1, 0, 0), (compared.GetProperty("new").GetArrayLength(), compared.GetProperty("onlyNew").GetArrayLength(), compared.GetProperty("old").GetArrayLength(), compared.GetProperty("missing").GetArrayLength()));
        Assert.Equal(2, compared.GetProperty("evaluated").GetInt64());
        Assert.DoesNotContain((await center.GetAsync("api/v1/warnings?limit=1000")).GetProperty("items").EnumerateArray(), warning => warning.GetProperty("rule").GetString() == "R90");
        Assert.Equal("shadow", (await center.GetAsync("api/v1/rules/R90/versions")).GetProperty("items")[0].GetProperty("state").GetString());

        var promoted = await center.SendAsync(HttpMethod.Post, $"api/v1/rules/shadows/{id}/promote", new { why = "效果好" });
        Assert.Equal((2, 40), (promoted.GetProperty("version").GetInt32(), promoted.GetProperty("levels").GetProperty("red").GetProperty("value").GetInt32()));
        Assert.Equal("promoted", (await center.GetAsync("api/v1/rules/shadows")).GetProperty("items")[0].GetProperty("state").GetString());
    }

    private static JsonObject Document(string device, double red) => new()
    {
        ["kind"] = "threshold", ["quantity"] = "water_depth", ["minSamples"] = 1, ["deadband"] = 0, ["offDelaySeconds"] = 0,
        ["select"] = new JsonObject { ["devices"] = new JsonArray(device) }, ["levels"] = new JsonObject { ["red"] = new JsonObject { ["value"] = red, ["incident"] = "never" } },
    };
}
