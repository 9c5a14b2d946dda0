using CommandCenter.Grains.Contracts;
using CsCheck;
using Xunit;
using static CommandCenter.Grains.Tests.History.TemporaryHistory;

namespace CommandCenter.Grains.Tests.History;

/// <summary>The file against a plain dictionary: whatever the order, the repeats and the restarts, both hold the same.</summary>
public sealed class HistoryModelTests
{
    private static readonly QuantityId[] Quantities = [new("water_depth"), new("battery")];

    private static readonly Gen<Reading> Readings = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 1], Gen.Int[-20, 20], Gen.Double[-100, 100],
        (device, quantity, at, value) => new Reading(new($"d-{device}"), Quantities[quantity], value, Noon.AddMilliseconds(at), Noon, Quality.Good));

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (8, Gen.Select(Gen.Int[1, 6], Gen.Int[0, 1], Readings.List[0, 8], (sequence, node, readings) => new Step(StepKind.Append, sequence, node, readings))),
        (2, Readings.List[0, 8].Select(readings => new Step(StepKind.Import, 0, 0, readings))),
        (1, Gen.Const(new Step(StepKind.Restart, 0, 0, []))),
        (1, Gen.Const(new Step(StepKind.Upkeep, 0, 0, []))));

    private enum StepKind { Append, Import, Restart, Upkeep }

    private sealed record Step(StepKind Kind, int Sequence, int Node, List<Reading> Readings);

    [Fact]
    public async Task The_file_holds_what_a_dictionary_would_hold()
    {
        await Steps.List[1, 25].SampleAsync(async steps =>
        {
            await using var history = new TemporaryHistory(options => options.NewestKnownMax = 5);
            var model = new Dictionary<(string, string, long), double>();
            var seen = new HashSet<(int, int)>();
            foreach (var step in steps)
            {
                switch (step.Kind)
                {
                    case StepKind.Append:
                        await history.Open.AppendAsync(new() { Node = $"n-{step.Node}", Sequence = step.Sequence, Street = new("s"), Readings = [.. step.Readings] });
                        if (seen.Add((step.Node, step.Sequence)))
                        {
                            Apply(model, step.Readings);
                        }

                        break;
                    case StepKind.Import:
                        var added = Apply(model, step.Readings);
                        Assert.Equal(new HistoryImport(added, step.Readings.Count - added), await history.Open.ImportAsync([.. step.Readings]));
                        break;
                    case StepKind.Restart:
                        await history.RestartAsync();
                        break;
                    case StepKind.Upkeep:
                        await history.Open.UpkeepAsync();
                        break;
                }
            }

            for (var device = 0; device < 4; device++)
            {
                foreach (var quantity in Quantities)
                {
                    var page = await history.Open.ReadRawAsync(new($"d-{device}"), quantity, Noon.AddDays(-1), Noon.AddDays(1), 1000, null);
                    var expected = model.Where(row => row.Key.Item1 == $"d-{device}" && row.Key.Item2 == quantity.Value).OrderBy(row => row.Key.Item3)
                        .Select(row => new HistoryPoint(DateTimeOffset.FromUnixTimeMilliseconds(row.Key.Item3), row.Value, Quality.Good));
                    Assert.Equal(expected, page.Items);
                }
            }
        }, iter: 30, threads: 1);
    }

    private static int Apply(Dictionary<(string, string, long), double> model, List<Reading> readings) =>
        readings.Count(reading => model.TryAdd((reading.Device.Value, reading.Quantity.Value, reading.ObservedAt.ToUnixTimeMilliseconds()), reading.Value));
}
