using System.Collections.Immutable;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace Benchmarks.Parts;

/// <summary>The rule core alone: one street, 1,000 devices, a set of four-colour rules for each, batches of 1,000 readings in the quiet state.
/// An operation is one reading: the target is 2,000,000 per second and core with ten rules per device, without allocation.</summary>
[MemoryDiagnoser, InProcess]
public class RuleCore
{
    private const int Devices = 1_000;
    private const int Batches = 64;

    private static readonly string[] Parameters =
    [
        """{"quantity":"water_depth","aggregate":"mean","spanSeconds":600}""",
        """{"quantity":"water_depth","aggregate":"max","spanSeconds":3600}""",
        """{"quantity":"water_depth","aggregate":"p95","spanSeconds":600}""",
        """{"quantity":"water_depth","aggregate":"sum","spanSeconds":600,"stepSeconds":60}""",
    ];

    private readonly StreetJudgement street = new(new AreaId("320404002"));
    private readonly IngestBatch[] batches = new IngestBatch[Batches];
    private long round;

    /// <summary>One plain threshold; ten of them; six of them with two windows, a rate and a stuck value; ten windows.</summary>
    [Params("1 threshold", "10 thresholds", "10 mixed", "10 windows")]
    public string Rules { get; set; } = string.Empty;

    [GlobalSetup]
    public void Setup()
    {
        var start = DateTimeOffset.UnixEpoch.AddDays(20_000);
        street.PutRules([.. Enumerable.Range(0, Rules[0] == '1' && Rules[1] == ' ' ? 1 : 10).Select(Rule)], start);
        street.PutDevices([.. Enumerable.Range(0, Devices).Select(RuleLoading.Device)], [], start);
        // Windows are full before the measurement begins.
        for (var i = 0; i < 4000 / Batches; i++)
        {
            NextRounds();
            Judge();
        }
    }

    // Times must move on, or every reading would be a repeat: the next rounds are made outside the measured time.
    [IterationSetup]
    public void NextRounds()
    {
        for (var i = 0; i < Batches; i++)
        {
            batches[i] = Batch(round + i, DateTimeOffset.UnixEpoch.AddDays(20_000));
        }
    }

    [Benchmark(OperationsPerInvoke = Devices * Batches)]
    public int Judge()
    {
        foreach (var batch in batches)
        {
            street.Apply(batch);
            street.ChangedSlots.Clear();
        }

        round += Batches;
        return street.Rules.LiveCount;
    }

    private RuleDefinition Rule(int number) => Rules switch
    {
        "10 windows" => RuleLoading.Rule(number, "window", Parameters[number % Parameters.Length]),
        "10 mixed" when number is 6 or 7 => RuleLoading.Rule(number, "window", Parameters[number - 6]),
        "10 mixed" when number == 8 => RuleLoading.Rule(number, "rate", """{"quantity":"water_depth","periodSeconds":600}"""),
        "10 mixed" when number == 9 => RuleLoading.Rule(number, "stuck", """{"quantity":"water_depth"}"""),
        _ => RuleLoading.Rule(number, "threshold", null),
    };

    private static IngestBatch Batch(long number, DateTimeOffset start)
    {
        var at = start.AddSeconds((number + 1) * 10);
        return new IngestBatch
        {
            Node = "bench", Sequence = number, Street = new AreaId("320404002"),
            Readings = [.. Enumerable.Range(0, Devices).Select(device =>
                new Reading(new DeviceId($"b-{device}"), new QuantityId("water_depth"), (device + number) % 90, at, at, Quality.Good))],
        };
    }
}

/// <summary>What a street pays to come up or to take new rules: 50,000 devices of ten kinds under 60 rules, in force for all of them. The target is 2 s.</summary>
[MemoryDiagnoser, InProcess]
public class RuleLoading
{
    private const int Devices = 50_000;
    private static readonly string[] Kinds = ["water_level", "gas", "noise", "air", "camera", "smoke", "manhole", "hydrant", "power", "vehicle"];
    private readonly ImmutableArray<DeviceRegistration> devices = [.. Enumerable.Range(0, Devices).Select(number => Device(number) with { Kind = Kinds[number % Kinds.Length] })];

    private readonly ImmutableArray<RuleDefinition> rules =
    [
        .. Enumerable.Range(0, 60).Select(number => number % 6 == 5
            ? Rule(number, "absence", """{"multiple":3}""")
            : Rule(number, "threshold", null) with { Select = new() { Kinds = [Kinds[number % Kinds.Length]], NotTags = ["spare"] } }),
    ];

    [Benchmark]
    public int Load()
    {
        var street = new StreetJudgement(new AreaId("320404002"));
        street.PutDevices(devices, [], DateTimeOffset.UnixEpoch);
        street.PutRules(rules, DateTimeOffset.UnixEpoch);
        return street.State.SlotEnd;
    }

    internal static DeviceRegistration Device(int number) => new()
    {
        Id = new DeviceId($"b-{number}"), Name = $"b-{number}", Kind = "water_level", Street = new AreaId("320404002"), IntervalSeconds = 60,
        Quantities = [new DeviceQuantity { Name = new QuantityId("water_depth"), Unit = "mm" }],
    };

    internal static RuleDefinition Rule(int number, string kind, string? parameters)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"B{number:00}");
        var what = parameters is null ? "\"quantity\":\"water_depth\",\"when\":\"above\"" : "\"parameters\":" + parameters;
        var document = $$$"""
            {"id":"{{{id}}}","name":{"zh":"基准","en":"benchmark"},"kind":"{{{kind}}}","enabled":true,"select":{"kinds":[]},{{{what}}},
             "levels":{"blue":{"value":{{{100_000 + number}}},"onDelaySeconds":120},"yellow":{"value":{{{150_000 + number}}},"onDelaySeconds":120},
                       "orange":{"value":{{{200_000 + number}}},"onDelaySeconds":120},"red":{"value":{{{250_000 + number}}},"onDelaySeconds":60}},
             "minSamples":2,"offDelaySeconds":600}
            """;
        var parsed = RuleParsing.Parse(new RuleId(id), document, 1);
        return parsed.Rule ?? throw new InvalidOperationException(string.Join("; ", parsed.Errors.Select(error => $"{error.Key}: {error.Value[0]}")));
    }
}
