using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Wall;

namespace CommandCenter.Web.Tests.Wall;

public sealed class IngestSumTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_several_nodes_rates_add_up_and_the_worst_lag_disk_and_age_count()
    {
        var sum = IngestSum.Of([Node(Now, 100, 1, 40 << 20), Node(Now.AddSeconds(-9), 20, 900, 50L << 30)])!;

        Assert.Equal((2, 2, 120, 900, 40L << 20), (sum.Nodes, sum.Ready, sum.MessagesPerSecond, sum.JournalLagMs, sum.FreeDiskBytes));
        Assert.Equal((Now.AddSeconds(-9), false, true), (sum.At, sum.IsSilent(Now), sum.IsSilent(Now.AddSeconds(2))));
        Assert.Equal((true, false), (sum.DiskIsLow, sum.JournalIsBad));
    }

    [Fact]
    public void No_word_is_not_zero_and_an_unknown_disk_is_not_low()
    {
        Assert.Null(IngestSum.Of([]));
        Assert.False(IngestSum.Of([Node(Now, 0, 0, null)])!.DiskIsLow);
        Assert.True(IngestSum.Of([Node(Now, 0, 0, null) with { Trouble = "database or disk is full" }])!.JournalIsBad);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.04, "0.0")]
    [InlineData(9.94, "9.9")]
    [InlineData(12_345.6, "12,346")]
    public void A_rate_is_short(double perSecond, string text) => Assert.Equal(text, IngestSum.Rate(perSecond));

    private static IngestNodeHealth Node(DateTimeOffset at, double rate, double lagMs, long? free) => new()
    {
        Node = "n", At = at, Ready = true, MessagesPerSecond = rate, RefusedPerSecond = 0, Messages = 1, Delivered = 1, Refused = 0, Coalesced = 0, QueueDepth = 3, JournalLagMs = lagMs,
        JournalBytes = 0, FreeDiskBytes = free, Trouble = null, Connections = 1, CommitAgeMs = null, StreetAgeMs = null, HistoryAgeMs = null,
    };
}
