using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History;
using CsCheck;
using Xunit;
using static CommandCenter.Grains.Tests.History.TemporaryHistory;

namespace CommandCenter.Grains.Tests.History;

/// <summary>Each engine against a plain dictionary: whatever the order, the repeats and the restarts, both hold the same.</summary>
public sealed class HistoryModelTests(InfluxServer server) : IClassFixture<InfluxServer>
{
    private static readonly QuantityId[] Quantities = [new("water_depth"), new("battery")];

    private static readonly Gen<Reading> Readings = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 1], Gen.Int[-20, 20], Gen.Double[-100, 100],
        (device, quantity, at, value) => new Reading(new($"d-{device}"), Quantities[quantity], value, Noon.AddMilliseconds(at), Noon, Quality.Good));

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (8, Gen.Select(Gen.Int[1, 6], Gen.Int[0, 1], Readings.List[0, 8], (sequence, node, readings) => new Step(StepKind.Append, sequence, node, readings))),
        (2, Readings.List[0, 8].Select(readings => new Step(StepKind.Import, 0, 0, readings))),
        (1, Gen.Const(new Step(StepKind.Restart, 0, 0, []))),
        (1, Gen.Const(new Step(StepKind.Upkeep, 0, 0, []))),
        (2, Gen.Const(new Step(StepKind.Sort, 0, 0, []))));

    private enum StepKind { Append, Import, Restart, Upkeep, Sort }

    private sealed record Step(StepKind Kind, int Sequence, int Node, List<Reading> Readings);

    [Fact]
    public async Task The_file_holds_what_a_dictionary_would_hold()
    {
        await Steps.List[1, 25].SampleAsync(async steps =>
        {
            await using var history = new TemporaryHistory(options => options.NewestKnownMax = 5);
            await CompareAsync(steps, () => history.Open, history.RestartAsync, () => history.Open.UpkeepAsync(), () => history.Open.SortAsync(), firstStays: true);
        }, iter: 15, threads: 1);
    }

    [Fact]
    public async Task InfluxDb_holds_what_a_dictionary_would_hold()
    {
        await Steps.List[1, 25].SampleAsync(async steps =>
        {
            await using var history = server.New(options => options.ArrivalPartLength = 1_000);
            await CompareAsync(steps, () => history.Open, history.RestartAsync, () => Task.CompletedTask, () => Task.CompletedTask, firstStays: false);
        }, iter: 30, threads: 1);
    }

    private static async Task CompareAsync(List<Step> steps, Func<IReadingHistory> history, Func<Task> restart, Func<Task> upkeep, Func<Task> sort, bool firstStays)
    {
        var model = new Dictionary<(string, string, long), double>();
        var arrived = new Dictionary<(int Sequence, int Node), List<Reading>>();
        foreach (var step in steps)
        {
            switch (step.Kind)
            {
                case StepKind.Append:
                    // A number is given once: the batch that comes again under it is the same.
                    var readings = arrived.GetValueOrDefault((step.Sequence, step.Node), step.Readings);
                    await history().AppendAsync(new() { Node = $"n-{step.Node}", Sequence = step.Sequence, Street = new("s"), Readings = [.. readings] });
                    if (arrived.TryAdd((step.Sequence, step.Node), readings) || !firstStays)
                    {
                        Apply(model, readings, firstStays);
                    }

                    break;
                case StepKind.Import:
                    var added = Apply(model, step.Readings, firstStays: true);
                    Assert.Equal(new HistoryImport(added, step.Readings.Count - added), await history().ImportAsync([.. step.Readings]));
                    break;
                case StepKind.Restart:
                    await restart();
                    break;
                case StepKind.Sort:
                    await sort();
                    break;
                case StepKind.Upkeep:
                    await upkeep();
                    break;
            }
        }

        for (var device = 0; device < 4; device++)
        {
            foreach (var quantity in Quantities)
            {
                var page = await history().ReadRawAsync(new($"d-{device}"), quantity, Noon.AddDays(-1), Noon.AddDays(1), 1000, null);
                var expected = model.Where(row => row.Key.Item1 == $"d-{device}" && row.Key.Item2 == quantity.Value).OrderBy(row => row.Key.Item3)
                    .Select(row => new HistoryPoint(DateTimeOffset.FromUnixTimeMilliseconds(row.Key.Item3), row.Value, Quality.Good)).ToList();
                Assert.Equal(expected, page.Items);
                var intervals = await history().ReadEveryAsync(new($"d-{device}"), quantity, Noon.AddDays(-1), Noon.AddDays(1), TimeSpan.FromSeconds(1), 1000, null);
                Assert.Equal(
                    expected.GroupBy(point => point.At < Noon).Select(group => (group.Key ? Noon.AddSeconds(-1) : Noon, group.Min(point => point.Value), group.Max(point => point.Value), (long)group.Count())),
                    intervals.Items.Select(interval => (interval.At, interval.Min, interval.Max, interval.Count)));
            }
        }

        // What a street replays is every reading that came in a batch, whichever batch it stands in; the file leaves out those that an import had brought before.
        var replayed = new HashSet<(DeviceId, QuantityId, DateTimeOffset)>();
        await foreach (var batch in history().ReadArrivalsAsync(new("s"), Noon))
        {
            replayed.UnionWith(batch.Readings.Select(reading => (reading.Device, reading.Quantity, reading.ObservedAt)));
        }

        var came = arrived.Values.SelectMany(readings => readings).Select(reading => (reading.Device, reading.Quantity, reading.ObservedAt)).ToHashSet();
        Assert.True(firstStays ? replayed.IsSubsetOf(came) : replayed.SetEquals(came));
    }

    private static int Apply(Dictionary<(string, string, long), double> model, List<Reading> readings, bool firstStays)
    {
        var before = model.Count;
        foreach (var reading in readings)
        {
            var key = (reading.Device.Value, reading.Quantity.Value, reading.ObservedAt.ToUnixTimeMilliseconds());
            if (!model.TryAdd(key, reading.Value) && !firstStays)
            {
                model[key] = reading.Value;
            }
        }

        return model.Count - before;
    }
}
