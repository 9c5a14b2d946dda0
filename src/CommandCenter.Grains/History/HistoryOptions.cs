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

    /// <summary>Days that readings are kept, 1 to 3650; default 180. Older days are dropped whole.</summary>
    public int RetentionDays { get; set; } = 180;

    /// <summary>Absolute path of the data directory.</summary>
    public string DataDirectory { get; set; } = "data";
}
