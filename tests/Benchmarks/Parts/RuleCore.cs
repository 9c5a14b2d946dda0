using System.Collections.Immutable;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace Benchmarks.Parts;

/// <summary>The rule core alone: one street, 1,000 devices, ten four-colour rules for each, batches of 1,000 readings in the quiet state.
/// An operation is one reading: the target is 2,000,000 per second and core, without allocation.</summary>
[MemoryDiagnoser, InProcess]
public class RuleCore
{
    private const int Devices = 1_000;
    private const int Batches = 64;
    private readonly StreetJudgement street = new(new AreaId("320404002"));
    private readonly IngestBatch[] batches = new IngestBatch[Batches];
    private long round;

    [Params(1, 10)]
    public int RulesPerDevice { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var start = DateTimeOffset.UnixEpoch.AddDays(20_000);
        street.PutRules([.. Enumerable.Range(0, RulesPerDevice).Select(Rule)], start);
        street.PutDevices([.. Enumerable.Range(0, Devices).Select(Device)], [], start);
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

    private static RuleDefinition Rule(int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"B{number:00}");
        var document = $$$"""
            {"id":"{{{id}}}","name":{"zh":"基准","en":"benchmark"},"kind":"threshold","enabled":true,"select":{"kinds":["water_level"]},"quantity":"water_depth","when":"above",
             "levels":{"blue":{"value":{{{1000 + number}}},"onDelaySeconds":120},"yellow":{"value":{{{1500 + number}}},"onDelaySeconds":120},
                       "orange":{"value":{{{2000 + number}}},"onDelaySeconds":120},"red":{"value":{{{2500 + number}}},"onDelaySeconds":60}},
             "minSamples":2,"deadband":30,"offDelaySeconds":600}
            """;
        var parsed = RuleParsing.Parse(new RuleId(id), document, 1);
        return parsed.Rule ?? throw new InvalidOperationException(string.Join("; ", parsed.Errors.Select(error => $"{error.Key}: {error.Value[0]}")));
    }

    private static DeviceRegistration Device(int number) => new()
    {
        Id = new DeviceId($"b-{number}"), Name = $"b-{number}", Kind = "water_level", Street = new AreaId("320404002"), IntervalSeconds = 60,
        Quantities = [new DeviceQuantity { Name = new QuantityId("water_depth"), Unit = "mm" }],
    };

    private static IngestBatch Batch(long number, DateTimeOffset start)
    {
        var at = start.AddSeconds(number + 1);
        return new IngestBatch
        {
            Node = "bench", Sequence = number, Street = new AreaId("320404002"),
            Readings = [.. Enumerable.Range(0, Devices).Select(device =>
                new Reading(new DeviceId($"b-{device}"), new QuantityId("water_depth"), (device + number) % 90, at, at, Quality.Good))],
        };
    }
}
