using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;

namespace CommandCenter.Web.Tests.Feed;

public sealed class StreetReplicaTests
{
    private static readonly AreaId Street = new("320404002");

    [Fact]
    public void Frames_in_order_are_taken_and_repeats_are_not()
    {
        var replica = Begun(seq: 5);
        Assert.Single(replica.Take(Frame("a", 6), now: 1));
        Assert.Empty(replica.Take(Frame("a", 6), now: 2));
        Assert.Equal(new StreetPosition("a", 6), replica.Position);
    }

    [Fact]
    public void Gap_loses_the_position_and_the_frames_after_it_follow_the_next_snapshot()
    {
        var replica = Begun(seq: 5);
        Assert.Empty(replica.Take(Frame("a", 8), now: 1));
        Assert.Null(replica.Position);
        Assert.Empty(replica.Take(Frame("a", 9), now: 2));

        var taken = replica.Take([new AreaSnapshotPart(Frame("a", 7), 1, 1)], now: 3);
        Assert.Equal([8L, 9L], taken!.Value.Following.Select(frame => frame.Seq));
        Assert.Equal(new StreetPosition("a", 9), replica.Position);
    }

    [Fact]
    public void Snapshot_older_than_what_is_known_tells_nothing_new()
    {
        var replica = Begun(seq: 5);
        replica.Take(Frame("a", 6), now: 1);
        Assert.Null(replica.Take([new AreaSnapshotPart(Frame("a", 5), 1, 1)], now: 2));
        Assert.Equal(new StreetPosition("a", 6), replica.Position);
    }

    [Fact]
    public void New_activation_of_the_street_begins_with_its_snapshot()
    {
        var replica = Begun(seq: 5);
        Assert.Empty(replica.Take(Frame("b", 1), now: 1));
        Assert.Null(replica.Position);
        Assert.NotNull(replica.Take([new AreaSnapshotPart(Frame("b", 3), 1, 1)], now: 2));
        Assert.Equal(new StreetPosition("b", 3), replica.Position);
    }

    private static StreetReplica Begun(long seq)
    {
        var replica = new StreetReplica(Street, heldFramesMax: 16);
        replica.Take([new AreaSnapshotPart(Frame("a", seq), 1, 1)], now: 0);
        return replica;
    }

    private static AreaFrame Frame(string epoch, long seq) => new() { Area = Street, Epoch = epoch, Seq = seq, At = DateTimeOffset.UnixEpoch.AddSeconds(seq) };
}
