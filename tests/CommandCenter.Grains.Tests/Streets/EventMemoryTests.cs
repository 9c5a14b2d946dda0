using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Streets;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Streets;

/// <summary>A street remembers a bounded number of events, yet no event happens twice for it.</summary>
public sealed class EventMemoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly AreaId Street = new("320404002");
    private static readonly DeviceRegistration Camera = new() { Id = new("cam-1"), Name = "cam-1", Kind = "camera", Street = Street, IntervalSeconds = 60 };

    [Fact]
    public void An_event_that_is_no_longer_remembered_is_not_new_again()
    {
        var street = Make();
        var taken = Enumerable.Range(0, StreetState.RecentEventsMax + 10).Select(second => street.State.Apply(Event(second))).ToList();

        Assert.All(taken, slot => Assert.True(slot >= 0));
        Assert.Equal(-1, street.State.Apply(Event(0)));
        Assert.Equal(-1, street.State.Apply(Event(9)));
        Assert.Equal(-1, street.State.Apply(Event(10)));
        Assert.True(street.State.Apply(Event(11, "another")) >= 0);
        Assert.True(street.State.Apply(Event(500)) >= 0);
    }

    [Fact]
    public void What_was_forgotten_before_a_restart_is_not_new_after_it()
    {
        var before = Make();
        for (var second = 0; second < StreetState.RecentEventsMax + 10; second++)
        {
            before.State.Apply(Event(second));
        }

        var after = Make();
        Assert.True(after.ReadSnapshot(before.WriteSnapshot()));

        Assert.Equal(-1, after.State.Apply(Event(3)));
        Assert.Equal(-1, after.State.Apply(Event(40)));
        // The next ones displace the remembered ones, whose times came along.
        Assert.True(after.State.Apply(Event(600)) >= 0);
        Assert.Equal(-1, after.State.Apply(Event(10, "another")));
        Assert.True(after.State.Apply(Event(12, "another")) >= 0);
    }

    [Fact]
    public void A_snapshot_of_the_first_version_is_read()
    {
        var after = Make();

        Assert.True(after.ReadSnapshot(FirstVersion()));

        Assert.Equal(-1, after.State.Apply(Event(7)));
        Assert.True(after.State.Apply(Event(8)) >= 0);
        Assert.Equal(Start.AddSeconds(9), after.State.Condition(Camera.Id)!.LastSeenAt);
    }

    private static StreetJudgement Make()
    {
        var street = new StreetJudgement(Street);
        street.PutDevices([Camera], [], Start);
        return street;
    }

    private static DeviceEvent Event(int second, string? id = null) =>
        new(Camera.Id, id ?? $"e{second}", new("fire_smoke"), EventState.Start, 0.9, null, null, [], Start.AddSeconds(second), Start.AddSeconds(second));

    /// <summary>As the program before wrote it: one device that remembers one event, without times.</summary>
    private static byte[] FirstVersion()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            writer.Write(1);
            writer.Write(0L);
            writer.Write(1);
            writer.Write(Camera.Id.Value);
            writer.Write(Start.AddSeconds(9).ToUnixTimeMilliseconds());
            writer.Write((byte)DeviceState.Normal);
            writer.Write(false);
            writer.Write(0L);
            writer.Write(double.NaN);
            writer.Write(double.NaN);
            writer.Write(double.NaN);
            writer.Write(0L);
            writer.Write(0L);
            writer.Write(0L);
            writer.Write(0L);
            writer.Write(false);
            writer.Write(1);
            writer.Write(1);
            writer.Write("e7|s");
            writer.Write(0);
            writer.Write(0);
        }

        return stream.ToArray();
    }
}
