using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;

namespace CommandCenter.Web.Tests.Feed;

public sealed class AreaImageTests
{
    private static readonly AreaId North = new("320404003");
    private static readonly AreaId South = new("320404002");
    private static readonly AreaId Overlay = new("320404400");
    private static readonly FeedOptions Options = new();

    [Fact]
    public void Device_that_moved_to_another_street_is_not_taken_away_by_the_street_it_left()
    {
        var district = ImageOf(new AreaId("320404"), AreaKind.District);
        district.Fold(North, Frame(North) with { Devices = [Device("d", North)] });
        district.Fold(South, Frame(South) with { Devices = [Device("d", South)] });
        district.Fold(North, Frame(North) with { Removed = new Removed { Devices = [new DeviceId("d")] } });
        Assert.Equal(South, district.Devices[new DeviceId("d")].Street);
    }

    [Fact]
    public void Overlay_holds_only_its_members_and_lets_go_of_one_that_leaves()
    {
        var overlay = ImageOf(Overlay, AreaKind.Overlay);
        overlay.Fold(South, Frame(South) with { Devices = [Device("in", South) with { Areas = [Overlay] }, Device("out", South)] });
        Assert.Equal(["in"], overlay.Devices.Keys.Select(id => id.Value));

        overlay.Emit(heartbeat: false, DateTimeOffset.UnixEpoch, new AreaCounts());
        overlay.Fold(South, Frame(South) with { Devices = [Device("in", South)] });
        Assert.Empty(overlay.Devices);
        Assert.Equal([new DeviceId("in")], overlay.Emit(heartbeat: false, DateTimeOffset.UnixEpoch, new AreaCounts()).Frame.Removed.Devices);
    }

    [Fact]
    public void Every_frame_takes_the_next_number_and_a_heartbeat_carries_no_changes()
    {
        var street = ImageOf(South, AreaKind.Street);
        street.Fold(South, Frame(South) with { Devices = [Device("d", South)] });
        var heartbeat = street.Emit(heartbeat: true, DateTimeOffset.UnixEpoch, new AreaCounts());
        var changes = street.Emit(heartbeat: false, DateTimeOffset.UnixEpoch, new AreaCounts());
        Assert.Equal((1, true, 0), (heartbeat.Frame.Seq, heartbeat.Frame.Heartbeat, heartbeat.Frame.Devices.Length));
        Assert.Equal((2, false, 1), (changes.Frame.Seq, changes.Frame.Heartbeat, changes.Frame.Devices.Length));
    }

    [Fact]
    public void Screen_that_begins_gets_a_snapshot_and_the_frames_since_without_a_gap()
    {
        var street = ImageOf(South, AreaKind.Street);
        street.Fold(South, Frame(South) with { Devices = [Device("d1", South)] });
        street.Emit(heartbeat: false, DateTimeOffset.UnixEpoch, new AreaCounts());
        var first = street.Begin(now: 100, sharedFor: 1_000, DateTimeOffset.UnixEpoch, new AreaCounts());
        Assert.Equal([(1L, 1)], first.Select(wire => (wire.Frame.Seq, wire.Part)));

        street.Fold(South, Frame(South) with { Devices = [Device("d2", South)] });
        street.Emit(heartbeat: false, DateTimeOffset.UnixEpoch, new AreaCounts());
        var shared = street.Begin(now: 200, sharedFor: 1_000, DateTimeOffset.UnixEpoch, new AreaCounts());
        Assert.Equal([(1L, 1), (2L, 0)], shared.Select(wire => (wire.Frame.Seq, wire.Part)));

        var later = street.Begin(now: 5_000, sharedFor: 1_000, DateTimeOffset.UnixEpoch, new AreaCounts());
        Assert.Equal([(2L, 1)], later.Select(wire => (wire.Frame.Seq, wire.Part)));
        Assert.Equal(2, later[0].Frame.Devices.Length);
    }

