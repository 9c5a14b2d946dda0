using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>The table of the shipped rules as the city's specification has it, against what the files make the engine do: a number that is silently wrong fails here.
/// Columns: id | what is measured, its level at blue/yellow/orange/red, and when a level counts as recovered | holds in seconds, with the tags, hours and counts of single
/// colours | seconds of recovery, 人工: a person clears | readings | class and plan | who is sent | whether the thresholds wait for a signature.</summary>
public sealed class RulePackTableTests
{
    // Its levels are those of the warnings that come in, so it has no row.
    private const string OfficialWarnings = "R57";

    private static readonly string[] Table = RulePackTable.Rows;

    public static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        foreach (var row in Table)
        {
            data.Add(row.Split('|')[0].Trim(), row);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_shipped_rule_is_that_of_the_table(string id, string row) => Assert.Equal(Tidy(row), Tell(RulePack.Shipped[id]));

    [Fact]
    public void No_rule_of_one_device_is_shipped_that_the_table_does_not_know()
    {
        var known = Table.Select(row => row.Split('|')[0].Trim()).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], RulePack.Shipped.Values.Where(rule => rule.Kind is not (RuleKind.Count or RuleKind.Composite)).Select(rule => rule.Id.Value).Except(known).Except([OfficialWarnings]));
    }

    [Fact]
    public void Every_rule_of_the_specification_is_shipped_but_that_of_official_warnings()
    {
        var numbers = RulePack.Shipped.Keys.Where(id => id[0] == 'R').Select(id => id[..3]).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], Enumerable.Range(1, 59).Select(number => string.Create(CultureInfo.InvariantCulture, $"R{number:00}")).Except(numbers).Except([OfficialWarnings]));
    }

    [Fact]
    public void Every_shipped_rule_has_a_class_of_the_dictionary_and_names_where_it_comes_from()
    {
        Assert.All(RulePack.Shipped.Values, rule =>
        {
            Assert.NotNull(IncidentClasses.Find(rule.Class!.Value));
            Assert.NotEqual(rule.Id.Value, rule.Name.Zh);
            Assert.NotEqual(rule.Name.Zh, rule.Name.En);
            Assert.Matches(@"\[(V|P|M|S)|CAP", Remark(rule, "basis"));
            Assert.NotEqual(string.Empty, Remark(rule, "unit"));
        });
    }

    [Fact]
    public void What_cannot_be_judged_yet_is_named_in_the_file_and_is_no_more_than_this()
    {
        var pending = RulePack.Shipped.Values.Where(rule => Remark(rule, "pending").Length > 0).Select(rule => rule.Id.Value);
        Assert.Equal(["C2", "R06", "R07", "R09", "R14", "R26", "R26-door", "R31", "R33", "R43", "R44-idle", "R52-red", "R54", "R55", "R59"], pending.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("R36", "tag:zone0", 50, 40)]
    [InlineData("R36", "tag:zone1", 55, 45)]
    [InlineData("R36", "tag:zone2", 60, 50)]
    [InlineData("R36", "tag:zone3", 65, 55)]
    [InlineData("R36", "tag:zone4a", 70, 55)]
    [InlineData("R36-night", "tag:zone0", 40, 40)]
    [InlineData("R36-night", "tag:zone1", 45, 45)]
    [InlineData("R36-night", "tag:zone2", 50, 50)]
    [InlineData("R36-night", "tag:zone3", 55, 55)]
    [InlineData("R36-night", "tag:zone4a", 55, 55)]
    [InlineData("R19", "tag:static_015", 0.15, 0.15)]
    [InlineData("R19", "tag:static_010", 0.10, 0.10)]
    [InlineData("R19", "tag:static_007", 0.07, 0.07)]
    public void The_table_of_a_tag_has_the_limits_of_day_and_night(string rule, string tag, double day, double night)
    {
        var reference = RulePack.Shipped[rule].Overrides[tag].Reference!;
        Assert.Equal((day, night), (reference.At(Shanghai(6)), reference.At(Shanghai(22))));
        Assert.Equal((night, day), (reference.At(Shanghai(6) - 1), reference.At(Shanghai(22) - 1)));
    }

    private static long Shanghai(int hour) => new DateTimeOffset(2026, 11, 24, hour, 0, 0, TimeSpan.FromHours(8)).ToUnixTimeMilliseconds();

    private static string Tidy(string row) => string.Join(" | ", row.Split('|').Select(part => part.Trim()));

    private static string Tell(RuleDefinition rule)
    {
        var measured = rule.Conditions.Select(condition => Measured(rule, condition));
        if (rule.Kind == RuleKind.Event)
        {
            measured = [$"{string.Join(',', rule.EventTypes)} {Colours(rule, level => Number(level.MinConfidence))}"];
        }
        else if (rule.Kind == RuleKind.Absence)
        {
            measured = [$"silent {Number(rule.Multiple)}"];
        }
        else if (rule.Kind is RuleKind.Count or RuleKind.Composite)
        {
            measured = [$"{rule.Kind.ToString().ToLowerInvariant()} {Colours(rule, level => Number(level.Value))}"];
        }

        var guards = rule.Guards.Select(guard => $"while {guard.Quantity} {Sign(guard.Direction, guard.Strict)} {Number(guard.Value)}");
        var hours = rule.Schedule is { } schedule ? $" @{schedule.From:HH}-{schedule.To:HH}" : string.Empty;
        return string.Join(
            " | ", rule.Id.Value, string.Join("; ", measured.Concat(guards)) + hours, Colours(rule, Hold),
            Number(rule.OffDelayMs / 1000.0) + (rule.ManualClear ? " 人工" : string.Empty), rule.MinSamples.ToString(CultureInfo.InvariantCulture),
            $"{rule.Class} {rule.Plan?.Value ?? "–"}", Remark(rule, "tasked"), Remark(rule, "calibration") is { Length: > 0 } waits ? waits : "–");
    }

    private static string Measured(RuleDefinition rule, RuleCondition condition)
    {
        var what = condition.Own switch
        {
            WindowParameters { Types.IsEmpty: false } events => $"count of {string.Join(',', events.Types)} {Number(events.MinConfidence)} ({Number(events.ViewsMs[0] / 1000.0)})",
            WindowParameters window => $"{Word(window)}({condition.Quantity} {string.Join('/', window.ViewOfLevel.Select(view => Number(window.ViewsMs[view] / 1000.0)).Distinct())}"
                + $"{(window.StepMs is { } step ? " step " + Number(step / 1000.0) : string.Empty)})",
            RateParameters rate => $"{rate.Direction.ToString().ToLowerInvariant()}({condition.Quantity} {Number(rate.PeriodMs / 1000.0)}{(rate.Percent ? " %" : string.Empty)})",
            BaselineParameters baseline => $"off usual {(baseline.By == BaselineBy.LastDays ? "days" : "week")}({condition.Quantity})",
            StuckParameters => $"stuck({condition.Quantity})",
            GeofenceParameters fence => fence.Side.ToString().ToLowerInvariant() + (fence.MinSpeedKmh is { } speed ? $" ≥ {Number(speed)} km/h" : string.Empty),
            _ => condition.Quantity?.Value ?? string.Empty,
        };
        var relative = condition.Relative switch
        {
            RelativeTo.Difference => " − ref", RelativeTo.Share => " ÷ ref", RelativeTo.Percent => " % of ref", RelativeTo.Deviation => " % off ref", _ => string.Empty,
        };
        var values = condition.Escalates > 0
            ? $"{Number(condition.Values[0])} climbs {condition.Escalates}"
            : Colours(rule, level => Number(condition.Values[rule.Levels.IndexOf(level)]));
        return $"{what}{relative} {Sign(condition.Direction, condition.Strict)} {values}{Back(condition)}";
    }

    private static string Word(WindowParameters window) => window.Counts is { } counted
        ? $"count {Sign(counted.Direction, counted.Strict)} {Number(counted.Value)} " : window.Aggregate.ToString().ToLowerInvariant();

    private static string Back(RuleCondition condition)
    {
        var back = condition.Deadband > 0 ? $" back {Number(condition.Deadband)}" : string.Empty;
        back += condition.DeadbandPercent > 0 ? $" back {Number(condition.DeadbandPercent)} %" : string.Empty;
        if (condition.Recovery is { } recovery)
        {
            back += recovery.Below is { } below ? $" till < {Number(below)}" : string.Empty;
            back += recovery.AtMost is { } most ? $" till ≤ {Number(most)}" : string.Empty;
            back += recovery.AtLeast is { } least ? $" till ≥ {Number(least)}" : string.Empty;
        }

        return back;
    }

    private static string Hold(RuleLevel level) =>
        Number(level.OnDelayMs / 1000.0) + (level.MinSamples is { } samples ? $"×{samples}" : string.Empty)
        + (level.Tags.IsEmpty ? string.Empty : $"[{string.Join(',', level.Tags)}]") + (level.Schedule is { } hours ? $"@{hours.From:HH}-{hours.To:HH}" : string.Empty);

    private static string Sign(RuleDirection direction, bool strict) => direction switch
    {
        RuleDirection.Above => strict ? ">" : "≥", RuleDirection.Below => strict ? "<" : "≤", _ => strict ? "±>" : "±",
    };

    private static string Colours(RuleDefinition rule, Func<RuleLevel, string> tell) =>
        string.Join('/', Enum.GetValues<Colour>().Select(colour => rule.Levels.FirstOrDefault(level => level.Colour == colour) is { } level ? tell(level) : "–"));

    private static string Number(double value) => double.IsNaN(value) ? "–" : value.ToString(CultureInfo.InvariantCulture);

    private static string Remark(RuleDefinition rule, string name)
    {
        using var document = JsonDocument.Parse(rule.Canonical);
        return !document.RootElement.TryGetProperty(name, out var remark) ? string.Empty
            : remark.ValueKind == JsonValueKind.Array ? string.Join(' ', remark.EnumerateArray().Select(word => word.GetString())) : remark.GetString()!;
    }
}
