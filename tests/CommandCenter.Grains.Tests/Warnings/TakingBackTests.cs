using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Warnings;

/// <summary>What becomes of a stored open warning when its street comes up.</summary>
public sealed class TakingBackTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly AreaId Street = new("320404002");
    private static readonly DeviceRegistration Gauge = new() { Id = new("wl-1"), Name = "wl-1", Kind = "water_level", Street = Street, IntervalSeconds = 60 };
    private static readonly RuleDefinition Road = RulePack.Shipped["R01"];

    [Fact]
    public void A_warning_whose_rule_still_judges_goes_on_without_its_snapshot()
    {
        var (street, red) = Restarted([Gauge], Road);

        Assert.Empty(street.Warnings.Unsaved);
        Assert.NotNull(street.Rules.FindLife(red.Rule, red.Subject));
        Assert.Equal(WarningState.Raised, street.Warnings.Find(red.Id)!.State);
    }

    [Fact]
    public void A_raised_warning_of_a_withdrawn_rule_is_cleared_and_says_why()
    {
        var (street, red) = Restarted([Gauge], Road with { Enabled = false });

        var cleared = street.Warnings.Unsaved[red.Id];
        Assert.Equal((WarningState.Cleared, Start.AddHours(1)), (cleared.State, cleared.ClearedAt!.Value));
        Assert.EndsWith("规则或设备已撤销", cleared.Reason, StringComparison.Ordinal);
        Assert.Equal(red.Version + 1, cleared.Version);
        Assert.Empty(street.Warnings.Open);
    }

    [Fact]
    public void A_raised_warning_of_a_device_that_left_is_cleared()
    {
        var (street, red) = Restarted([], Road);

        Assert.Equal(WarningState.Cleared, street.Warnings.Unsaved[red.Id].State);
    }

    [Fact]
    public void A_raised_warning_of_a_rule_that_no_longer_selects_the_device_is_cleared()
    {
        var (street, red) = Restarted([Gauge], Road with { Select = RulePack.Shipped["R17"].Select });

        Assert.Equal(WarningState.Cleared, street.Warnings.Unsaved[red.Id].State);
    }

    [Fact]
    public void Where_the_rule_asks_for_a_person_the_warning_waits_for_one()
    {
        var (street, red) = Restarted([Gauge], Road with { Enabled = false, ManualClear = true });

        var waiting = street.Warnings.Find(red.Id)!;
        Assert.Equal((WarningState.Raised, Start.AddHours(1)), (waiting.State, waiting.RecoveredAt!.Value));
        street.TakeBack(waiting, Start.AddHours(2));
        Assert.Same(waiting, street.Warnings.Find(red.Id));
    }

    [Fact]
    public void A_pending_of_a_withdrawn_rule_comes_to_nothing()
    {
        var pending = Stored(secondsUp: 0);
        var street = Make([Gauge], Road with { Enabled = false });
        street.Warnings.Load(pending);
        street.TakeBack(pending, Start.AddHours(1));

        Assert.Equal(WarningState.Pending, pending.State);
        Assert.Empty(street.Warnings.Open);
        Assert.Contains(pending.Id, street.Warnings.DroppedUnsaved);
    }

    [Fact]
    public void Silence_before_the_street_listens_is_nobodys_absence_also_for_what_is_replayed()
    {
        var street = Make([Gauge], RuleParsing.Parse(new("R90"), """{"kind":"absence","levels":{"yellow":{}},"select":{"kinds":["water_level"]}}""", 1).Rule!);
        var up = Start.AddHours(1);
        street.Apply(Batch(0, 0));

        street.Rules.ListeningSince = up.ToUnixTimeMilliseconds();
        street.Apply(Batch(3500, 0));
        street.Advance(up);

        Assert.Empty(street.Warnings.Open);
        street.Advance(up.AddHours(1));
        Assert.Equal(WarningState.Raised, Assert.Single(street.Warnings.Open).State);
    }

    [Fact]
    public void The_newest_receipt_tells_how_far_the_state_reaches()
    {
        var street = Make([Gauge], Road);

        street.Apply(Batch(90, 1));
        street.Apply(Batch(60, 1));

        Assert.Equal(Start.AddSeconds(90), street.NewestReceivedAt);
    }

    private static (StreetJudgement Street, WarningView Red) Restarted(DeviceRegistration[] devices, RuleDefinition rule)
    {
        var red = Stored(secondsUp: 90);
        Assert.Equal((WarningState.Raised, Colour.Red), (red.State, red.Colour));
        var street = Make(devices, rule);
        street.Warnings.Load(red);
        street.TakeBack(red, Start.AddHours(1));
        return (street, red);
    }

    private static WarningView Stored(int secondsUp)
    {
        var street = Make([Gauge], Road);
        for (var second = 0; second <= secondsUp; second += 10)
        {
            street.Apply(Batch(second, 300));
        }

        return Assert.Single(street.Warnings.Open);
    }

    private static StreetJudgement Make(DeviceRegistration[] devices, RuleDefinition rule)
    {
        var street = new StreetJudgement(Street);
        street.PutDevices([.. devices], [], Start);
        street.PutRules([rule], Start);
        return street;
    }

    private static IngestBatch Batch(int second, double value) => new()
    {
        Node = "n", Sequence = second, Street = Street,
        Readings = [new(Gauge.Id, new("water_depth"), value, Start.AddSeconds(second), Start.AddSeconds(second), Quality.Good)],
    };
}
