using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using DuckDB.NET.Data;
using static CommandCenter.Grains.History.HistorySchema;

namespace CommandCenter.Grains.History;

/// <summary>Where a page of the past ended: the time of receipt and the arrival of its last row.</summary>
internal readonly record struct PastPlace(long Received, long Arrival);

/// <summary>Reads what is kept of some devices in order of arrival, for a back-test. Imported rows count as received when they were observed, each time as an arrival of its own.</summary>
internal static class PastReader
{
    private const int RowsAtOnce = 50_000;

    // Imported rows never arrived.
    private const string Arrived = "CASE WHEN r.live THEN r.received ELSE r.observed END";

    public static (List<IngestBatch> Batches, PastPlace? Next) Read(
        DuckDBConnection connection, AreaId street, ImmutableArray<DeviceId> devices, ImmutableArray<QuantityId> quantities, long from, long to, PastPlace? after)
    {
        var deviceIds = Ids(connection, 0, devices.Select(device => device.Value));
        var quantityIds = Ids(connection, 1, quantities.Select(quantity => quantity.Value));
        if (deviceIds.Count == 0)
        {
            return ([], null);
        }

        using var transaction = connection.BeginTransaction();
        var rows = new List<(PastPlace Place, Action<Draft> Put)>();
        if (quantityIds.Count > 0)
        {
            ReadReadings(connection, deviceIds, quantityIds, from, to, after, rows);
        }

        // What arrived together stays together: a full page stops at its last arrival but one, unless that is all there is.
        PastPlace? next = null;
        if (rows.Count >= RowsAtOnce)
        {
            var last = rows[^1].Place;
            var end = rows.FindIndex(row => row.Place == last);
            if (end > 0)
            {
                rows.RemoveRange(end, rows.Count - end);
            }

            next = rows[^1].Place;
        }

        ReadOccurrences(connection, deviceIds, from, to, after, next, rows);
        transaction.Commit();
        return (Batches(street, rows), next);
    }

    private static void ReadReadings(
        DuckDBConnection connection, Dictionary<int, string> devices, Dictionary<int, string> quantities, long from, long to, PastPlace? after, List<(PastPlace, Action<Draft>)> rows)
    {
        using var command = Command(connection, string.Create(CultureInfo.InvariantCulture, $"""
            SELECT {Arrived} AS arrived, r.arrival, r.device, r.quantity, r.observed, r.value, r.quality FROM all_readings r
            WHERE r.device IN ({string.Join(',', devices.Keys)}) AND r.quantity IN ({string.Join(',', quantities.Keys)}) AND r.observed >= {from} AND r.observed < {to} {After(Arrived, after)}
            ORDER BY arrived, r.arrival, r.n, r.place, r.observed, r.device, r.quantity LIMIT {RowsAtOnce}
            """));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var received = reader.GetInt64(0);
            var reading = new Reading(
                new(devices[reader.GetInt32(2)]), new(quantities[reader.GetInt16(3)]), reader.GetDouble(5), DuckDbHistory.At(reader.GetInt64(4)), DuckDbHistory.At(received), (Quality)reader.GetByte(6));
            rows.Add((new(received, reader.GetInt64(1)), draft => draft.Readings.Add(reading)));
        }
    }

    private static void ReadOccurrences(
        DuckDBConnection connection, Dictionary<int, string> devices, long from, long to, PastPlace? after, PastPlace? until, List<(PastPlace, Action<Draft>)> rows)
    {
        var where = string.Create(CultureInfo.InvariantCulture, $"WHERE r.device IN ({string.Join(',', devices.Keys)}) AND r.observed >= {from} AND r.observed < {to} {After("r.received", after)} {Until(until)}");
        using (var command = Command(connection, $"SELECT r.received, r.arrival, r.device, r.observed, r.event, r.type, r.state, r.confidence, r.snapshot, r.clip FROM events r {where} ORDER BY r.rowid"))
        {
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                var happened = new DeviceEvent(
                    new(devices[reader.GetInt32(2)]), reader.GetString(4), new(reader.GetString(5)), (EventState)reader.GetByte(6), reader.IsDBNull(7) ? null : reader.GetDouble(7),
                    reader.IsDBNull(8) ? null : reader.GetString(8), reader.IsDBNull(9) ? null : reader.GetString(9), [], DuckDbHistory.At(reader.GetInt64(3)), DuckDbHistory.At(reader.GetInt64(0)));
                rows.Add((new(reader.GetInt64(0), reader.GetInt64(1)), draft => draft.Events.Add(happened)));
            }
        }

        using var positions = Command(connection, $"SELECT r.received, r.arrival, r.device, r.observed, r.longitude, r.latitude, r.speed, r.heading FROM positions r {where} ORDER BY r.rowid");
        using var row = positions.ExecuteReader();
        while (row.Read())
        {
            var position = new DevicePosition(
                new(devices[row.GetInt32(2)]), row.GetDouble(4), row.GetDouble(5), row.IsDBNull(6) ? null : row.GetDouble(6), row.IsDBNull(7) ? null : row.GetDouble(7),
                DuckDbHistory.At(row.GetInt64(3)), DuckDbHistory.At(row.GetInt64(0)));
            rows.Add((new(row.GetInt64(0), row.GetInt64(1)), draft => draft.Positions.Add(position)));
        }
    }

    private static string After(string arrived, PastPlace? place) => place is not { } from ? string.Empty
        : string.Create(CultureInfo.InvariantCulture, $"AND ({arrived} > {from.Received} OR ({arrived} = {from.Received} AND r.arrival > {from.Arrival}))");

    private static string Until(PastPlace? place) => place is not { } to ? string.Empty
        : string.Create(CultureInfo.InvariantCulture, $"AND (r.received < {to.Received} OR (r.received = {to.Received} AND r.arrival <= {to.Arrival}))");

    private static List<IngestBatch> Batches(AreaId street, List<(PastPlace Place, Action<Draft> Put)> rows)
    {
        var batches = new List<IngestBatch>();
        Draft? draft = null;
        PastPlace place = default;
        foreach (var (at, put) in rows.OrderBy(row => row.Place.Received).ThenBy(row => row.Place.Arrival))
        {
            if (draft is not null && at != place)
            {
                batches.Add(draft.ToBatch(street, batches.Count));
                draft = null;
            }

            place = at;
            put(draft ??= new());
        }

        if (draft is not null)
        {
            batches.Add(draft.ToBatch(street, batches.Count));
        }

        return batches;
    }

    private static Dictionary<int, string> Ids(DuckDBConnection connection, int kind, IEnumerable<string> names)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        var ids = new Dictionary<int, string>();
        using var command = Command(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT id, name FROM names WHERE kind = {kind}"));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (wanted.Contains(reader.GetString(1)))
            {
                ids[reader.GetInt32(0)] = reader.GetString(1);
            }
        }

        return ids;
    }

    private sealed class Draft
    {
        public ImmutableArray<Reading>.Builder Readings { get; } = ImmutableArray.CreateBuilder<Reading>();
        public ImmutableArray<DeviceEvent>.Builder Events { get; } = ImmutableArray.CreateBuilder<DeviceEvent>();
        public ImmutableArray<DevicePosition>.Builder Positions { get; } = ImmutableArray.CreateBuilder<DevicePosition>();

        public IngestBatch ToBatch(AreaId street, int number) => new()
        {
            Node = "past", Sequence = number, Street = street, Readings = Readings.ToImmutable(), Events = Events.ToImmutable(), Positions = Positions.ToImmutable(),
        };
    }
}
