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
}
