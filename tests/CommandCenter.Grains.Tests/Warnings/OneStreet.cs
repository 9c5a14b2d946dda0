using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Warnings;

/// <summary>A street with gauges, fed by seconds since its start, for tests of the life of warnings.</summary>
internal sealed class OneStreet
{
    public static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    public static readonly AreaId Street = new("320404002");
    public static readonly Actor Wang = new() { Id = "wang", Name = "王芳", Kind = ActorKind.User, Roles = [Role.Duty], Areas = [Street] };
    public static readonly Actor Li = Wang with { Id = "li", Name = "李强" };
    public static readonly Actor Leader = Wang with { Id = "chen", Name = "陈局", Roles = [Role.Leader] };

    public OneStreet(WarningsOptions? options = null, RuleDefinition? rule = null, int gauges = 1)
    {
        Options = options ?? new();
        Machine = new(Street, Options);
        Machine.PutDevices([.. Enumerable.Range(1, gauges).Select(Gauge)], [], Start);
        Machine.PutRules([rule ?? AtOnce], Start);
    }

    /// <summary>Orange from 200, red from 300, no hold, one reading is enough, recovers at once below 280.</summary>
    public static RuleDefinition AtOnce { get; } = RuleParsing.Parse(
        new("R90"),
        """
        {"name":{"zh":"积水","en":"Water"},"kind":"threshold","quantity":"water_depth","when":"above","minSamples":1,"deadband":0,"offDelaySeconds":0,"class":"SJ-04-06","plan":"P01",
         "select":{"kinds":["water_level"]},
         "levels":{"yellow":{"value":100,"onDelaySeconds":0,"incident":"suggest"},"orange":{"value":200,"onDelaySeconds":0,"incident":"open"},"red":{"value":300,"onDelaySeconds":0,"incident":"open"}}}
        """,
        1).Rule!;

    public WarningsOptions Options { get; }
    public StreetJudgement Machine { get; }
    public WarningBook Book => Machine.Warnings;
    public WarningView Only => Assert.Single(Book.Open);

    public static DeviceRegistration Gauge(int number) => new()
    {
        Id = new($"wl-{number}"), Name = $"积水{number}", Kind = "water_level", Street = Street, IntervalSeconds = 60, Tags = ["underpass"], Areas = [new("320404400")],
    };

    public static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    /// <summary>One reading of the gauge at the second, judged and settled as the street's turn does it.</summary>
    public OneStreet Read(double second, double value, int gauge = 1)
    {
        var at = At(second);
        Machine.Apply(new()
        {
            Node = "n", Sequence = (long)second, Street = Street,
            Readings = [new(new($"wl-{gauge}"), new("water_depth"), value, at, at, Quality.Good)],
        });
        Machine.AdvanceHolds(at);
        return this;
    }

    public OneStreet Tick(double second)
    {
        Machine.Advance(At(second));
        return this;
    }

    public Outcome<WarningView> Execute(WarningCommand command, Actor actor, double second)
    {
        Tick(second);
        var outcome = WarningDeciding.Execute(Only, command, actor, At(second), Options);
        if (outcome is { Succeeded: true, Repeated: false })
        {
            Book.Change(outcome.Value!);
            Book.Settle(At(second));
        }

        return outcome;
    }

    /// <summary>What a street does once its changes are stored.</summary>
    public void Stored()
    {
        Book.Unsaved.Clear();
        Book.NewlyRaised.Clear();
        Book.Touched.Clear();
    }

    public static MaintenanceWindow Window(double from, double to, MaintenanceKind kind = MaintenanceKind.Maintenance) => new()
    {
        Id = "m-20261124-001", Kind = kind, Reason = "更换探头", From = At(from), To = At(to), Devices = [new("wl-1")], By = "wang", At = Start, Version = 1,
    };

    public void PutWindows(double second, params MaintenanceWindow[] windows)
    {
        Machine.PutWindows([.. windows], At(second));
        Tick(second);
    }

    public static IEnumerable<WarningChangeKind> Kinds(WarningView warning) => warning.Changes.Select(change => change.Kind);
}
