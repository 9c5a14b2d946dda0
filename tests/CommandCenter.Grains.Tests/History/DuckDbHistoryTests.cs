using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History;
using Xunit;
using static CommandCenter.Grains.Tests.History.TemporaryHistory;

namespace CommandCenter.Grains.Tests.History;

public sealed class DuckDbHistoryTests
{
    private static readonly DeviceId Device = new("wl-017");
    private static readonly QuantityId Depth = new("water_depth");
    private static readonly AreaId Street = new("320404002");
    private static readonly DateTimeOffset Always = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Never = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Reading At(int second, double value, string device = "wl-017") =>
        new(new(device), Depth, value, Noon.AddSeconds(second), Noon.AddSeconds(second).AddMilliseconds(5), Quality.Good);

    private static IngestBatch Batch(long sequence, params Reading[] readings) =>
        new() { Node = "node-1", Sequence = sequence, Street = Street, Readings = [.. readings] };

    private static async Task<ImmutableArray<HistoryPoint>> AllAsync(DuckDbHistory history, string device = "wl-017") =>
        (await history.ReadRawAsync(new(device), Depth, Always, Never, 1000, null, Cancelled)).Items;

    private static async Task<List<IngestBatch>> ArrivalsAsync(DuckDbHistory history, DateTimeOffset from, AreaId? street = null)
    {
        var batches = new List<IngestBatch>();
        await foreach (var batch in history.ReadArrivalsAsync(street ?? Street, from, Cancelled))
        {
            batches.Add(batch);
        }

        return batches;
    }

