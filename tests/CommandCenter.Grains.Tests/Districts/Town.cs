using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Districts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Districts;

/// <summary>Three streets and their district, with the reports between them in the test's own hands.</summary>
internal sealed class Town
{
    public static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    public static readonly AreaId District = new("320404");
    public static readonly ImmutableArray<AreaId> Areas = [new("320404002"), new("320404003"), new("320404004")];

    private static readonly ImmutableArray<AreaDescription> Descriptions =
    [
        Describe(District, AreaKind.District), .. Areas.Select(area => Describe(area, AreaKind.Street)), Describe(new("320404400"), AreaKind.Overlay),
    ];

    private readonly ImmutableArray<RuleDefinition> _rules;

    public Town(params string[] rules)
    {
        _rules = [.. rules.Select((rule, index) => RuleParsing.Parse(new($"T{index}"), rule, 1) is { Rule: { } parsed } ? parsed : throw new InvalidOperationException(rule))];
        Streets = [.. Areas.Select(MakeStreet)];
        Judgement = MakeDistrict(Start);
    }

    public ImmutableArray<StreetJudgement> Streets { get; private set; }
    public DistrictJudgement Judgement { get; private set; }

    /// <summary>What became of each warning of the district, as its store would know it.</summary>
    public Dictionary<WarningId, WarningView> Record { get; } = [];

    public static DeviceRegistration Device(int street, int number, string kind = "air") => new()
    {
        Id = new($"d{street}{number}"), Name = $"d{street}{number}", Kind = kind, Street = Areas[street], IntervalSeconds = 60,
        Longitude = 119.93 + (street * 0.001), Latitude = 31.77 + (number * 0.001), Areas = number == 0 ? [new("320404400")] : [],
    };

    /// <summary>A street reads a value of a device at the second, and ticks.</summary>
    public void Read(int street, int number, double second, double value)
    {
        var at = Start.AddSeconds(second);
        Streets[street].Apply(new()
        {
            Node = "n", Sequence = 0, Street = Areas[street], Readings = [new(Device(street, number).Id, new("pm25"), value, at, at, Quality.Good)],
        });
        Streets[street].AdvanceHolds(at);
    }

    public void Tick(int street, double second) => Streets[street].Advance(Start.AddSeconds(second));

    public AreaReport Report(int street, double second, string epoch = "e")
    {
        var now = Start.AddSeconds(second);
        var (from, facts, whole, covered) = Streets[street].Feed.Report(now.ToUnixTimeMilliseconds());
        return new() { Street = Areas[street], Epoch = epoch, FromSeq = from, Facts = facts, Whole = whole, CoveredTo = covered, Shares = Streets[street].Shares(now), Causes = Streets[street].Inhibitor.Own };
    }

    public AreaReportTaken Deliver(AreaReport report, double second)
    {
        var now = Start.AddSeconds(second);
        var taken = Judgement.Take(report, now);
        Judgement.Advance(now, now);
        Note();
        return taken;
    }

    /// <summary>Every street ticks and tells at the second, as in a quiet network.</summary>
    public void TellAll(double second, params int[] silent)
    {
        for (var street = 0; street < Streets.Length; street++)
        {
            Tick(street, second);
            if (!silent.Contains(street))
            {
                var taken = Deliver(Report(street, second), second);
                Streets[street].Feed.Taken(taken.Seq, taken.WantsWhole);
            }
        }

        Judgement.Advance(Start.AddSeconds(second), Start.AddSeconds(second));
        Note();
    }

    public void TellEachSecond(int from, int to, params int[] silent)
    {
        for (var second = from; second <= to; second++)
        {
            TellAll(second, silent);
        }
    }

    /// <summary>The district's grain ends and another begins: from its snapshot and stored warnings, or from the warnings alone.</summary>
    public void RestartDistrict(double second, bool withSnapshot)
    {
        var snapshot = Judgement.WriteSnapshot();
        Judgement = MakeDistrict(Start.AddSeconds(second));
        foreach (var warning in Record.Values.Where(warning => warning.State != WarningState.Cleared))
        {
            Judgement.Warnings.Load(warning);
        }

        if (withSnapshot)
        {
            Assert.True(Judgement.ReadSnapshot(snapshot));
        }

        foreach (var life in Judgement.Rules.AllLives())
        {
            if (Judgement.Warnings.Find(life.Life.Rule.Id, life.Subject.Id) is null)
            {
                AreaRuleEngine.Forget(life);
            }
        }

        foreach (var warning in Judgement.Warnings.Open.ToArray())
        {
            Judgement.TakeBack(warning, Start.AddSeconds(second));
        }
    }

    /// <summary>The street's grain moves: its snapshot is read elsewhere, and it tells everything anew.</summary>
    public void MoveStreet(int street)
    {
        var moved = MakeStreet(Areas[street]);
        foreach (var warning in Streets[street].Warnings.Open)
        {
            moved.Warnings.Load(warning);
        }

        Assert.True(moved.ReadSnapshot(Streets[street].WriteSnapshot()));
        moved.SynchronizeAreas(Start);
        Streets = Streets.SetItem(street, moved);
    }

    public List<string> Facts() =>
    [
        .. Record.Values.Select(warning => string.Join(' ', warning.Rule, warning.Subject, warning.State, warning.Colour, warning.PeakColour,
            (warning.OnsetAt - Start).TotalSeconds, (warning.RaisedAt - Start)?.TotalSeconds, (warning.ClearedAt - Start)?.TotalSeconds)).Order(StringComparer.Ordinal),
    ];

    private StreetJudgement MakeStreet(AreaId area)
    {
        var street = new StreetJudgement(area);
        var index = Areas.IndexOf(area);
        street.PutDevices([.. Enumerable.Range(0, 4).Select(number => Device(index, number))], [], Start);
        street.PutRules(_rules, Start);
        return street;
    }

    private DistrictJudgement MakeDistrict(DateTimeOffset now)
    {
        var district = new DistrictJudgement(District, Descriptions, new(new()), new(), now);
        district.PutRules(_rules, now);
        return district;
    }

    private void Note()
    {
        foreach (var warning in Judgement.Warnings.Unsaved.Values)
        {
            Record[warning.Id] = warning;
        }

        foreach (var dropped in Judgement.Warnings.DroppedUnsaved)
        {
            Record.Remove(dropped);
        }

        Judgement.Warnings.Unsaved.Clear();
        Judgement.Warnings.DroppedUnsaved.Clear();
    }

    private static AreaDescription Describe(AreaId id, AreaKind kind) => new(id, new(id.Value, id.Value), kind, null, true, 119.9, 31.78);
}
