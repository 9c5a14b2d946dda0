using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

internal enum BaselineBy { HourOfWeek, LastDays }

internal enum DeviationSide { Above, Below, Either }

/// <summary>What a baseline condition measures.</summary>
/// <param name="MinHistory">Weeks (hour of week) or days (last days) with data before it judges.</param>
/// <param name="MinReadings">Readings of the same hour before it judges.</param>
/// <param name="MinBaseline">A baseline nearer to zero than this does not judge.</param>
internal sealed record BaselineParameters(BaselineBy By, DeviationSide Side, bool Sigma, int MinHistory, int MinReadings, double MinBaseline);

/// <summary>A quantity against what it usually is at this hour: of the week, or of the last seven days.</summary>
internal static class BaselineRule
{
    public static RuleKindEntry Entry { get; } = new("baseline", RuleKind.Baseline, new("基线偏离", "Baseline deviation"), true)
    {
        Parameters =
        [
            new("quantity", ParameterType.Quantity, Needed: true),
            RuleParameter.Of("by", ["hour_of_week", "last_days"], "hour_of_week"),
            RuleParameter.Of("when", ["above", "below", "either"], "either"),
            RuleParameter.Of("measure", ["percent", "sigma"], "percent"),
            new("minHistory", ParameterType.Whole, Min: 1, Max: 52),
            new("minReadings", ParameterType.Whole, Min: 1, Max: 100_000, Usual: 3),
            new("minBaseline", ParameterType.Number, Usual: 0.0),
        ],
        Read = Read,
        Measure = (condition, _) => new BaselineMeasure((BaselineParameters)condition.Own!),
    };

    private static BaselineParameters Read(KindFields fields)
    {
        var values = fields.Values;
        var by = values.Word("by") == "last_days" ? BaselineBy.LastDays : BaselineBy.HourOfWeek;
        var history = values.NumberOrNull("minHistory") ?? (by == BaselineBy.LastDays ? 3 : 2);
        if (by == BaselineBy.LastDays && history > 7)
        {
            fields.Errors.Add(fields.Path + "minHistory", "must be from 1 to 7 for last_days");
        }

        return new(
            by, values.Word("when") switch { "above" => DeviationSide.Above, "below" => DeviationSide.Below, _ => DeviationSide.Either },
            values.Word("measure") == "sigma", (int)history, values.Whole("minReadings"), values.Number("minBaseline"));
    }
}
