using CommandCenter.Grains.History.Influx;

namespace CommandCenter.Grains.History;

/// <summary>Which engine keeps the readings.</summary>
public enum HistoryProvider { DuckDb, InfluxDb }

/// <summary>The kept readings (configuration section <c>History</c>).</summary>
public sealed class HistoryOptions
{
    /// <summary>Default <see cref="HistoryProvider.DuckDb"/>: one file, served by the one silo.</summary>
    public HistoryProvider Provider { get; set; } = HistoryProvider.DuckDb;

    /// <summary>Address of InfluxDB, such as <c>http://127.0.0.1:8086</c>.</summary>
    public string? Url { get; set; }

    /// <summary>Database (1.x) or bucket (2.x); made when it is absent and the account may. The arrivals stand beside it, in a policy or bucket whose name ends in <c>_arrivals</c>.</summary>
    public string Database { get; set; } = "commandcenter";

    /// <summary>Token (2.x), or <c>name:password</c> or a bearer token (1.x); null: none.</summary>
    public string? Token { get; set; }

    /// <summary>Days that readings are kept after their receipt, 1 to 3650; default 180. Counted from the receipt, so that an imported old series stays as long as a new one; InfluxDB counts from the observation.</summary>
    public int RetentionDays { get; set; } = 180;

    /// <summary>Absolute path of the data directory.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>Appends that may wait for the writer, 1 to 65,536; default 256. At the limit the caller waits, and so does the ingest node behind it.</summary>
    public int QueuedWritesMax { get; set; } = 256;

    /// <summary>Rows of one commit, 1 to 1,000,000; default 40,000. Reaching it ends the gathering at once.</summary>
    public int CommitRowsMax { get; set; } = 40_000;

    /// <summary>How long a commit gathers rows under load, 0 to 1,000 ms; default 50. An idle history commits at once.</summary>
    public int CommitLingerMs { get; set; } = 50;

    /// <summary>Pairs of device and quantity whose newest time is held in memory, 0 to 10,000,000; default 500,000 (about 30 MB). Pairs beyond it are compared with the file on each append.</summary>
    public int NewestKnownMax { get; set; } = 500_000;

    /// <summary>Readings in order of arrival that are rewritten sorted by device, 1,000 to 100,000,000; default 1,000,000 (about half a second beside the appends). Fewer are scanned whole by every query, more take longer to rewrite.</summary>
    public int SortRows { get; set; } = 1_000_000;

    /// <summary>Memory that the engine may use, 64 to 65,536 MB; default 256. Larger queries spill into the data directory.</summary>
    public int MemoryLimitMb { get; set; } = 256;

    /// <summary>Queries that run at once, 1 to 64; default 2. Further ones wait.</summary>
    public int ConcurrentReadsMax { get; set; } = 2;

    /// <summary>Minutes between two rounds of retention and of storing the newest known times, 1 to 1,440; default 60.</summary>
    public int UpkeepMinutes { get; set; } = 60;

    /// <summary>Which write path InfluxDB is spoken to on, default <see cref="InfluxApi.Auto"/>: the server is asked.</summary>
    public InfluxApi WriteApi { get; set; } = InfluxApi.Auto;

    /// <summary>Days that InfluxDB keeps whole batches for the streets' replay, 1 to 3650; default 30, never more than <see cref="RetentionDays"/>.</summary>
    public int ArrivalDays { get; set; } = 30;

    /// <summary>Characters of a batch's text in one field of InfluxDB, 1,000 to 60,000; default 48,000. A longer text becomes several points.</summary>
    public int ArrivalPartLength { get; set; } = 48_000;

    /// <summary>Write requests to InfluxDB under way at once, 1 to 16; default 2.</summary>
    public int WritesAtOnceMax { get; set; } = 2;

    /// <summary>Seconds that InfluxDB may take for an answer, 1 to 300; default 10. Then the request counts as failed.</summary>
    public int RequestTimeoutSeconds { get; set; } = 10;

    /// <summary>Seconds that an append waits for InfluxDB, 1 to 25; default 15. Then its caller is told that it failed, and comes again; less than the 30 s that a call between grains may take.</summary>
    public int AppendWaitSeconds { get; set; } = 15;

    /// <summary>First and longest pause (ms) between attempts to reach InfluxDB, 10 to 60,000; defaults 200 and 5,000. Each is spread by a quarter.</summary>
    public int RetryFirstMs { get; set; } = 200;
    public int RetryLongestMs { get; set; } = 5_000;
}
