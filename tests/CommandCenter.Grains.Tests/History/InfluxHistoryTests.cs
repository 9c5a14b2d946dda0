using System.Diagnostics.Metrics;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History;
using CommandCenter.Grains.History.Influx;
using Running;
using Xunit;
using static CommandCenter.Grains.Tests.History.InfluxTest;

namespace CommandCenter.Grains.Tests.History;

/// <summary>The history in a real InfluxDB 1.x.</summary>
public sealed class InfluxHistoryTests(InfluxServer server) : IClassFixture<InfluxServer>
{
    private static readonly DeviceId Device = new("wl-017");
    private static readonly QuantityId Depth = new("water_depth");
    private static readonly AreaId Street = new("320404002");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Reading At(double second, double value, string device = "wl-017") =>
        new(new(device), Depth, value, Noon.AddMilliseconds(Math.Round(second * 1000)), Noon.AddMilliseconds(Math.Round(second * 1000) + 5), Quality.Good);

    private static IngestBatch Batch(long sequence, params Reading[] readings) =>
        new() { Node = "node-1", Sequence = sequence, Street = Street, Readings = [.. readings] };

    [Fact]
    public async Task A_stored_reading_is_read_back_to_the_millisecond_with_its_quality()
    {
        await using var history = server.New();
        await history.Open.AppendAsync(Batch(1, At(0.001, 0.1), At(0.002, -1e-12) with { Quality = Quality.Suspect }, At(0.003, 1.7976931348623157E+308) with { Quality = Quality.Bad }), Cancelled);
        Assert.Equal(
            [
                new HistoryPoint(Noon.AddMilliseconds(1), 0.1, Quality.Good),
                new HistoryPoint(Noon.AddMilliseconds(2), -1e-12, Quality.Suspect),
                new HistoryPoint(Noon.AddMilliseconds(3), 1.7976931348623157E+308, Quality.Bad),
            ],
            await history.AllAsync("wl-017"));
    }

    [Theory]
    [InlineData("a b,c=d")]
    [InlineData("it's \"quoted\"")]
    [InlineData("back\\slash\\")]
    [InlineData("two\nlines\tand 100%")]
    [InlineData("%41")]
    [InlineData("积水 1号 🚰")]
    [InlineData("' OR time > 0 --")]
    public async Task Whatever_a_device_is_called_its_readings_are_its_own(string name)
    {
        await using var history = server.New();
        await history.Open.AppendAsync(Batch(1, At(0, 1, name), At(0, 2, "other")) with { Node = name, Street = new(name) }, Cancelled);
        Assert.Equal([1], (await history.AllAsync(name)).Select(point => point.Value));
        var arrived = Assert.Single(await history.ArrivalsAsync(new(name), Noon));
        Assert.Equal((name, name), (arrived.Node, arrived.Readings[0].Device.Value));
    }

    [Fact]
    public async Task The_same_batch_again_and_after_a_restart_adds_nothing()
    {
        await using var history = server.New();
        var batch = Batch(7, At(0, 100), At(10, 110)) with { Positions = [new(Device, 119.9, 31.7, 3, null, Noon, Noon)], Statuses = [new(Device, true, Noon, Noon)] };
        await history.Open.AppendAsync(batch, Cancelled);
        await history.Open.AppendAsync(batch, Cancelled);
        await history.RestartAsync();
        await history.Open.AppendAsync(batch, Cancelled);
        Assert.Equal([100, 110], (await history.AllAsync("wl-017")).Select(point => point.Value));
        var arrived = Assert.Single(await history.ArrivalsAsync(Street, Noon));
        Assert.Equal((batch.Readings.Length, 1, 1), (arrived.Readings.Length, arrived.Positions.Length, arrived.Statuses.Length));
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repeat()
    {
        await using var history = server.New();
        await history.Open.AppendAsync(Batch(1, [.. Enumerable.Range(0, 10).Select(i => At(i, i))]), Cancelled);
        var values = new List<double>();
        string? cursor = null;
        do
        {
            var page = await history.Open.ReadRawAsync(Device, Depth, Noon.AddSeconds(1), Noon.AddSeconds(9), 3, cursor, Cancelled);
            values.AddRange(page.Items.Select(point => point.Value));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], values);
    }

