namespace CommandCenter.Grains.Storing;

/// <summary>Which database server keeps the operations store.</summary>
public enum StoreProvider { Sqlite, PostgreSql }

/// <summary>The operations store (configuration section <c>Store</c>).</summary>
public sealed class StoringOptions
{
    /// <summary>Default <see cref="StoreProvider.Sqlite"/>: a file under the data directory. PostgreSQL needs <c>ConnectionStrings:Store</c>.</summary>
    public StoreProvider Provider { get; set; } = StoreProvider.Sqlite;

    /// <summary>From <c>ConnectionStrings:Store</c>; null with SQLite: <c>operations.db</c> in the data directory.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Absolute path of the data directory (<c>Data:Directory</c>).</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>Seconds that a write waits for a lock that another process holds on the SQLite file, default 30; after that it fails.</summary>
    public int BusySeconds { get; set; } = 30;

    /// <summary>Database contexts kept for reuse, default 64; beyond it they are made anew.</summary>
    public int ContextPoolMax { get; set; } = 64;

    /// <summary>Rejections kept, default 10,000: the oldest go first. Their totals are never cut.</summary>
    public int RejectionsMax { get; set; } = 10_000;

    /// <summary>Unregistered devices kept, default 10,000: the one not heard for longest goes first.</summary>
    public int UnregisteredMax { get; set; } = 10_000;

    /// <summary>Refused messages kept whole, to be decoded again after a mapping fix: default 20,000; the oldest go first.</summary>
    public int KeptMessagesMax { get; set; } = 20_000;

    /// <summary>Bytes of their payloads together, default 128 MiB; the oldest go first.</summary>
    public long KeptBytesMax { get; set; } = 128L << 20;

    /// <summary>Devices with a wrong clock kept, default 10,000: the one not heard for longest goes first.</summary>
    public int WrongClocksMax { get; set; } = 10_000;
}
