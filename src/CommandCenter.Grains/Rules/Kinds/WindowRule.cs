using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

internal enum Aggregate { Sum, Mean, Max, Min, Range, Percentile, Count, LAeq }

/// <summary>What a window condition measures.</summary>
/// <param name="ViewsMs">The different spans, longest first.</param>
/// <param name="ViewOfLevel">Which of them each level judges.</param>
/// <param name="StepMs">Judged at multiples of this since the epoch; null: at each reading.</param>
/// <param name="MinCoverage">Below this share of the span with data it does not judge.</param>
/// <param name="Counts">Count only: readings that count; null: all.</param>
internal sealed record WindowParameters(
    Aggregate Aggregate, int Percent, RuleDirection Direction, ImmutableArray<long> ViewsMs, ImmutableArray<byte> ViewOfLevel, long? StepMs, double MinCoverage,
    RuleGuard? Counts)
{
    /// <summary>Events that are counted instead of readings; empty: readings.</summary>
    public ImmutableArray<string> Types { get; init; } = [];
    public double MinConfidence { get; init; }
}

/// <summary>An aggregate of a quantity over a sliding window or over slots, in spans of its own for each colour.</summary>
internal static class WindowRule
{
    private static readonly string[] Words = ["sum", "mean", "max", "min", "range", "count", "laeq", "p50", "p90", "p95", "p99"];

    public static RuleKindEntry Entry { get; } = new("window", RuleKind.Window, new("滑动窗口", "Sliding window"), true)
    {
        Parameters =
        [
            new("quantity", ParameterType.Quantity),
            new("types", ParameterType.Texts),
            new("minConfidence", ParameterType.Number, Max: 1, Usual: 0.0),
            new("aggregate", ParameterType.Word, Needed: true) { Words = [.. Words] },
            RuleParameter.Of("when", ["above", "below"], "above"),
            RuleParameter.Seconds("spanSeconds", needed: true, min: 1),
            RuleParameter.Seconds("stepSeconds", min: 1),
            new("minCoverage", ParameterType.Number, Max: 1),
            RuleParameter.Of("countWhen", ["above", "below"], "above"),
            new("countValue", ParameterType.Number, Min: double.MinValue),
        ],
        LevelParameters = [RuleParameter.Seconds("spanSeconds", min: 1)],
        Read = Read,
        Measure = (condition, device) => new WindowMeasure((WindowParameters)condition.Own!, device.IntervalSeconds * 1000L),
        DirectionOf = own => ((WindowParameters)own!).Direction,
    };

    private static WindowParameters Read(KindFields fields)
    {
        var values = fields.Values;
        var word = values.Word("aggregate");
        var direction = values.Word("when") == "below" ? RuleDirection.Below : RuleDirection.Above;
        var aggregate = word switch
        {
            "sum" => Aggregate.Sum,
            "mean" => Aggregate.Mean,
            "max" => Aggregate.Max,
            "min" => Aggregate.Min,
            "range" => Aggregate.Range,
            "count" => Aggregate.Count,
            "laeq" => Aggregate.LAeq,
            _ => Aggregate.Percentile,
        };
        var types = values.Texts("types");
        CheckSource(fields, aggregate, direction, types);
        var span = values.Milliseconds("spanSeconds");
        var step = values.MillisecondsOrNull("stepSeconds");
        var spans = fields.ByLevel.Select(level => level.MillisecondsOrNull("spanSeconds") ?? span).DefaultIfEmpty(span).ToImmutableArray();
        if (step is { } slot && spans.Any(one => one % slot != 0))
        {
            fields.Errors.Add(fields.Path + "stepSeconds", "every spanSeconds must be a multiple of it");
        }

        if (aggregate != Aggregate.Count && values.Has("countValue"))
        {
            fields.Errors.Add(fields.Path + "countValue", "goes with the aggregate count only");
        }

        if (aggregate == Aggregate.LAeq && values.Quantity("quantity") is { } quantity && QuantityKinds.Find(quantity)?.Unit != "dB")
        {
            fields.Errors.Add(fields.Path + "aggregate", "laeq is for a quantity in dB");
        }

        var views = spans.Distinct().OrderDescending().ToImmutableArray();
        return new(
            aggregate, aggregate == Aggregate.Percentile ? int.Parse(word.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture) : 0, direction, views,
            [.. spans.Select(one => (byte)views.IndexOf(one))], step, types.IsEmpty ? values.NumberOrNull("minCoverage") ?? UsualCoverage(aggregate, direction) : 0,
            values.NumberOrNull("countValue") is { } counted
                ? new RuleGuard(default, values.Word("countWhen") == "below" ? RuleDirection.Below : RuleDirection.Above, counted, false, null) : null)
        {
            Types = types, MinConfidence = values.Number("minConfidence"),
        };
    }

    private static void CheckSource(KindFields fields, Aggregate aggregate, RuleDirection direction, ImmutableArray<string> types)
    {
        var (values, path, errors) = (fields.Values, fields.Path, fields.Errors);
        if (values.Has("quantity") == !types.IsEmpty)
        {
            errors.Add(path + "quantity", "exactly one of quantity and types is needed");
        }

        if (types.IsEmpty)
        {
            return;
        }

        if (types.FirstOrDefault(type => EventTypes.Find(new EventTypeId(type)) is null) is { } unknown)
        {
            errors.Add(path + "types", $"{unknown} is not in the vocabulary");
        }

        if (aggregate != Aggregate.Count || direction != RuleDirection.Above || values.Has("stepSeconds") || values.Has("countValue"))
        {
            errors.Add(path + "aggregate", "events are counted: count above, without stepSeconds and countValue");
        }
    }

    // What is missing can only add to a sum, a count or a maximum: where those are already beyond the level, no more data is needed to say so.
    private static double UsualCoverage(Aggregate aggregate, RuleDirection direction) =>
        direction == RuleDirection.Above && aggregate is Aggregate.Sum or Aggregate.Count or Aggregate.Max or Aggregate.Range ? 0 : 0.75;
}
