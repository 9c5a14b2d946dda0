using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Pushing;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace CommandCenter.Grains.Tests.Pushing;

public sealed class AreaPublisherTests
{
    private static readonly AreaId Area = new("320404002");

    [Fact]
    public void The_first_change_after_quiet_goes_at_once_and_the_next_ones_wait_and_are_coalesced()
    {
        var desk = new Desk();
        var watcher = desk.Subscribe();

        desk.Picture.Set("a", 1);
        var first = desk.Publisher.Offer();
        desk.Picture.Set("a", 2);
        var second = desk.Publisher.Offer();
        desk.Picture.Set("a", 3);
        desk.Time.Advance(second!.Value);
        var third = desk.Publisher.Offer();

        Assert.Null(first);
        Assert.Equal(TimeSpan.FromMilliseconds(1), second);
        Assert.Null(third);
        Assert.Equal([1, 3], desk.Sent(watcher).Select(frame => frame.Devices.Single().Values["v"]));
    }

    [Fact]
    public void Where_much_happens_the_frames_keep_their_interval_and_after_quiet_the_next_ones_are_close_again()
    {
        var desk = new Desk();
        var pauses = new List<double>();

        for (var i = 0; i < 60; i++)
        {
            pauses.Add(desk.PauseAfterAFrame(i));
        }

        desk.Time.Advance(TimeSpan.FromSeconds(1));
        var afterQuiet = desk.PauseAfterAFrame(60);

        Assert.Equal(1, pauses[0]);
        Assert.Equal(5, pauses[^1]);
        Assert.Equal(1, afterQuiet);
    }

    [Fact]
    public void An_urgent_change_does_not_wait()
    {
        var desk = new Desk();
        var watcher = desk.Subscribe();
        desk.Picture.Set("a", 1);
        desk.Publisher.Offer();

        desk.Picture.Set("a", 2);
        var due = desk.Publisher.Offer(urgent: true);

        Assert.Null(due);
        Assert.Equal(2, desk.Sent(watcher).Count);
    }

    [Fact]
    public void Dear_frames_come_less_often_but_never_less_than_ten_times_a_second()
    {
        var desk = new Desk();
        desk.Picture.Cost = TimeSpan.FromMilliseconds(4);
        for (var i = 0; i < 50; i++)
        {
            desk.Picture.Set("a", i);
            desk.Publisher.Offer(urgent: true);
        }

        var dear = desk.Publisher.Interval;
        desk.Picture.Cost = TimeSpan.FromMilliseconds(400);
        for (var i = 0; i < 50; i++)
        {
            desk.Picture.Set("a", i);
            desk.Publisher.Offer(urgent: true);
        }

        Assert.InRange(dear, TimeSpan.FromMilliseconds(35), TimeSpan.FromMilliseconds(45));
        Assert.Equal(TimeSpan.FromMilliseconds(100), desk.Publisher.Interval);
    }

    [Fact]
    public void A_heartbeat_takes_a_number_of_its_own_after_what_changed()
    {
        var desk = new Desk();
        var watcher = desk.Subscribe();
        desk.Picture.Set("a", 1);

        desk.Publisher.Heartbeat();

        Assert.Equal([(1, false), (2, true)], desk.Sent(watcher).Select(frame => ((int)frame.Seq, frame.Heartbeat)));
    }

    [Fact]
    public void A_lease_that_is_not_renewed_ends()
    {
        var desk = new Desk();
        var silent = desk.Subscribe();
        desk.Time.Advance(TimeSpan.FromSeconds(10));
        var lively = desk.Subscribe();

        desk.Time.Advance(TimeSpan.FromSeconds(6));
        desk.Publisher.Heartbeat();

        Assert.Empty(desk.Sent(silent));
        Assert.Single(desk.Sent(lively));
    }

