using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using MQTTnet;
using Running;

namespace Contract.Tests;

/// <summary>The history in its file: killed while it is being rewritten, and filled by long imports.</summary>
public sealed class HistoryFileTests(Outside outside)
{
    private const string Street = "320404002";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_while_rows_are_sorted_again_and_again_the_file_keeps_every_acknowledged_message_once()
    {
        await using var center = await RunningCenter.StartAsync("--History:SortRows=1000");
        string[] devices = ["wl-sorted-0", "wl-sorted-1", "wl-sorted-2", "wl-sorted-3"];
        foreach (var device in devices)
        {
            await center.SendAsync(HttpMethod.Put, $"api/v1/devices/{device}", new { name = device, kind = "water_level", street = Street, lon = 119.934, lat = 31.766, quantities = new[] { new { name = "water_depth", unit = "mm" } } });
        }

        var acknowledged = new ConcurrentDictionary<string, ConcurrentBag<long>>();
        var last = Outside.Now.AddHours(-1).ToUnixTimeMilliseconds();
        for (var round = 0; round < 2; round++)
        {
            var first = last;
            var publishers = devices.Select(device => PublishAsync(center.MqttPort, device, first, acknowledged.GetOrAdd(device, _ => []))).ToArray();
            await center.EventuallyAsync(() => Task.FromResult(acknowledged.Values.Sum(times => times.Count)), count => count > (round + 1) * 8_000, "messages acknowledged", TimeSpan.FromSeconds(60));
            await center.EventuallyAsync(() => center.Http.GetStringAsync("metrics", Cancelled), metrics => metrics.Contains("history_sort", StringComparison.Ordinal), "rows sorted beside the appends", TimeSpan.FromSeconds(60));
            await center.KillAsync();
            last = (await Task.WhenAll(publishers)).Max();
            await center.StartAgainAsync();
        }

        foreach (var device in devices)
        {
            // What was sent and not acknowledged before the end may be there too.
            var sent = acknowledged[device].Order().ToArray();
            await center.EventuallyAsync(
                async () => (await StoredAsync(center, device)).ToList(),
                stored => stored.Distinct().Count() == stored.Count && !sent.Except(stored).Any(), $"the {sent.Length} acknowledged messages of {device}, each once", TimeSpan.FromSeconds(60));
        }

        var metrics = await center.Http.GetStringAsync("metrics", Cancelled);
        Assert.DoesNotContain("history_failed_sorts", metrics, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"{acknowledged.Values.Sum(times => times.Count)} acknowledged over two kills, all stored once.");
    }

    [Fact]
    public async Task A_long_table_is_imported_while_one_can_see_how_far_it_is_and_a_second_time_it_changes_nothing()
    {
        const int Rows = 200_000;
        var device = Outside.NewId("wl");
        await outside.PutDeviceAsync(device);
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var half = new TaskCompletionSource();
        var sending = SendAsync(device, "by-night", start, Rows, half.Task);
        var seen = await Outside.EventuallyAsync(
            () => outside.SendAsync(HttpMethod.Get, $"devices/{device}/readings/imports/by-night"),
            answer => answer.Status == HttpStatusCode.OK && (long)answer.Body["accepted"]! >= 5_000, "half of the import");
        Assert.Equal("running", (string?)seen.Body["state"]);
        half.SetResult();
        var done = await sending;
        Assert.Equal((Rows - 20, 0, 20), ((int)done["accepted"]!, (int)done["duplicates"]!, (int)done["rejections"]!.AsArray().Count));
        Assert.Equal((9_999, "out_of_range"), ((int)done["rejections"]![0]!["index"]!, (string?)done["rejections"]![0]!["reason"]));
        Assert.Equal("done", (string?)(await outside.GetAsync($"devices/{device}/readings/imports/by-night"))["state"]);

        var again = await SendAsync(device, "by-night", start, Rows, Task.CompletedTask);
        Assert.Equal((0, Rows - 20), ((int)again["accepted"]!, (int)again["duplicates"]!));
        var hours = await outside.GetAsync($"devices/{device}/readings?quantity=water_depth&from={Outside.At(start)}&to={Outside.At(start.AddDays(3))}&every=1h&limit=1000");
        Assert.Equal(Rows - 20, hours["points"]!.AsArray().Sum(point => (long)point!["count"]!));
        Assert.Empty(await outside.WarningsOfAsync(device));
    }

    private async Task<System.Text.Json.Nodes.JsonNode> SendAsync(string device, string name, DateTimeOffset start, int rows, Task half)
    {
        using var content = new Streamed(async writer =>
        {
            await writer.WriteLineAsync("at,quantity,value,unit");
            for (var i = 0; i < rows; i++)
            {
                if (i == rows / 2)
                {
                    await writer.FlushAsync(Cancelled);
                    await half;
                }

                await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Outside.At(start.AddSeconds(i))},water_depth,{(i % 10_000 == 9_999 ? 99_999 : i % 500)},mm"));
            }
        });
        content.Headers.ContentType = new("text/csv");
        var (status, answer) = await outside.SendAsync(HttpMethod.Post, $"devices/{device}/readings?import={name}", content);
        Assert.True(status == HttpStatusCode.OK, $"{status} {answer}");
        return answer;
    }

    private async Task<long> PublishAsync(int port, string device, long after, ConcurrentBag<long> acknowledged)
    {
        using var client = await outside.ConnectAsync(port);
        var last = after;
        try
        {
            while (true)
            {
                await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
                {
                    var at = Interlocked.Increment(ref last);
                    await Outside.PublishAsync(client, $"city/v1/{Street}/{device}/readings", $$$"""{"at":{{{at}}},"values":{"water_depth":10}}""");
                    acknowledged.Add(at);
                }));
            }
        }
        catch (Exception ended) when (ended is not Xunit.Sdk.XunitException && last > after)
        {
            // The process is gone: what was not acknowledged is not counted.
            return last;
        }
    }

    private static async Task<List<long>> StoredAsync(RunningCenter center, string device)
    {
        var times = new List<long>();
        string? cursor = null;
        do
        {
            var page = await center.GetAsync($"api/v1/devices/{device}/readings?quantity=water_depth&limit=1000{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}");
            times.AddRange(page.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        return times;
    }

    private sealed class Streamed(Func<StreamWriter, Task> write) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await using var writer = new StreamWriter(stream, leaveOpen: true);
            await write(writer);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
