using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Contract.Tests;

public sealed class IngestTests(Outside outside)
{
    [Fact]
    public async Task Trial_shows_what_would_become_of_a_message_and_has_no_effect()
    {
        var id = Outside.NewId("wl");
        await outside.PutDeviceAsync(id);
        var (status, answer) = await outside.SendAsync(
            HttpMethod.Post, $"ingest/canonical/try?topic=city/v1/320404002/{id}/readings", """{"at":"2026-11-23T08:00:00.000+08:00","values":{"water_depth":15.2},"units":{"water_depth":"cm"}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var item = answer["items"]![0]!;
        Assert.Equal((id, "reading", "2026-11-23T00:00:00.000Z"), ((string?)item["device"], (string?)item["kind"], (string?)item["at"]));
        Assert.Equal(("water_depth", 152.0, "mm"), ((string?)item["readings"]![0]!["quantity"], Math.Round((double)item["readings"]![0]!["value"]!, 6), (string?)item["readings"]![0]!["unit"]));
        Assert.Empty((await outside.GetAsync($"devices/{id}"))["latest"]!.AsObject());
    }

    [Fact]
    public async Task Message_over_http_counts_like_one_over_mqtt()
    {
        var id = Outside.NewId("wl");
        await outside.PutDeviceAsync(id);
        var (status, answer) = await outside.SendAsync(
            HttpMethod.Post, $"ingest/canonical?topic=city/v1/320404002/{id}/readings", $$$"""{"at":"{{{Outside.At(Outside.Now)}}}","values":{"water_depth":33,"nothing":1}}""");
        Assert.Equal((HttpStatusCode.Accepted, 1), (status, (int)answer["accepted"]!));
        Assert.Equal("unknown_quantity", (string?)answer["rejections"]![0]!["reason"]);
        await Outside.EventuallyAsync(() => outside.GetAsync($"devices/{id}"), device => (double?)device["latest"]?["water_depth"]?["value"] == 33, "the value");
    }

    [Fact]
    public async Task Device_that_is_not_registered_is_listed_and_its_next_message_counts_once_it_is()
    {
        var id = Outside.NewId("new");
        using var client = await outside.ConnectAsync();
        await Outside.PublishAsync(client, $"city/v1/320404002/{id}/readings", """{"values":{"water_depth":5}}""");
        var listed = await Outside.EventuallyAsync(
            async () => (await outside.GetAsync("devices/unregistered?limit=1000"))["items"]!.AsArray().FirstOrDefault(item => (string?)item!["key"] == id), item => item is not null, "the unregistered device");
        Assert.Equal(("canonical", 1), ((string?)listed!["format"], (int)listed["count"]!));

        await outside.PutDeviceAsync(id);
        await Outside.PublishAsync(client, $"city/v1/320404002/{id}/readings", """{"values":{"water_depth":6}}""");
        await Outside.EventuallyAsync(() => outside.GetAsync($"devices/{id}"), device => (double?)device["latest"]?["water_depth"]?["value"] == 6, "the value");
    }

    [Fact]
    public async Task Garbage_is_counted_by_reason_and_the_next_good_message_is_served()
    {
        var id = Outside.NewId("wl");
        await outside.PutDeviceAsync(id);
        var topic = $"city/v1/320404002/{id}/readings";
        var before = (await outside.GetAsync("rejections?limit=1"))["byReason"]!.AsObject();
        using var client = await outside.ConnectAsync();
        await Outside.PublishAsync(client, topic, [0x80, 0x00, 0xFF, 0x7B]);
        await Outside.PublishAsync(client, topic, new byte[1024 * 1024]);
        await Outside.PublishAsync(client, topic, """{"values":{"water_depth":"deep"}}""");
        await Outside.PublishAsync(client, topic, """{"values":{"water_depth":1e9}}""");
        await Outside.PublishAsync(client, topic, """{"values":{"nothing":1}}""");
        await Outside.PublishAsync(client, topic, """{"values":{"water_depth":1},"units":{"water_depth":"kW"}}""");
        await Outside.PublishAsync(client, topic, """{"at":"1970-01-01T00:00:00Z","values":{"water_depth":1}}""");
        await Outside.PublishAsync(client, topic, """{"at":"2100-01-01T00:00:00Z","values":{"water_depth":2}}""");
        await Outside.EventuallyAsync(
            async () => (await outside.GetAsync("rejections?limit=1"))["byReason"]!.AsObject(),
            after => new[] { "malformed", "too_large", "not_a_number", "out_of_range", "unknown_quantity", "bad_unit" }.All(reason => Count(after, reason) > Count(before, reason)),
            "a count for every reason");

        await Outside.PublishAsync(client, topic, $$$"""{"at":"{{{Outside.At(Outside.Now.AddSeconds(1))}}}","values":{"water_depth":7}}""");
        await Outside.EventuallyAsync(() => outside.GetAsync($"devices/{id}"), device => (double?)device["latest"]?["water_depth"]?["value"] == 7, "the good value");

        static long Count(JsonObject counts, string reason) => (long?)counts[reason] ?? 0;
    }
}
