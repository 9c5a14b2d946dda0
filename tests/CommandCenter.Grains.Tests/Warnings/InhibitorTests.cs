using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;
using CsCheck;

namespace CommandCenter.Grains.Tests.Warnings;

/// <summary>What a graver warning explains is held back, whichever came first; what threatens life never is.</summary>
public sealed class InhibitorTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly AreaId Street = new("320404002");

    private static readonly Dictionary<string, DeviceRegistration> Devices = new DeviceRegistration[]
    {
        Device("cam-1", "camera", "switch:sw-1"), Device("cam-2", "camera", "switch:sw-2"), Device("sw-1", "link", "power:p-1"), Device("sw-2", "link"), Device("p-1", "power"),
        Device("gas-1", "gas", "switch:sw-1"),
    }.ToDictionary(device => device.Id.Value, StringComparer.Ordinal);

    private static readonly RuleDefinition Switch = Rule("S", """{"rules":["K","G"],"same":"switch"}""");
    private static readonly RuleDefinition Power = Rule("P", """[{"kinds":["link","camera"],"same":"power"}]""");
    private static readonly RuleDefinition Place = Rule("L", """{"kinds":["camera"],"same":"place","withinMetres":100}""");

    [Fact]
    public void A_camera_behind_a_switch_that_is_down_is_held_back_and_one_behind_another_is_not()
    {
        var (book, inhibitor) = Make();
        var down = Raise(book, "S", "sw-1", Colour.Yellow);
        var behind = Raise(book, "K", "cam-1", Colour.Yellow);
        var other = Raise(book, "K", "cam-2", Colour.Yellow);

        inhibitor.Settle(Start);

        Assert.Equal(down, book.Find(behind)!.InhibitedBy);
        Assert.Null(book.Find(other)!.InhibitedBy);
        Assert.Null(book.Find(down)!.InhibitedBy);
    }

    [Fact]
    public void A_lesser_warning_holds_back_no_graver_one()
    {
        var (book, inhibitor) = Make();
        Raise(book, "S", "sw-1", Colour.Yellow);
        var graver = Raise(book, "K", "cam-1", Colour.Orange);

        inhibitor.Settle(Start);

        Assert.Null(book.Find(graver)!.InhibitedBy);
        Assert.Null(book.Find(graver)!.Cause);
    }

    [Fact]
    public void Red_where_life_is_threatened_stands_beside_its_cause_and_speaks()
    {
        var (book, inhibitor) = Make();
        var down = Raise(book, "S", "sw-1", Colour.Red);
        var gas = Raise(book, "G", "gas-1", Colour.Red, "SJ-21-01");
        var camera = Raise(book, "K", "cam-1", Colour.Red, "SJ-21-21");

        inhibitor.Settle(Start);

        Assert.Equal((down, (WarningId?)null), (book.Find(gas)!.Cause!.Value, book.Find(gas)!.InhibitedBy));
        Assert.Equal(down, book.Find(camera)!.InhibitedBy);
    }

    [Fact]
    public void What_hangs_on_a_switch_hangs_on_its_power_supply_too()
    {
        var (book, inhibitor) = Make();
        var power = Raise(book, "P", "p-1", Colour.Orange);
        var camera = Raise(book, "K", "cam-1", Colour.Yellow);
        var link = Raise(book, "K", "sw-1", Colour.Yellow);

        inhibitor.Settle(Start);

        Assert.Equal(power, book.Find(camera)!.InhibitedBy);
        Assert.Equal(power, book.Find(link)!.InhibitedBy);
    }

    [Fact]
    public void When_the_cause_is_over_and_it_still_stands_it_speaks_and_wants_its_incident()
    {
        var (book, inhibitor) = Make();
        var down = Raise(book, "S", "sw-1", Colour.Orange);
        var camera = Raise(book, "K", "cam-1", Colour.Orange);
        inhibitor.Settle(Start);
        var wantedWhileHeld = WarningDeciding.WantsIncident(book.Find(camera)!, null);

        book.Change(book.Find(down)! with { State = WarningState.Cleared, ClearedAt = Start });
        inhibitor.Settle(Start);

        Assert.False(wantedWhileHeld);
        Assert.Null(book.Find(camera)!.InhibitedBy);
        Assert.True(WarningDeciding.WantsIncident(book.Find(camera)!, null));
    }

    [Fact]
    public void What_is_held_back_is_not_counted_as_unacknowledged()
    {
        var (book, inhibitor) = Make();
        Raise(book, "S", "sw-1", Colour.Orange);
        Raise(book, "K", "cam-1", Colour.Orange);

        inhibitor.Settle(Start);

        Assert.Equal(1, book.Count().Unacknowledged);
    }

    [Fact]
    public void Its_incident_goes_into_that_of_the_cause_once_both_are_known()
    {
        var (book, inhibitor) = Make();
        var camera = Raise(book, "K", "cam-1", Colour.Orange);
        book.Change(book.Find(camera)! with { Incident = new("i-1") });
        inhibitor.Settle(Start);
        var down = Raise(book, "S", "sw-1", Colour.Orange);
        inhibitor.Settle(Start);
        var before = inhibitor.Joins.Count;

        book.Change(book.Find(down)! with { Incident = new("i-2") });
        inhibitor.Settle(Start);

        Assert.Equal(0, before);
        Assert.Equal((new IncidentId("i-1"), new IncidentId("i-2")), inhibitor.Joins[camera]);
    }

    [Fact]
    public void Of_two_that_would_hold_back_each_other_one_speaks()
    {
        var rules = new[] { Rule("A", """{"rules":["B"],"same":"street"}"""), Rule("B", """{"rules":["A"],"same":"street"}""") }.ToDictionary(rule => rule.Id);
        var book = new WarningBook(new());
        var inhibitor = new Inhibitor(book, rules.GetValueOrDefault, Devices.GetValueOrDefault);
        var one = Raise(book, "A", "cam-1", Colour.Orange);
        var other = Raise(book, "B", "cam-2", Colour.Orange);

        inhibitor.Settle(Start);
        inhibitor.Reconsider();
        inhibitor.Settle(Start);

        Assert.Single(new[] { one, other }, id => book.Find(id)!.InhibitedBy is null);
    }

    [Fact]
    public void A_cause_in_another_street_counts_as_one_here()
    {
        var (book, inhibitor) = Make();
        var camera = Raise(book, "K", "cam-1", Colour.Yellow);
        inhibitor.Settle(Start);
        var elsewhere = new WarningCause { Id = new("w-x"), Rule = Switch.Id, Subject = "switch:sw-1", Colour = Colour.Yellow, OnsetAt = Start, Street = new("320404003") };

        Assert.True(inhibitor.PutForeign([elsewhere]));
        Assert.False(inhibitor.PutForeign([elsewhere]));
        inhibitor.Settle(Start);
        var held = book.Find(camera)!.InhibitedBy;
        inhibitor.PutForeign([]);
        inhibitor.Settle(Start);

        Assert.Equal(elsewhere.Id, held);
        Assert.Null(book.Find(camera)!.InhibitedBy);
    }

    [Fact]
    public void Whichever_comes_first_the_same_are_held_back_by_the_same() =>
        Gen.Select(Gen.Int[0, 5].Array[2, 14], Gen.Int[1, 4].Array[14]).Sample((picks, colours) =>
        {
            var raised = picks.Distinct().Select((pick, index) => (Pick: pick, Colour: (Colour)colours[index])).ToArray();
            var inOrder = Held(raised, everyOne: true);
            var backwards = Held([.. raised.Reverse()], everyOne: true);
            var atOnce = Held(raised, everyOne: false);

            Assert.Equal(inOrder, backwards);
            Assert.Equal(inOrder, atOnce);
        }, iter: 500);

    private static string[] Held((int Pick, Colour Colour)[] raised, bool everyOne)
    {
        var (book, inhibitor) = Make();
        (string Rule, string Subject)[] all = [("S", "sw-1"), ("K", "cam-1"), ("K", "cam-2"), ("P", "p-1"), ("L", "sw-2"), ("G", "gas-1")];
        foreach (var (pick, colour) in raised)
        {
            Raise(book, all[pick].Rule, all[pick].Subject, colour);
            if (everyOne)
            {
                inhibitor.Settle(Start);
            }
        }

        inhibitor.Settle(Start);
        return [.. book.Open.Select(warning => $"{warning.Rule} {warning.Subject} {warning.InhibitedBy}").Order(StringComparer.Ordinal)];
    }

    private static (WarningBook Book, Inhibitor Inhibitor) Make()
    {
        var rules = new[] { Switch, Power, Place }.ToDictionary(rule => rule.Id);
        var book = new WarningBook(new());
        return (book, new(book, rules.GetValueOrDefault, Devices.GetValueOrDefault));
    }

    private static WarningId Raise(WarningBook book, string rule, string subject, Colour colour, string? code = null)
    {
        var device = Devices[subject];
        var warning = new WarningView
        {
            Id = new($"w-{rule}-{subject}"), Rule = new(rule), RuleVersion = 1, Subject = subject, Area = Street, Colour = colour, PeakColour = colour, State = WarningState.Raised,
            OnsetAt = Start, RaisedAt = Start, Reason = "…", Longitude = device.Longitude, Latitude = device.Latitude, IncidentPolicy = IncidentPolicy.Open,
            Class = code is null ? null : new ClassCode(code),
        };
        book.Change(warning);
        return warning.Id;
    }

    private static RuleDefinition Rule(string id, string inhibits) =>
        RuleParsing.Parse(new(id), """{"kind":"threshold","quantity":"pm25","levels":{"blue":{"value":1}},"inhibits":""" + inhibits + "}", 1).Rule!;

    private static DeviceRegistration Device(string id, string kind, params string[] tags) =>
        new() { Id = new(id), Name = id, Kind = kind, Street = Street, Tags = [.. tags], Longitude = 119.93, Latitude = 31.77 };
}
