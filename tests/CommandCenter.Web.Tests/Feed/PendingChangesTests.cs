using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CsCheck;

namespace CommandCenter.Web.Tests.Feed;

public sealed class PendingChangesTests
{
    // Few ids, so that frames often speak of the same device.
    private static readonly Gen<AreaFrame> Frames =
        from seq in Gen.Long[1, 1_000]
        from heartbeat in Gen.Bool
        from devices in Gen.Select(Gen.Int[0, 7], Gen.Int[0, 99]).Array[0, 6]
        from removedDevices in Gen.Int[0, 7].Array[0, 4]
        from warnings in Gen.Select(Gen.Int[0, 5], Gen.Int[0, 99]).Array[0, 4]
        from removedWarnings in Gen.Int[0, 5].Array[0, 3]
        from canary in Gen.Bool
        select new AreaFrame
        {
            Area = new AreaId("320404002"),
            Epoch = "e",
            Seq = seq,
            At = DateTimeOffset.UnixEpoch.AddSeconds(seq),
            Heartbeat = heartbeat,
            Devices = [.. devices.DistinctBy(device => device.Item1).Select(device => Device(device.Item1, device.Item2))],
            Warnings = [.. warnings.DistinctBy(warning => warning.Item1).Select(warning => Warning(warning.Item1, warning.Item2))],
            Removed = new Removed
            {
                Devices = [.. removedDevices.Distinct().Select(id => new DeviceId($"d{id}"))],
                Warnings = [.. removedWarnings.Distinct().Select(id => new WarningId($"w{id}"))],
            },
            CanaryPublishedAt = canary ? DateTimeOffset.UnixEpoch.AddSeconds(seq) : null,
        };

    [Fact]
    public void Applying_the_taken_frame_gives_what_applying_one_by_one_gives() =>
        Gen.Select(Frames, Frames.Array[0, 5]).Sample((start, frames) =>
        {
            var before = Apply(new(), start);
            var oneByOne = frames.Aggregate(before, Apply);
            return oneByOne.SetEquals(Apply(before, Take(frames)));
        });

    [Fact]
    public void An_id_is_present_or_removed_and_never_both() =>
        Frames.Array[0, 5].Sample(frames =>
        {
            var taken = Take(frames);
            return !taken.Removed.Devices.Intersect(taken.Devices.Select(device => device.Id)).Any()
                && !taken.Removed.Warnings.Intersect(taken.Warnings.Select(warning => warning.Id)).Any();
        });

    [Fact]
    public void What_was_taken_is_forgotten() =>
        Frames.Array[0, 5].Sample(frames =>
        {
            var pending = new PendingChanges();
            Array.ForEach(frames, pending.Add);
            pending.TakeInto(Empty);
            var again = pending.TakeInto(Empty);
            return pending.IsEmpty && again.Devices.IsEmpty && again.Warnings.IsEmpty && again.Removed.Devices.IsEmpty && again.Removed.Warnings.IsEmpty;
        });

    private static readonly AreaFrame Empty = new() { Area = new AreaId("320404002"), Epoch = "e", Seq = 1, At = DateTimeOffset.UnixEpoch };

    private static AreaFrame Take(AreaFrame[] frames)
    {
        var pending = new PendingChanges();
        Array.ForEach(frames, pending.Add);
        return pending.TakeInto(Empty);
    }

    private static HashSet<string> Apply(HashSet<string> state, AreaFrame frame)
    {
        var next = new HashSet<string>(state);
        next.RemoveWhere(entry => frame.Removed.Devices.Any(id => entry.StartsWith($"{id}=", StringComparison.Ordinal)) || frame.Removed.Warnings.Any(id => entry.StartsWith($"{id}=", StringComparison.Ordinal)));
        foreach (var device in frame.Devices)
        {
            next.RemoveWhere(entry => entry.StartsWith($"{device.Id}=", StringComparison.Ordinal));
            next.Add($"{device.Id}={device.Name}");
        }

        foreach (var warning in frame.Warnings)
        {
            next.RemoveWhere(entry => entry.StartsWith($"{warning.Id}=", StringComparison.Ordinal));
            next.Add($"{warning.Id}={warning.Version}");
        }

        return next;
    }

    private static DeviceSituation Device(int id, int value) =>
        new() { Id = new DeviceId($"d{id}"), State = DeviceState.Normal, Kind = "water_level", Name = $"v{value}", Street = new AreaId("320404002") };

    private static WarningView Warning(int id, int version) => new()
    {
        Id = new WarningId($"w{id}"), Rule = new RuleId("R01"), RuleVersion = 1, Subject = "d1", Area = new AreaId("320404002"), Colour = Colour.Red,
        PeakColour = Colour.Red, State = WarningState.Raised, OnsetAt = DateTimeOffset.UnixEpoch, Reason = "水深", Version = version,
    };
}