    [Fact]
    public void Large_area_is_cut_into_parts_that_hold_every_device_once()
    {
        var street = new AreaImage(Describe(South, AreaKind.Street), "e", new FeedOptions { SnapshotPartDevices = 100 });
        street.Join(new ScreenConnection("c", null!, queueMax: 8));
        street.Fold(South, Frame(South) with { Devices = [.. Enumerable.Range(0, 250).Select(i => Device($"d{i}", South))] });
        street.Emit(heartbeat: false, DateTimeOffset.UnixEpoch, new AreaCounts());
        var parts = street.Begin(0, 0, DateTimeOffset.UnixEpoch, new AreaCounts());
        Assert.Equal([(1, 3), (2, 3), (3, 3)], parts.Select(wire => (wire.Part, wire.Parts)));
        Assert.Equal(250, parts.SelectMany(wire => wire.Frame.Devices).Select(device => device.Id).Distinct().Count());
    }

    [Fact]
    public void New_red_warning_does_not_wait_for_the_pause_and_a_repeated_one_does()
    {
        var street = ImageOf(South, AreaKind.Street);
        street.Fold(South, Frame(South) with { Warnings = [Red(1)] });
        Assert.True(street.Urgent);
        street.Emit(heartbeat: false, DateTimeOffset.UnixEpoch, new AreaCounts());
        street.Fold(South, Frame(South) with { Warnings = [Red(2)] });
        Assert.False(street.Urgent);
    }

    [Fact]
    public void While_no_screen_follows_nothing_is_gathered_and_the_next_one_begins_with_all_of_it()
    {
        var street = new AreaImage(Describe(South, AreaKind.Street), "e", Options);
        street.Fold(South, Frame(South) with { Devices = [Device("d1", South)], Warnings = [Red(1)] });
        Assert.True(street.Pending.IsEmpty);
        Assert.False(street.Urgent);

        var screen = new ScreenConnection("c", null!, queueMax: 8);
        Assert.Equal(["d1"], street.Begin(100, 1_000, DateTimeOffset.UnixEpoch, new AreaCounts()).SelectMany(wire => wire.Frame.Devices).Select(device => device.Id.Value));
        street.Join(screen);
        street.Fold(South, Frame(South) with { Devices = [Device("d2", South)] });
        Assert.False(street.Pending.IsEmpty);

        street.Leave(screen);
        Assert.True(street.Pending.IsEmpty);
        street.Fold(South, Frame(South) with { Devices = [Device("d3", South)] });
        var again = street.Begin(200, 1_000, DateTimeOffset.UnixEpoch, new AreaCounts());
        Assert.Equal(["d1", "d2", "d3"], again.SelectMany(wire => wire.Frame.Devices).Select(device => device.Id.Value));
    }

    private static AreaImage ImageOf(AreaId id, AreaKind kind)
    {
        var image = new AreaImage(Describe(id, kind), "e", Options);
        image.Join(new ScreenConnection("c", null!, queueMax: 8));
        return image;
    }

    private static AreaDescription Describe(AreaId id, AreaKind kind) => new(id, new Label("区", "Area"), kind, null, false, 119.9, 31.7);

    private static AreaFrame Frame(AreaId street) => new() { Area = street, Epoch = "s", Seq = 1, At = DateTimeOffset.UnixEpoch };

    private static DeviceSituation Device(string id, AreaId street) =>
        new() { Id = new DeviceId(id), State = DeviceState.Normal, Kind = "water_level", Name = id, Street = street };

    private static WarningView Red(long version) => new()
    {
        Id = new WarningId("w"), Rule = new RuleId("R01"), RuleVersion = 1, Subject = "d", Area = South, Colour = Colour.Red, PeakColour = Colour.Red,
        State = WarningState.Raised, OnsetAt = DateTimeOffset.UnixEpoch, Reason = "水深", Version = version,
    };
}