    [Fact]
    public async Task Intervals_are_aligned_to_the_epoch_and_leave_bad_values_and_empty_times_out()
    {
        await using var history = server.New();
        await history.Open.AppendAsync(Batch(1, At(-1, 0), At(0, 1), At(299, 3), At(150, 9999) with { Quality = Quality.Bad }, At(900, 5)), Cancelled);
        var page = await history.Open.ReadEveryAsync(Device, Depth, Noon.AddDays(-1), Noon.AddDays(1), TimeSpan.FromMinutes(5), 100, null, Cancelled);
        Assert.Equal(
            [new HistoryInterval(Noon.AddSeconds(-300), 0, 0, 0, 1), new HistoryInterval(Noon, 2, 1, 3, 2), new HistoryInterval(Noon.AddSeconds(900), 5, 5, 5, 1)],
            page.Items);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task Pages_of_intervals_are_whole_intervals_also_over_a_long_silence()
    {
        await using var history = server.New();
        await history.Open.AppendAsync(Batch(1, [.. Enumerable.Range(0, 30).Select(i => At(i, i)), .. Enumerable.Range(0, 30).Select(i => At((86_400 * 40) + i, 100 + i))]), Cancelled);
        var first = await history.Open.ReadEveryAsync(Device, Depth, Noon, Noon.AddDays(60), TimeSpan.FromSeconds(10), 4, null, Cancelled);
        var second = await history.Open.ReadEveryAsync(Device, Depth, Noon, Noon.AddDays(60), TimeSpan.FromSeconds(10), 4, first.Next, Cancelled);
        Assert.Equal([4.5, 14.5, 24.5, 104.5], first.Items.Select(item => item.Mean));
        Assert.Equal([114.5, 124.5], second.Items.Select(item => item.Mean));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task An_import_counts_what_was_there_already_and_leaves_it_as_it_was()
    {
        await using var history = server.New();
        await history.Open.AppendAsync(Batch(1, At(0, 1)), Cancelled);
        Assert.Equal(new HistoryImport(2, 2), await history.Open.ImportAsync([At(0, 99), At(-10, 2), At(10, 3), At(10, 4)], Cancelled));
        Assert.Equal(new HistoryImport(0, 4), await history.Open.ImportAsync([At(0, 99), At(-10, 2), At(10, 3), At(10, 4)], Cancelled));
        Assert.Equal([2, 1, 3], (await history.AllAsync("wl-017")).Select(point => point.Value));
        Assert.Single(await history.ArrivalsAsync(Street, DateTimeOffset.UnixEpoch));
    }

    [Theory]
    [InlineData(48_000)]
    [InlineData(1_000)]
    public async Task Arrivals_come_back_as_the_batches_they_came_in_and_in_that_order(int partLength)
    {
        await using var history = server.New(options => options.ArrivalPartLength = partLength);
        var first = Batch(1, [At(50, 1), At(20, 2), .. Enumerable.Range(0, 100).Select(i => At(60 + (i / 1000.0), i / 3.0, "many-" + i))]);
        var second = Batch(2, At(230, 4)) with
        {
            Events = [new(new("cam-1"), "e-1 \"\\\n火", new("fire_smoke"), EventState.Start, 0.91, "https://example.test/1.jpg?a=b,c d", null, [0.1, 0.2, 0.3, 0.4], Noon.AddSeconds(231), Noon.AddSeconds(232))],
            Positions = [new(new("car-1"), 119.93, 31.77, 8.3, null, Noon.AddSeconds(231), Noon.AddSeconds(232))],
            Statuses = [new(new("cam-1"), true, Noon.AddSeconds(231), Noon.AddSeconds(232))],
            LateReadings = [At(-100_000, 7)],
            LateEvents = [new(new("cam-1"), "e-0", new("fire_smoke"), EventState.End, null, null, null, [], Noon.AddDays(-2), Noon.AddSeconds(232))],
        };
        await history.Open.AppendAsync(second, Cancelled);
        await history.Open.AppendAsync(first, Cancelled);
        await history.Open.AppendAsync(Batch(1, At(0, 9, "other")) with { Street = new("320404005") }, Cancelled);
        var arrivals = await history.ArrivalsAsync(Street, Noon);
        Assert.Equal([1, 2], arrivals.Select(batch => batch.Sequence));
        Assert.Equal(first.Readings, arrivals[0].Readings);
        Assert.Equal(second.Readings, arrivals[1].Readings);
        Assert.Equal(second.Events[0].Box, arrivals[1].Events[0].Box);
        Assert.Equal(second.Events[0], arrivals[1].Events[0] with { Box = second.Events[0].Box });
        Assert.Equal(second.Positions, arrivals[1].Positions);
        Assert.Equal(second.Statuses, arrivals[1].Statuses);
        Assert.Empty(arrivals[1].LateReadings);
        Assert.Equal([7, 2, 1, 4], (await history.AllAsync("wl-017")).Select(point => point.Value));
    }

    [Fact]
    public async Task Arrivals_begin_at_the_given_receipt()
    {
        await using var history = server.New();
        await history.Open.AppendAsync(Batch(1, At(0, 1)), Cancelled);
        await history.Open.AppendAsync(Batch(2, At(10, 2), At(20, 3)), Cancelled);
        Assert.Equal([3], Assert.Single(await history.ArrivalsAsync(Street, Noon.AddSeconds(20))).Readings.Select(reading => reading.Value));
    }

    [Fact]
    public async Task More_arrivals_than_a_page_of_the_same_millisecond_come_complete_and_in_order()
    {
        await using var history = server.New(options => options.ArrivalPartLength = 1_000);
        await Task.WhenAll(Enumerable.Range(1, 300).Select(i => history.Open.AppendAsync(
            Batch(i, [.. Enumerable.Range(0, i % 50).Select(n => At(i + (n / 1000.0), n) with { ReceivedAt = Noon })]) with { Statuses = [new(Device, true, Noon, Noon)] }, Cancelled)));
        var arrivals = await history.ArrivalsAsync(Street, Noon);
        Assert.Equal(Enumerable.Range(1, 300).Select(i => (long)i), arrivals.Select(batch => batch.Sequence));
        Assert.Equal(Enumerable.Range(1, 300).Select(i => i % 50), arrivals.Select(batch => batch.Readings.Length));
    }

    [Fact]
    public async Task A_line_that_the_server_refuses_is_left_out_and_counted_and_the_others_are_stored()
    {
        await using var history = server.New();
        await history.Open.AppendAsync(Batch(1, At(0, 1)), Cancelled);
        var before = CountRefused(out var listener);
        using (listener)
        {
            // Somebody else made "online" of the statuses a number: InfluxDB refuses ours in that shard.
            Assert.Equal(204, await history.WriteAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"statuses,device=x online=1 {Noon.ToUnixTimeMilliseconds()}")));
            await history.Open.AppendAsync(Batch(2, At(1, 2), At(2, 3)) with { Statuses = [new(Device, true, Noon, Noon)] }, Cancelled);
            Assert.Equal(1, before());
        }

        Assert.Equal([1, 2, 3], (await history.AllAsync("wl-017")).Select(point => point.Value));
    }

