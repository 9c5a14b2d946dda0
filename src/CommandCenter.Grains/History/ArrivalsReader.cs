using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using DuckDB.NET.Data;
using static CommandCenter.Grains.History.HistorySchema;

namespace CommandCenter.Grains.History;

/// <summary>Puts stored rows together again as the batches that they came in. Row numbers rise with the order of insertion, which is the order of arrival.</summary>
internal static class ArrivalsReader
{
    /// <summary>The next batches of the street behind <paramref name="after"/>, without history-only rows; Last is null when there are no more.</summary>
    public static (List<IngestBatch> Batches, long? Last) Read(DuckDBConnection connection, AreaId street, long receivedFrom, long after, int limit)
    {
        // One snapshot for all the queries: a commit in between would otherwise show a batch without its rows.
        using var transaction = connection.BeginTransaction();
        var drafts = new SortedDictionary<long, Draft>();
        using (var command = Command(connection, """
            SELECT b.arrival, n.name, b.sequence FROM batches b JOIN names n ON n.kind = 3 AND n.id = b.node
            WHERE b.street = (SELECT id FROM names WHERE kind = 2 AND name = ?) AND b.received >= ? AND b.arrival > ? ORDER BY b.arrival LIMIT ?
            """, street.Value, receivedFrom, after, limit))
        {
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                drafts.Add(reader.GetInt64(0), new(reader.GetString(1), reader.GetInt64(2)));
            }
        }

        if (drafts.Count == 0)
        {
            return ([], null);
        }

        Fill(connection, drafts, receivedFrom);
        transaction.Commit();
        var last = drafts.Keys.Max();
        var batches = drafts.Values.Where(draft => !draft.IsEmpty).Select(draft => draft.ToBatch(street)).ToList();
        return (batches, drafts.Count == limit ? last : null);
    }

    private static void Fill(DuckDBConnection connection, SortedDictionary<long, Draft> drafts, long receivedFrom)
    {
        Each(connection, drafts, receivedFrom, "all_readings", "JOIN names q ON q.kind = 1 AND q.id = r.quantity", "AND r.live", "q.name, r.value, r.quality", (draft, device, at, received, row) =>
            draft.Readings.Add(new(device, new(row.GetString(4)), row.GetDouble(5), at, received, (Quality)row.GetByte(6))));
        Each(connection, drafts, receivedFrom, "events", "", "", "r.event, r.type, r.state, r.confidence, r.snapshot, r.clip, r.box", (draft, device, at, received, row) =>
            draft.Events.Add(new(device, row.GetString(4), new(row.GetString(5)), (EventState)row.GetByte(6), NumberOrNull(row, 7), TextOrNull(row, 8), TextOrNull(row, 9), Box(TextOrNull(row, 10)), at, received)));
        Each(connection, drafts, receivedFrom, "positions", "", "", "r.longitude, r.latitude, r.speed, r.heading", (draft, device, at, received, row) =>
            draft.Positions.Add(new(device, row.GetDouble(4), row.GetDouble(5), NumberOrNull(row, 6), NumberOrNull(row, 7), at, received)));
        Each(connection, drafts, receivedFrom, "statuses", "", "", "r.online", (draft, device, at, received, row) =>
            draft.Statuses.Add(new(device, row.GetBoolean(4), at, received)));
    }

    private static void Each(
        DuckDBConnection connection, SortedDictionary<long, Draft> drafts, long receivedFrom, string table, string join, string condition, string columns,
        Action<Draft, DeviceId, DateTimeOffset, DateTimeOffset, DuckDBDataReader> take)
    {
        // Sorted rows have lost their row number: within a batch they follow their receipt, and those of one device and quantity their place.
        var order = table == "all_readings" ? "r.arrival, r.n, r.received, r.place, r.device, r.quantity" : "r.rowid";
        using var command = Command(connection, $"""
            SELECT r.arrival, d.name, r.observed, r.received, {columns} FROM {table} r JOIN names d ON d.kind = 0 AND d.id = r.device {join}
            WHERE r.arrival BETWEEN {drafts.Keys.First()} AND {drafts.Keys.Last()} AND r.received >= {receivedFrom} {condition} ORDER BY {order}
            """);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            // The range also holds the batches of other streets.
            if (drafts.TryGetValue(reader.GetInt64(0), out var draft))
            {
                take(draft, new(reader.GetString(1)), DuckDbHistory.At(reader.GetInt64(2)), DuckDbHistory.At(reader.GetInt64(3)), reader);
            }
        }
    }

    private static double? NumberOrNull(DuckDBDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    private static string? TextOrNull(DuckDBDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static ImmutableArray<double> Box(string? text) =>
        text is null ? [] : [.. text.Split(',').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];

    private sealed class Draft(string node, long sequence)
    {
        public ImmutableArray<Reading>.Builder Readings { get; } = ImmutableArray.CreateBuilder<Reading>();
        public ImmutableArray<DeviceEvent>.Builder Events { get; } = ImmutableArray.CreateBuilder<DeviceEvent>();
        public ImmutableArray<DevicePosition>.Builder Positions { get; } = ImmutableArray.CreateBuilder<DevicePosition>();
        public ImmutableArray<DeviceStatus>.Builder Statuses { get; } = ImmutableArray.CreateBuilder<DeviceStatus>();

        public bool IsEmpty => Readings.Count + Events.Count + Positions.Count + Statuses.Count == 0;

        public IngestBatch ToBatch(AreaId street) => new()
        {
            Node = node, Sequence = sequence, Street = street, Readings = Readings.ToImmutable(), Events = Events.ToImmutable(),
            Positions = Positions.ToImmutable(), Statuses = Statuses.ToImmutable(),
        };
    }
}
