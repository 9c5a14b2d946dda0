using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Wall;

/// <summary>All ingest nodes as one: rates and queues add up, of lags, disks and ages the worst one counts.</summary>
internal sealed record IngestSum
{
    /// <summary>Less is worth a look; the journal stops acknowledging when nothing is left.</summary>
    private const long LowDiskBytes = 2L << 30;

    private const double LongLagMs = 1_000;

    /// <summary>A node speaks every two seconds; five words missed are silence.</summary>
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(10);

    public required int Nodes { get; init; }
    public required int Ready { get; init; }

    /// <summary>The oldest of the nodes' last words.</summary>
    public required DateTimeOffset At { get; init; }
    public required double MessagesPerSecond { get; init; }
    public required double RefusedPerSecond { get; init; }
    public required long QueueDepth { get; init; }
    public required double JournalLagMs { get; init; }
    public required long? FreeDiskBytes { get; init; }

    /// <summary>A node cannot commit, and acknowledges nothing.</summary>
    public required bool InTrouble { get; init; }

    public bool DiskIsLow => FreeDiskBytes < LowDiskBytes;

    public bool JournalIsBad => InTrouble || JournalLagMs > LongLagMs;

    public bool IsSilent(DateTimeOffset now) => now - At > SilentAfter;

    /// <summary>Null: no node has said a word.</summary>
    public static IngestSum? Of(ImmutableArray<IngestNodeHealth> nodes) => nodes.IsDefaultOrEmpty ? null : new()
    {
        Nodes = nodes.Length,
        Ready = nodes.Count(node => node.Ready),
        At = nodes.Min(node => node.At),
        MessagesPerSecond = nodes.Sum(node => node.MessagesPerSecond),
        RefusedPerSecond = nodes.Sum(node => node.RefusedPerSecond),
        QueueDepth = nodes.Sum(node => node.QueueDepth),
        JournalLagMs = nodes.Max(node => node.JournalLagMs),
        FreeDiskBytes = nodes.Min(node => node.FreeDiskBytes),
        InTrouble = nodes.Any(node => node.Trouble is not null),
    };

    /// <summary>A rate as it is read from afar: one decimal below ten.</summary>
    public static string Rate(double perSecond) => perSecond is > 0 and < 10 ? perSecond.ToString("0.0", Invariant) : Math.Round(perSecond).ToString("N0", Invariant);

    public static string Duration(double milliseconds) => milliseconds < 1_000 ? string.Create(Invariant, $"{milliseconds:0} ms") : string.Create(Invariant, $"{milliseconds / 1_000:0.0} s");

    public static string Gigabytes(long bytes) => string.Create(Invariant, $"{bytes / (double)(1L << 30):N0} GB");

    private static System.Globalization.CultureInfo Invariant => System.Globalization.CultureInfo.InvariantCulture;
}