    [Fact]
    public async Task Database_and_policies_are_made_and_follow_the_setting()
    {
        await using var history = server.New(options =>
        {
            options.RetentionDays = 180;
            options.ArrivalDays = 30;
        });
        await history.Open.AppendAsync(Batch(1), Cancelled);
        await history.AllAsync("wl-017");
        Assert.Equal([("commandcenter", "4320h0m0s", true), ("commandcenter_arrivals", "720h0m0s", false)], await PoliciesAsync(history));
        history.Options.RetentionDays = 20;
        await history.RestartAsync();
        await history.AllAsync("wl-017");
        Assert.Equal([("commandcenter", "480h0m0s", true), ("commandcenter_arrivals", "480h0m0s", false)], await PoliciesAsync(history));
    }

    [Fact]
    public async Task A_database_that_is_dropped_while_we_run_is_made_again()
    {
        await using var history = server.New();
        await history.Open.AppendAsync(Batch(1, At(0, 1)), Cancelled);
        await history.QueryAsync($"DROP DATABASE \"{history.Options.Database}\"");
        await history.Open.AppendAsync(Batch(2, At(1, 2)), Cancelled);
        Assert.Equal([2], (await history.AllAsync("wl-017")).Select(point => point.Value));
    }

    private static async Task<List<(string, string, bool)>> PoliciesAsync(InfluxTest history) =>
    [
        .. (await history.QueryAsync($"SHOW RETENTION POLICIES ON \"{history.Options.Database}\"")).GetProperty("series")[0].GetProperty("values").EnumerateArray()
            .Select(row => (row[0].GetString()!, row[1].GetString()!, row[4].GetBoolean())).Where(policy => policy.Item1 != "autogen"),
    ];

    private static Func<long> CountRefused(out MeterListener listener)
    {
        var count = 0L;
        listener = new MeterListener { InstrumentPublished = (instrument, all) => { if (instrument.Name == "history.refused") { all.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                Interlocked.Add(ref count, tag is { Key: "reason", Value: "server" } ? value : 0);
            }
        });
        listener.Start();
        return () => Interlocked.Read(ref count);
    }
}