    [Fact]
    public async Task A_stored_reading_is_read_back_with_its_time_value_and_quality()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, At(0, 152) with { Quality = Quality.Suspect }), Cancelled);
        Assert.Equal([new HistoryPoint(Noon, 152, Quality.Suspect)], await AllAsync(history.Open));
    }

    [Fact]
    public async Task Late_events_positions_and_statuses_are_kept_and_never_returned_as_arrivals()
    {
        await using var history = new TemporaryHistory();
        var device = new DeviceId("wl-017");
        await history.Open.AppendAsync(
            Batch(1, At(0, 1)) with
            {
                LateEvents = [new(device, "e-1", new("smoke"), EventState.Start, null, null, null, [], Noon.AddDays(-2), Noon)],
                LatePositions = [new(device, 119.9, 31.8, null, null, Noon.AddDays(-2), Noon)],
                LateStatuses = [new(device, true, Noon.AddDays(-2), Noon)],
            },
            Cancelled);

        var arrived = Assert.Single(await ArrivalsAsync(history.Open, Always));
        Assert.Equal((1, 0, 0, 0), (arrived.Readings.Length, arrived.Events.Length, arrived.Positions.Length, arrived.Statuses.Length));
        var kept = await history.CountAsync("events", "positions", "statuses");
        Assert.Equal([1L, 1L, 1L], kept);
    }

    [Fact]
    public async Task The_same_batch_again_adds_nothing()
    {
        await using var history = new TemporaryHistory();
        var batch = Batch(7, At(0, 100), At(10, 110));
        for (var i = 0; i < 5; i++)
        {
            await history.Open.AppendAsync(batch, Cancelled);
        }

        Assert.Equal(2, (await AllAsync(history.Open)).Length);
        Assert.Single(await ArrivalsAsync(history.Open, Always));
    }

    [Fact]
    public async Task The_same_batch_again_after_a_restart_adds_nothing()
    {
        await using var history = new TemporaryHistory();
        var batch = Batch(7, At(0, 100), At(10, 110)) with { Positions = [new(Device, 119.9, 31.7, 3, null, Noon, Noon)] };
        await history.Open.AppendAsync(batch, Cancelled);
        await history.RestartAsync();
        await history.Open.AppendAsync(batch, Cancelled);
        var arrivals = await ArrivalsAsync(history.Open, Always);
        Assert.Equal(batch.Readings, Assert.Single(arrivals).Readings);
        Assert.Equal(batch.Positions, arrivals[0].Positions);
    }

    [Fact]
    public async Task The_same_reading_in_another_batch_adds_nothing_and_the_first_value_stays()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, At(0, 100), At(10, 110)), Cancelled);
        await history.Open.AppendAsync(Batch(2, At(0, 999), At(5, 105), At(10, 999)), Cancelled);
        Assert.Equal([100, 105, 110], (await AllAsync(history.Open)).Select(point => point.Value));
    }

    [Fact]
    public async Task Of_equal_readings_in_one_batch_the_first_stays()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, At(10, 1), At(10, 2), At(5, 3), At(5, 4)), Cancelled);
        Assert.Equal([3, 1], (await AllAsync(history.Open)).Select(point => point.Value));
    }

    [Fact]
    public async Task The_same_sequence_of_another_node_or_street_is_another_batch()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, At(0, 1)), Cancelled);
        await history.Open.AppendAsync(Batch(1, At(1, 2)) with { Node = "node-2" }, Cancelled);
        await history.Open.AppendAsync(Batch(1, At(2, 3)) with { Street = new("320404003") }, Cancelled);
        Assert.Equal([1, 2, 3], (await AllAsync(history.Open)).Select(point => point.Value));
    }

    [Fact]
    public async Task A_batch_with_a_lower_number_that_was_never_stored_is_stored()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(9, At(10, 1)), Cancelled);
        await history.Open.AppendAsync(Batch(3, At(5, 2)), Cancelled);
        Assert.Equal([2, 1], (await AllAsync(history.Open)).Select(point => point.Value));
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repeat()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, [.. Enumerable.Range(0, 10).Select(i => At(i, i))]), Cancelled);
        var values = new List<double>();
        string? cursor = null;
        var pages = 0;
        do
        {
            var page = await history.Open.ReadRawAsync(Device, Depth, Noon.AddSeconds(1), Noon.AddSeconds(9), 4, cursor, Cancelled);
            values.AddRange(page.Items.Select(point => point.Value));
            cursor = page.Next;
            pages++;
        }
        while (cursor is not null);

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], values);
        Assert.Equal(2, pages);
    }

    [Fact]
    public async Task A_cursor_that_no_list_gave_is_refused()
    {
        await using var history = new TemporaryHistory();
        await Assert.ThrowsAsync<ArgumentException>(() => history.Open.ReadRawAsync(Device, Depth, Always, Never, 10, "x' OR 1", Cancelled));
    }

    [Fact]
    public async Task Intervals_are_aligned_to_the_epoch_also_before_it()
    {
        await using var history = new TemporaryHistory();
        var epoch = DateTimeOffset.UnixEpoch;
        await history.Open.ImportAsync(
            [.. new[] { -301, -300, -1, 0, 299, 300 }.Select((second, i) => new Reading(Device, Depth, i, epoch.AddSeconds(second), Noon, Quality.Good))], Cancelled);
        var page = await history.Open.ReadEveryAsync(Device, Depth, epoch.AddDays(-1), epoch.AddDays(1), TimeSpan.FromMinutes(5), 100, null, Cancelled);
        Assert.Equal(
            [
                new HistoryInterval(epoch.AddSeconds(-600), 0, 0, 0, 1),
                new HistoryInterval(epoch.AddSeconds(-300), 1.5, 1, 2, 2),
                new HistoryInterval(epoch, 3.5, 3, 4, 2),
                new HistoryInterval(epoch.AddSeconds(300), 5, 5, 5, 1),
            ],
            page.Items);
    }

    [Fact]
    public async Task Pages_of_intervals_are_whole_intervals()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, [.. Enumerable.Range(0, 60).Select(i => At(i, i))]), Cancelled);
        var first = await history.Open.ReadEveryAsync(Device, Depth, Noon, Noon.AddMinutes(1), TimeSpan.FromSeconds(10), 4, null, Cancelled);
        var second = await history.Open.ReadEveryAsync(Device, Depth, Noon, Noon.AddMinutes(1), TimeSpan.FromSeconds(10), 4, first.Next, Cancelled);
        Assert.Equal([4.5, 14.5, 24.5, 34.5], first.Items.Select(item => item.Mean));
        Assert.Equal([44.5, 54.5], second.Items.Select(item => item.Mean));
        Assert.All(first.Items.AddRange(second.Items), item => Assert.Equal(10, item.Count));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Bad_values_are_kept_but_enter_no_mean()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, At(0, 10), At(1, 9999) with { Quality = Quality.Bad }), Cancelled);
        var page = await history.Open.ReadEveryAsync(Device, Depth, Noon, Noon.AddMinutes(1), TimeSpan.FromMinutes(1), 4, null, Cancelled);
        Assert.Equal([new HistoryInterval(Noon, 10, 10, 10, 1)], page.Items);
        Assert.Equal(2, (await AllAsync(history.Open)).Length);
    }

    [Fact]
    public async Task An_import_counts_what_was_there_already()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, At(0, 1)), Cancelled);
        Assert.Equal(new HistoryImport(2, 2), await history.Open.ImportAsync([At(0, 1), At(-10, 2), At(10, 3), At(10, 4)], Cancelled));
        Assert.Equal(new HistoryImport(0, 4), await history.Open.ImportAsync([At(0, 1), At(-10, 2), At(10, 3), At(10, 4)], Cancelled));
        Assert.Equal([2, 1, 3], (await AllAsync(history.Open)).Select(point => point.Value));
    }

    [Fact]
    public async Task Arrivals_come_back_as_the_batches_they_came_in_and_in_that_order()
    {
        await using var history = new TemporaryHistory();
        var first = Batch(1, At(50, 1), At(20, 2), At(60, 3, "wl-018"));
        var second = Batch(2, At(30, 4)) with
        {
            Events = [new(new("cam-1"), "e-1", new("fire_smoke"), EventState.Start, 0.91, "https://example.test/1.jpg", null, [0.1, 0.2, 0.3, 0.4], Noon.AddSeconds(31), Noon.AddSeconds(32))],
            Positions = [new(new("car-1"), 119.93, 31.77, 8.3, 90, Noon.AddSeconds(31), Noon.AddSeconds(32))],
            Statuses = [new(new("cam-1"), true, Noon.AddSeconds(31), Noon.AddSeconds(32))],
        };
        await history.Open.AppendAsync(first, Cancelled);
        await history.Open.AppendAsync(Batch(1, At(0, 9, "other")) with { Street = new("320404005") }, Cancelled);
        await history.Open.AppendAsync(second, Cancelled);
        await history.RestartAsync();
        var arrivals = await ArrivalsAsync(history.Open, Always);
        Assert.Equal([1, 2], arrivals.Select(batch => batch.Sequence));
        Assert.Equal(first.Readings, arrivals[0].Readings);
        Assert.Equal(second.Readings, arrivals[1].Readings);
        Assert.Equal(second.Events[0].Box, arrivals[1].Events[0].Box);
        Assert.Equal(second.Events[0], arrivals[1].Events[0] with { Box = second.Events[0].Box });
        Assert.Equal(second.Positions, arrivals[1].Positions);
        Assert.Equal(second.Statuses, arrivals[1].Statuses);
    }

    [Fact]
    public async Task Arrivals_begin_at_the_given_receipt()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, At(0, 1)), Cancelled);
        await history.Open.AppendAsync(Batch(2, At(10, 2), At(20, 3)), Cancelled);
        var arrivals = await ArrivalsAsync(history.Open, Noon.AddSeconds(20));
        Assert.Equal([3], Assert.Single(arrivals).Readings.Select(reading => reading.Value));
    }

    [Fact]
    public async Task Late_readings_and_imports_are_for_history_only()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, At(0, 1)) with { LateReadings = [At(-100_000, 2)] }, Cancelled);
        await history.Open.ImportAsync([At(-5, 3)], Cancelled);
        Assert.Equal([2, 3, 1], (await AllAsync(history.Open)).Select(point => point.Value));
        var arrivals = await ArrivalsAsync(history.Open, Always);
        Assert.Equal([1], Assert.Single(arrivals).Readings.Select(reading => reading.Value));
        Assert.Empty(arrivals[0].LateReadings);
    }

    [Fact]
    public async Task More_arrivals_than_one_query_holds_come_complete()
    {
        await using var history = new TemporaryHistory();
        await Task.WhenAll(Enumerable.Range(1, 1203).Select(i => history.Open.AppendAsync(Batch(i, At(i, i)), Cancelled)));
        var arrivals = await ArrivalsAsync(history.Open, Always);
        Assert.Equal(Enumerable.Range(1, 1203).Select(i => (long)i), arrivals.Select(batch => batch.Sequence).Order());
    }

    [Fact]
    public async Task An_event_is_kept_once_by_device_id_state_and_time()
    {
        await using var history = new TemporaryHistory();
        var start = new DeviceEvent(new("cam-1"), "e-1", new("fire_smoke"), EventState.Start, null, null, null, [], Noon, Noon);
        await history.Open.AppendAsync(Batch(1) with { Events = [start, start] }, Cancelled);
        await history.RestartAsync();
        await history.Open.AppendAsync(Batch(2) with { Events = [start, start with { State = EventState.End }, start with { EventId = "e-2" }, start with { ObservedAt = Noon.AddSeconds(-1) }] }, Cancelled);
        var arrivals = await ArrivalsAsync(history.Open, Always);
        Assert.Equal(
            [("e-1", EventState.Start, 0), ("e-1", EventState.End, 0), ("e-2", EventState.Start, 0), ("e-1", EventState.Start, -1)],
            arrivals.SelectMany(batch => batch.Events).Select(item => (item.EventId, item.State, (int)(item.ObservedAt - Noon).TotalSeconds)));
    }

    [Fact]
    public async Task What_was_acknowledged_survives_the_loss_of_the_process()
    {
        await using var history = new TemporaryHistory();
        var folder = Directory.CreateTempSubdirectory("history-copy-").FullName;
        try
        {
            await Task.WhenAll(Enumerable.Range(1, 200).Select(i => history.Open.AppendAsync(Batch(i, At(i, i)), Cancelled)));
            await using var copy = history.OpenCopyOfFiles(folder);
            Assert.Equal(200, (await AllAsync(copy)).Length);
            await copy.AppendAsync(Batch(200, At(200, 200)), Cancelled);
            await copy.AppendAsync(Batch(201, At(200, 200), At(201, 201)), Cancelled);
            Assert.Equal(201, (await AllAsync(copy)).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Retention_counts_from_the_receipt_and_drops_a_day_a_round()
    {
        await using var history = new TemporaryHistory(options => options.RetentionDays = 10);
        await history.Open.AppendAsync(Batch(1, At(0, 1)), Cancelled);
        await history.Open.ImportAsync([new(Device, Depth, 2, Noon.AddYears(-12), Noon.AddDays(3), Quality.Good)], Cancelled);
        history.City.Advance(TimeSpan.FromDays(10) + TimeSpan.FromMinutes(1));
        await history.Open.UpkeepAsync(Cancelled);
        Assert.Equal([2], (await AllAsync(history.Open)).Select(point => point.Value));
        await history.RestartAsync();
        await history.Open.AppendAsync(Batch(2, At(900_000, 3)), Cancelled);
        Assert.Equal([2, 3], (await AllAsync(history.Open)).Select(point => point.Value));
    }

    [Fact]
    public async Task Devices_beyond_the_remembered_ones_are_still_kept_once()
    {
        await using var history = new TemporaryHistory(options => options.NewestKnownMax = 2);
        for (var round = 0; round < 3; round++)
        {
            foreach (var device in new[] { "a", "b", "c", "d" })
            {
                await history.Open.AppendAsync(Batch((round * 10) + device[0], At(0, 1, device), At(round, 1, device)), Cancelled);
            }

            await history.RestartAsync();
        }

        foreach (var device in new[] { "a", "b", "c", "d" })
        {
            Assert.Equal(3, (await AllAsync(history.Open, device)).Length);
        }
    }

    [Fact]
    public async Task An_unknown_device_has_no_readings()
    {
        await using var history = new TemporaryHistory();
        await history.Open.AppendAsync(Batch(1, At(0, 1)), Cancelled);
        Assert.Empty(await AllAsync(history.Open, "nobody"));
    }

    [Fact]
    public async Task Sorted_rows_come_back_as_arrivals_in_the_order_they_came_in()
    {
        await using var history = new TemporaryHistory();
        var first = Batch(1, At(50, 1), At(20, 2) with { ReceivedAt = At(50, 0).ReceivedAt }, At(60, 3, "wl-001"), At(55, 4) with { ReceivedAt = At(60, 0).ReceivedAt });
        await history.Open.AppendAsync(first, Cancelled);
        await history.Open.AppendAsync(Batch(2, At(70, 5)), Cancelled);
        await history.Open.SortAsync(Cancelled);
        await history.Open.AppendAsync(Batch(3, At(65, 6), At(80, 7)), Cancelled);
        await history.RestartAsync();
        var arrivals = await ArrivalsAsync(history.Open, Always);
        Assert.Equal([1, 2, 3], arrivals.Select(batch => batch.Sequence));
        Assert.Equal(first.Readings.Where(reading => reading.Device == Device), arrivals[0].Readings.Where(reading => reading.Device == Device));
        Assert.Equal(first.Readings.ToHashSet(), arrivals[0].Readings.ToHashSet());
        Assert.Equal([2, 1, 4, 6, 5, 7], (await AllAsync(history.Open)).Select(point => point.Value));
    }

    [Fact]
    public async Task Rows_are_sorted_by_themselves_when_enough_have_come_and_nothing_is_lost_or_doubled()
    {
        await using var history = new TemporaryHistory(options => options.SortRows = 1_000);
        for (var batch = 0; batch < 20; batch++)
        {
            await history.Open.AppendAsync(Batch(batch + 1, [.. Enumerable.Range(0, 300).Select(i => At((batch * 300) + i, i, $"wl-{i % 7}"))]), Cancelled);
        }

        var stored = 0;
        for (var device = 0; device < 7; device++)
        {
            stored += (await AllAsync(history.Open, $"wl-{device}")).Length;
        }

        Assert.Equal(6_000, stored);
        var counts = await history.CountAsync("readings", "sorted", "all_readings");
        Assert.Equal(6_000, counts[0] + counts[1]);
        Assert.Equal(6_000, counts[2]);
        Assert.True(counts[1] >= 1_000, $"{counts[1]} rows are sorted.");
    }

    [Fact]
    public async Task Sorted_runs_past_their_retention_are_dropped_whole()
    {
        await using var history = new TemporaryHistory(options => options.RetentionDays = 10);
        await history.Open.AppendAsync(Batch(1, At(0, 1)), Cancelled);
        await history.Open.SortAsync(Cancelled);
        await history.Open.ImportAsync([new(Device, Depth, 2, Noon.AddYears(-12), Noon.AddDays(3), Quality.Good)], Cancelled);
        await history.Open.SortAsync(Cancelled);
        history.City.Advance(TimeSpan.FromDays(10) + TimeSpan.FromMinutes(1));
        await history.Open.SortAsync(Cancelled);
        Assert.Equal([2], (await AllAsync(history.Open)).Select(point => point.Value));
        var runs = await history.CountAsync("runs");
        Assert.Equal([1L], runs);
    }

    [Fact]
    public async Task A_file_of_the_first_release_is_read_and_goes_on()
    {
        await using var history = new TemporaryHistory();
        await history.WriteFirstReleaseAsync();
        Assert.Equal([7], (await AllAsync(history.Open)).Select(point => point.Value));
        await history.Open.AppendAsync(Batch(2, At(0, 9), At(1, 8)), Cancelled);
        await history.Open.SortAsync(Cancelled);
        Assert.Equal([7, 8], (await AllAsync(history.Open)).Select(point => point.Value));
        Assert.Equal([1, 2], (await ArrivalsAsync(history.Open, Always)).Select(batch => batch.Sequence));
    }
}
