using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

internal enum RateDirection { Rise, Fall, Either }

internal enum RateMethod { Slope, Change }

/// <summary>What a rate condition measures.</summary>
internal sealed record RateParameters(RateDirection Direction, RateMethod Method, bool Percent, long PeriodMs, long LookBackMs, long MinSpanMs, long MaxGapMs);

/// <summary>How fast a quantity changes: per stated period, over a look-back. A gap longer than allowed gives no rate.</summary>
internal static class RateRule
{
    public static RuleKindEntry Entry { get; } = new("rate", RuleKind.Rate, new("变化率", "Rate of change"), true)
    {
        Parameters =
        [
            new("quantity", ParameterType.Quantity, Needed: true),
            RuleParameter.Of("when", ["rise", "fall", "either"], "rise"),
            RuleParameter.Of("method", ["slope", "change"], "slope"),
            new("percent", ParameterType.YesNo, Usual: false),
            RuleParameter.Seconds("periodSeconds", needed: true, min: 1),
            RuleParameter.Seconds("lookBackSeconds", min: 1),
            RuleParameter.Seconds("minSpanSeconds"),
            RuleParameter.Seconds("maxGapSeconds", min: 1),
        ],
        Read = Read,
        Measure = (condition, _) => new RateMeasure((RateParameters)condition.Own!),
    };

    private static RateParameters Read(KindFields fields)
    {
        var values = fields.Values;
        var period = values.Milliseconds("periodSeconds");
        var lookBack = values.MillisecondsOrNull("lookBackSeconds") ?? period;
        var minSpan = values.MillisecondsOrNull("minSpanSeconds") ?? lookBack / 2;
        if (minSpan > lookBack)
        {
            fields.Errors.Add(fields.Path + "minSpanSeconds", "must not be longer than lookBackSeconds");
        }

        return new(
            values.Word("when") switch { "fall" => RateDirection.Fall, "either" => RateDirection.Either, _ => RateDirection.Rise },
            values.Word("method") == "change" ? RateMethod.Change : RateMethod.Slope,
            values.YesNo("percent"), period, lookBack, minSpan, values.MillisecondsOrNull("maxGapSeconds") ?? period);
    }
}