    [Fact]
    public void Who_renews_in_time_and_has_missed_nothing_gets_no_snapshot()
    {
        var desk = new Desk();
        var watcher = desk.Subscribe();
        desk.Publisher.Heartbeat();

        var parts = desk.Publisher.Subscribe(watcher, desk.Publisher.Epoch, desk.Publisher.Seq);

        Assert.Empty(parts);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void Who_lost_a_frame_or_knows_another_epoch_gets_everything(bool sameEpoch, long behind)
    {
        var desk = new Desk();
        var watcher = desk.Subscribe();
        desk.Picture.Set("a", 1);
        desk.Publisher.Heartbeat();
        desk.Time.Advance(TimeSpan.FromSeconds(3));

        var parts = desk.Publisher.Subscribe(watcher, sameEpoch ? desk.Publisher.Epoch : "other", sameEpoch ? behind : desk.Publisher.Seq);

        Assert.Equal(1, Assert.Single(parts).Frame.Devices.Single().Values["v"]);
    }

    [Fact]
    public void A_large_snapshot_comes_in_parts_and_only_the_first_carries_the_rest()
    {
        var desk = new Desk(partDevices: 2);
        for (var i = 0; i < 5; i++)
        {
            desk.Picture.Set("d" + i, i);
        }

        var parts = desk.Publisher.Subscribe(new Watcher(), null, 0);

        Assert.Equal([(1, 3, 2), (2, 3, 2), (3, 3, 1)], parts.Select(part => (part.Part, part.Parts, part.Frame.Devices.Length)));
    }

    [Fact]
    public void A_snapshot_and_the_frames_after_it_give_the_final_picture()
    {
        var change = Gen.Select(Gen.Int[0, 5], Gen.Int[-1, 9], Gen.Int[0, 12]);
        Gen.Select(change.Array[0, 60], Gen.Int[0, 60]).Sample((changes, join) =>
        {
            var desk = new Desk();
            Watcher? watcher = null;
            var seen = new Dictionary<string, double>();
            for (var i = 0; i <= changes.Length; i++)
            {
                if (i == join % (changes.Length + 1))
                {
                    watcher = new();
                    foreach (var part in desk.Publisher.Subscribe(watcher, null, 0))
                    {
                        Merge(seen, part.Frame);
                    }
                }

                if (i < changes.Length)
                {
                    var (device, value, ms) = changes[i];
                    desk.Picture.Set("d" + device, value < 0 ? null : value);
                    desk.Publisher.Offer();
                    desk.Time.Advance(TimeSpan.FromMilliseconds(ms));
                }
            }

            desk.Publisher.Heartbeat();
            foreach (var frame in desk.Sent(watcher!))
            {
                Merge(seen, frame);
            }

            Assert.Equal(desk.Picture.All.OrderBy(pair => pair.Key), seen.OrderBy(pair => pair.Key));
        }, iter: 500);
    }

    [Fact]
    public async Task An_observer_that_does_not_answer_gets_nothing_more_and_holds_up_nobody()
    {
        var pumps = new FramePumps(waitingMax: 2);
        var dead = new Slow();
        var lively = new Slow();
        lively.Gate.SetResult();

        for (var seq = 1; seq <= 5; seq++)
        {
            var frame = new AreaFrame { Area = Area, Epoch = "e", Seq = seq, At = DateTimeOffset.UnixEpoch };
            pumps.Send(dead, frame);
            pumps.Send(lively, frame);
        }

        Assert.Equal([1], dead.Seen);
        Assert.Equal([1, 2, 3, 4, 5], lively.Seen);
        Assert.Equal(2, pumps.LostCount);
        dead.Gate.SetResult();
        await dead.Third.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3], dead.Seen);
    }

    private sealed class Slow : IAreaObserver
    {
        public TaskCompletionSource Gate { get; } = new();
        public TaskCompletionSource Third { get; } = new();
        public List<long> Seen { get; } = [];

        public Task ShowAsync(AreaFrame frame)
        {
            Seen.Add(frame.Seq);
            if (frame.Seq == 3)
            {
                Third.TrySetResult();
            }

            return Gate.Task;
        }
    }

    private static void Merge(Dictionary<string, double> seen, AreaFrame frame)
    {
        foreach (var device in frame.Devices)
        {
            seen[device.Id.Value] = device.Values["v"];
        }

        foreach (var removed in frame.Removed.Devices)
        {
            seen.Remove(removed.Value);
        }
    }

    private sealed class Watcher : IAreaObserver
    {
        public Task ShowAsync(AreaFrame frame) => Task.CompletedTask;
    }

    private sealed class Desk
    {
        private readonly List<(IAreaObserver Observer, AreaFrame Frame)> _sent = [];

        public Desk(int partDevices = 5000)
        {
            Picture = new(Time);
            Publisher = new(Area, "e1", Picture, Time, new() { SnapshotPartDevices = partDevices }, (observer, frame) => _sent.Add((observer, frame)));
        }

        public FakeTimeProvider Time { get; } = new();
        public Values Picture { get; }
        public AreaPublisher Publisher { get; }

        public Watcher Subscribe()
        {
            var watcher = new Watcher();
            Publisher.Subscribe(watcher, null, 0);
            return watcher;
        }

        /// <summary>Shows the value as soon as it may be shown, and tells how long the next one would have to wait (ms).</summary>
        public double PauseAfterAFrame(int value)
        {
            Picture.Set("a", value);
            while (Publisher.Offer() is { } due)
            {
                Time.Advance(due);
            }

            Picture.Set("a", value + 0.5);
            return Publisher.Offer()!.Value.TotalMilliseconds;
        }

        public List<AreaFrame> Sent(IAreaObserver observer) => [.. _sent.Where(sent => ReferenceEquals(sent.Observer, observer)).Select(sent => sent.Frame)];
    }

    private sealed class Values(FakeTimeProvider time) : IAreaPicture
    {
        private readonly HashSet<string> _changed = [];
        private readonly HashSet<string> _removed = [];

        public Dictionary<string, double> All { get; } = [];
        public TimeSpan Cost { get; set; }
        public DateTimeOffset Now => time.GetUtcNow();
        public bool HasChanges => _changed.Count + _removed.Count > 0;

        public void Set(string id, double? value)
        {
            if (value is { } present)
            {
                All[id] = present;
                _changed.Add(id);
                _removed.Remove(id);
            }
            else if (All.Remove(id))
            {
                _changed.Remove(id);
                _removed.Add(id);
            }
        }

        public PictureBody TakeChanges()
        {
            time.Advance(Cost);
            var body = new PictureBody { Devices = [.. _changed.Select(Device)], Removed = new() { Devices = [.. _removed.Select(id => new DeviceId(id))] } };
            _changed.Clear();
            _removed.Clear();
            return body;
        }

        public PictureBody ReadAll() => new() { Devices = [.. All.Keys.Select(Device)] };

        public AreaCounts Counts() => new();

        private DeviceSituation Device(string id) => new()
        {
            Id = new(id), Name = id, Kind = "camera", State = DeviceState.Normal, Street = Area,
            Values = ImmutableSortedDictionary<string, double>.Empty.Add("v", All[id]),
        };
    }
}
