using DuckDB.NET.Data;

namespace CommandCenter.Grains.History;

/// <summary>The tables of <c>history.duckdb</c>. Names are kept once and stand as numbers in the rows; times are epoch milliseconds.
/// No table has an index: DuckDB would hold it in memory whole, while the block statistics skip nearly everything. <c>readings</c> holds what came last, in order of arrival;
/// <c>sorted</c> the rest, in runs sorted by device; <c>runs</c> the arrivals of each run and its newest receipt.</summary>
internal static class HistorySchema
{
    /// <summary>What a row of <c>names</c> names.</summary>
    public enum NameKind : byte { Device, Quantity, Street, Node }

    // Stand in the place of a quantity where the newest time of a device's events, positions and statuses is kept.
    public const short EventsOf = -1;
    public const short PositionsOf = -2;
    public const short StatusesOf = -3;

    /// <summary>Bytes of the write-ahead log (MB) that end in a checkpoint; the start after a crash reads about a second for each 64.</summary>
    private const int CheckpointMb = 64;

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS names (kind UTINYINT NOT NULL, id INTEGER NOT NULL, name VARCHAR NOT NULL);
        CREATE TABLE IF NOT EXISTS batches (arrival BIGINT NOT NULL, street INTEGER NOT NULL, node INTEGER NOT NULL, sequence BIGINT NOT NULL, received BIGINT NOT NULL);
        CREATE TABLE IF NOT EXISTS readings (arrival BIGINT NOT NULL, device INTEGER NOT NULL, quantity SMALLINT NOT NULL, observed BIGINT NOT NULL, received BIGINT NOT NULL,
            value DOUBLE NOT NULL, quality UTINYINT NOT NULL, live BOOLEAN NOT NULL);
        ALTER TABLE readings ADD COLUMN IF NOT EXISTS place USMALLINT DEFAULT 0;
        CREATE TABLE IF NOT EXISTS sorted (arrival BIGINT NOT NULL, device INTEGER NOT NULL, quantity SMALLINT NOT NULL, observed BIGINT NOT NULL, delay BIGINT NOT NULL,
            value DOUBLE NOT NULL, quality UTINYINT NOT NULL, live BOOLEAN NOT NULL, place USMALLINT NOT NULL);
        CREATE TABLE IF NOT EXISTS runs (first BIGINT NOT NULL, last BIGINT NOT NULL, newest BIGINT NOT NULL);
        CREATE VIEW IF NOT EXISTS all_readings AS
            SELECT arrival, device, quantity, observed, received, value, quality, live, place, rowid AS n FROM readings
            UNION ALL SELECT arrival, device, quantity, observed, observed + delay, value, quality, live, place, 0 FROM sorted;
        CREATE TABLE IF NOT EXISTS events (arrival BIGINT NOT NULL, device INTEGER NOT NULL, event VARCHAR NOT NULL, state UTINYINT NOT NULL, observed BIGINT NOT NULL, received BIGINT NOT NULL,
            type VARCHAR NOT NULL, confidence DOUBLE, snapshot VARCHAR, clip VARCHAR, box VARCHAR);
        CREATE TABLE IF NOT EXISTS positions (arrival BIGINT NOT NULL, device INTEGER NOT NULL, observed BIGINT NOT NULL, received BIGINT NOT NULL,
            longitude DOUBLE NOT NULL, latitude DOUBLE NOT NULL, speed DOUBLE, heading DOUBLE);
        CREATE TABLE IF NOT EXISTS statuses (arrival BIGINT NOT NULL, device INTEGER NOT NULL, observed BIGINT NOT NULL, received BIGINT NOT NULL, online BOOLEAN NOT NULL);
        CREATE TABLE IF NOT EXISTS newest (device INTEGER NOT NULL, quantity SMALLINT NOT NULL, observed BIGINT NOT NULL);
        CREATE TABLE IF NOT EXISTS newest_mark (arrival BIGINT NOT NULL);
        """;

    private const string Suspects = """
        CREATE TEMP TABLE suspect_readings (n INTEGER, device INTEGER, quantity SMALLINT, observed BIGINT);
        CREATE TEMP TABLE suspect_events (n INTEGER, device INTEGER, event VARCHAR, state UTINYINT, observed BIGINT);
        CREATE TEMP TABLE suspect_positions (n INTEGER, device INTEGER, observed BIGINT);
        CREATE TEMP TABLE suspect_statuses (n INTEGER, device INTEGER, observed BIGINT, online BOOLEAN);
        """;

    /// <summary>Opens the writer's connection and makes what is missing.</summary>
    public static DuckDBConnection OpenWriter(string file, int memoryLimitMb)
    {
        var connection = new DuckDBConnection($"Data Source={file}");
        try
        {
            connection.Open();
            Execute(connection, $"SET memory_limit = '{memoryLimitMb}MB'");

            // What comes in is soon written once more, sorted: with the default of 16 MB most of it would be compressed and written for nothing in between.
            Execute(connection, $"SET checkpoint_threshold = '{CheckpointMb}MB'");
            Execute(connection, "SET autoinstall_known_extensions = false; SET autoload_known_extensions = false");
            Execute(connection, Tables);
            Execute(connection, Suspects);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static int Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }

    public static DuckDBCommand Command(DuckDBConnection connection, string sql, params object[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var value in values)
        {
            command.Parameters.Add(new DuckDBParameter(value));
        }

        return command;
    }
}
