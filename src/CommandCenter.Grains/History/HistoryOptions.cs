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

    /// <summary>Database (1.x) or bucket (2.x).</summary>
    public string Database { get; set; } = "commandcenter";

    /// <summary>Token (2.x); null: none.</summary>
    public string? Token { get; set; }

    /// <summary>Days that readings are kept after their receipt, 1 to 3650; default 180. Counted from the receipt, so that an imported old series stays as long as a new one.</summary>
    public int RetentionDays { get; set; } = 180;

    /// <summary>Absolute path of the data directory.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>Appends that may wait for the writer, 1 to 65,536; default 256. At the limit the caller waits, and so does the ingest node behind it.</summary>
    public int QueuedWritesMax { get; set; } = 256;

    /// <summary>Rows of one commit, 1 to 1,000,000; default 10,000. Reaching it ends the gathering at once.</summary>
    public int CommitRowsMax { get; set; } = 10_000;

    /// <summary>How long a commit gathers rows under load, 0 to 1,000 ms; default 20. An idle history commits at once.</summary>
    public int CommitLingerMs { get; set; } = 20;

    /// <summary>Pairs of device and quantity whose newest time is held in memory, 0 to 10,000,000; default 500,000 (about 30 MB). Pairs beyond it are compared with the file on each append.</summary>
    public int NewestKnownMax { get; set; } = 500_000;

    /// <summary>Memory that the engine may use, 64 to 65,536 MB; default 256. Larger queries spill into the data directory.</summary>
    public int MemoryLimitMb { get; set; } = 256;

    /// <summary>Queries that run at once, 1 to 64; default 2. Further ones wait.</summary>
    public int ConcurrentReadsMax { get; set; } = 2;

    /// <summary>Minutes between two rounds of retention and of storing the newest known times, 1 to 1,440; default 60.</summary>
    public int UpkeepMinutes { get; set; } = 60;
}
