using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Registry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static CommandCenter.Grains.Tests.Registry.Documents;

namespace CommandCenter.Grains.Tests.Registry;

public sealed class TellingTests
{
    private readonly List<string> heard = [];
    private readonly FakeTimeProvider timers = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
    private readonly HashSet<AreaId> deadStreets = [];
    private readonly Telling telling;

    public TellingTests() => telling = new(
        (street, devices, removed) =>
        {
            heard.Add($"{street}: {string.Join(' ', devices.Select(device => $"+{device.Id}@{device.Version}").Concat(removed.Select(id => $"-{id}")))}");
            return deadStreets.Contains(street) ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
        },
        new RegistryOptions { FollowersCountMax = 2 }, timers, NullLogger.Instance);

    private static DeviceRegistration First => WaterGauge with { Version = 1 };

    private static DeviceRegistration Moved => WaterGauge with { Version = 2, Street = Beigang };

    [Fact]
    public async Task A_new_device_is_told_to_its_street_and_then_to_the_nodes()
    {
        telling.Follow(new Node(heard, "node"));
        Assert.True(await telling.TellAsync([new(null, First)]));
        Assert.Equal(["320404002: +wl-017@1", "node: wl-017@1"], heard);
        Assert.True(telling.HasTold(First.Id));
    }

    [Fact]
    public async Task A_device_that_moves_leaves_the_old_street_last()
    {
        telling.Follow(new Node(heard, "node"));
        Assert.True(await telling.TellAsync([new(First, Moved)]));
        Assert.Equal(["320404003: +wl-017@2", "node: wl-017@2", "320404002: -wl-017"], heard);
    }

    [Fact]
    public async Task A_device_that_moves_away_and_back_in_one_call_stays()
    {
        var back = First with { Version = 3 };
        Assert.True(await telling.TellAsync([new(First, Moved), new(Moved, back)]));
        Assert.Equal(["320404002: +wl-017@3", "320404003: -wl-017"], heard);
    }

    [Fact]
    public async Task Numbers_rise_by_one_from_above_every_earlier_activation()
    {
        var before = telling.Sequence;
        var node = new Node(heard, "node");
        telling.Follow(node);
        await telling.TellAsync([new(null, First), new(First, Moved)]);
        Assert.Equal([before + 1, before + 2], node.Sequences);

        timers.Advance(TimeSpan.FromMilliseconds(1));
        var next = new Telling((_, _, _) => Task.CompletedTask, new RegistryOptions(), timers, NullLogger.Instance);
        Assert.True(next.Sequence > telling.Sequence);
    }

    [Fact]
    public async Task A_street_that_does_not_answer_is_reported_and_told_again_later()
    {
        deadStreets.Add(Yonghong);
        Assert.False(await telling.TellAsync([new(null, First)]));
        Assert.False(telling.HasTold(First.Id));

        deadStreets.Clear();
        Assert.True(await telling.TellAsync([new(null, First)]));
        Assert.True(telling.HasTold(First.Id));
    }

    [Fact]
    public async Task A_left_street_that_does_not_answer_is_owed_the_removal()
    {
        deadStreets.Add(Yonghong);
        Assert.False(await telling.TellAsync([new(First, Moved)]));

        deadStreets.Clear();
        heard.Clear();
        Assert.True(await telling.TellAsync([new(null, Moved)]));
        Assert.Equal(["320404003: +wl-017@2", "320404002: -wl-017"], heard);
    }

    [Fact]
    public async Task A_failing_node_is_dropped_and_delays_nobody()
    {
        telling.Follow(new Node(heard, "good"));
        telling.Follow(new Node(heard, "broken") { Answer = () => Task.FromException(new TimeoutException()) });
        Assert.True(await telling.TellAsync([new(null, First)]));
        Assert.Equal(1, telling.FollowersCount);
    }

    [Fact]
    public async Task A_silent_node_is_waited_for_two_seconds_and_then_dropped()
    {
        var never = new TaskCompletionSource();
        telling.Follow(new Node(heard, "silent") { Answer = () => never.Task });
        var answer = telling.TellAsync([new(null, First)]);
        timers.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(answer.IsCompleted);
        timers.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(await answer);
        Assert.Equal(0, telling.FollowersCount);
    }

    [Fact]
    public void A_node_that_does_not_follow_again_is_forgotten_and_one_too_many_is_not_kept()
    {
        telling.Follow(new Node(heard, "a"));
        telling.Follow(new Node(heard, "b"));
        telling.Follow(new Node(heard, "c"));
        Assert.Equal(2, telling.FollowersCount);

        timers.Advance(TimeSpan.FromSeconds(16));
        telling.Follow(new Node(heard, "c"));
        Assert.Equal(1, telling.FollowersCount);
    }

    private sealed class Node(List<string> heard, string name) : IRegistryObserver
    {
        public List<long> Sequences { get; } = [];

        public Func<Task> Answer { get; init; } = () => Task.CompletedTask;

        public Task ApplyAsync(DeviceChange change)
        {
            Sequences.Add(change.Sequence);
            heard.Add($"{name}: {change.Id}@{change.Device!.Version}");
            return Answer();
        }
    }
}
