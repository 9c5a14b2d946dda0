using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Streets;

/// <summary>What a device sends with a time of more than a day ago is counted on it, whatever it is.</summary>
public sealed class LateMessageTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset LongAgo = Now.AddDays(-2);
    private static readonly AreaId Street = new("320404002");
    private static readonly DeviceId Device = new("cam-1");

    [Fact]
    public void Late_readings_events_positions_and_statuses_count_once_for_each_message()
    {
        var street = Make();

        street.Apply(Batch() with { LateReadings = [Reading(0, "temperature"), Reading(0, "humidity"), Reading(1, "temperature")] });
        street.Apply(Batch() with { LateEvents = [new(Device, "e-1", new("smoke"), EventState.Start, null, null, null, [], LongAgo, Now.AddSeconds(2))] });
        street.Apply(Batch() with { LatePositions = [new(Device, 119.9, 31.7, null, null, LongAgo, Now.AddSeconds(3))] });
        street.Apply(Batch() with { LateStatuses = [new(Device, true, LongAgo, Now.AddSeconds(4))] });

        var condition = street.State.Condition(Device)!;
        Assert.Equal((5, 0, Now.AddSeconds(4)), (condition.LateCount, condition.AheadCount, condition.LastSeenAt));
        Assert.Empty(condition.Latest);
    }

    [Fact]
    public void A_late_word_that_the_device_is_gone_counts_and_does_not_make_it_heard()
    {
        var street = Make();

        street.Apply(Batch() with { LateStatuses = [new(Device, false, LongAgo, Now)] });

        var condition = street.State.Condition(Device)!;
        Assert.Equal((1, (DateTimeOffset?)null), (condition.LateCount, condition.LastSeenAt));
    }

    private static StreetJudgement Make()
    {
        var street = new StreetJudgement(Street);
        street.PutDevices([new() { Id = Device, Name = "cam-1", Kind = "camera", Street = Street, IntervalSeconds = 60 }], [], Now);
        return street;
    }

    private static Reading Reading(int second, string quantity) => new(Device, new(quantity), 1, LongAgo, Now.AddSeconds(second), Quality.Good);

    private static IngestBatch Batch() => new() { Node = "n", Sequence = 1, Street = Street };
}
