using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/devices/{id}/readings</c>: the kept readings.</summary>
internal static class ReadingsApi
{
    private const int ImportBytesMax = 64 * 1024 * 1024;
    private const int RejectionsMax = 1_000;

    public static async Task<IResult> ReadAsync(string id, HttpContext context, IClusterClient cluster, DomainClock clock)
    {
        var query = new QueryReader(context.Request.Query);
        var quantity = new QuantityId(query.RequiredText("quantity"));
        var kind = QuantityKinds.Find(quantity);
        if (kind is null && quantity.Value.Length > 0)
        {
            query.Refuse("quantity", $"'{quantity}' is not a quantity of the vocabulary");
        }

        var to = query.Time("to") ?? clock.Now;
        var from = query.Time("from") ?? to.AddDays(-1);
        query.CheckRange(from, to);
        var every = query.Interval("every");
        var (limit, cursor) = (query.Limit(QueryReader.LimitMax), query.Cursor());
        if (query.Refusal() is { } refusal)
        {
            return refusal;
        }

        if (await cluster.GetGrain<IRegistryGrain>(0).GetAsync(new DeviceId(id), context.ActorOf()) is null)
        {
            return Answers.NotFound();
        }

        var history = cluster.GetGrain<IReadingHistoryGrain>(0);
        if (every is null)
        {
            var raw = await history.ReadRawAsync(new DeviceId(id), quantity, from, to, limit, cursor);
            return Answers.Document(new ReadingsDocument<HistoryPoint>(id, quantity, kind!.Unit, null, raw.Items, raw.Next));
        }

        var intervals = await history.ReadEveryAsync(new DeviceId(id), quantity, from, to, every.Value, limit, cursor);
        return Answers.Document(new ReadingsDocument<HistoryInterval>(id, quantity, kind!.Unit, query.Text("every"), intervals.Items, intervals.Next));
    }

    public static async Task<IResult> ImportAsync(string id, HttpContext context, IClusterClient cluster, DomainClock clock)
    {
        var actor = context.ActorOf();
        if (await cluster.GetGrain<IRegistryGrain>(0).GetAsync(new DeviceId(id), actor) is not { } device)
        {
            return Answers.NotFound();
        }

        if (!actor.Has(Role.System) && !actor.Has(Role.Gateway) && !actor.Has(Role.Dispatcher))
        {
            return Answers.Refused(Refusal.NotAllowed, "Importing readings needs the role system, gateway or dispatcher.", ImmutableDictionary<string, ImmutableArray<string>>.Empty);
        }

        var (body, refusal) = await DocumentReader.ReadBytesAsync(context.Request, ImportBytesMax);
        if (refusal is not null)
        {
            return refusal;
        }

        var import = new ReadingImport(device, clock.Now);
        if (context.Request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) == true)
        {
            if (import.AddTable(Encoding.UTF8.GetString(body.Span)) is { } wrong)
            {
                return Answers.Invalid("body", wrong);
            }
        }
        else if (!DocumentReader.TryParse(body, out var element, out var error))
        {
            return Answers.Invalid("body", error);
        }
        else if (element.ValueKind != JsonValueKind.Array)
        {
            return Answers.Invalid("body", "must be a JSON array, or CSV with Content-Type text/csv");
        }
        else
        {
            import.AddArray(element);
        }

        var kept = import.Readings.Count == 0
            ? new HistoryImport(0, 0)
            : await cluster.GetGrain<IReadingHistoryGrain>(0).ImportAsync([.. import.Readings]);
        return Answers.Document(new ImportAnswer(kept.Accepted, kept.Duplicates, [.. import.Rejections.Take(RejectionsMax)]));
    }

    internal sealed record ImportRejection(int Index, string Reason, string Detail);

    private sealed record ImportAnswer(long Accepted, long Duplicates, ImmutableArray<ImportRejection> Rejections);

    private sealed record ReadingsDocument<T>(string Device, QuantityId Quantity, string Unit, string? Every, ImmutableArray<T> Points, string? Next);
}

/// <summary>The rows of a history import, checked one by one. Values under a device's own name (<c>from</c>) are mapped, others are in the
/// vocabulary's unit unless a unit is said.</summary>
internal sealed class ReadingImport(DeviceRegistration device, DateTimeOffset now)
{
    private static readonly string[] NeededColumns = ["at", "quantity", "value"];

    public List<Reading> Readings { get; } = [];

    public List<ReadingsApi.ImportRejection> Rejections { get; } = [];

    public void AddArray(JsonElement array)
    {
        var index = 0;
        foreach (var item in array.EnumerateArray())
        {
            AddItem(index++, item);
        }
    }

    /// <summary>Null, or why the table as a whole cannot be read.</summary>
    public string? AddTable(string text)
    {
        var table = CsvTable.Parse(text);
        if (!NeededColumns.All(table.Heading.Contains))
        {
            return "must be a CSV table with the columns at, quantity, value and perhaps unit";
        }

        for (var index = 0; index < table.Rows.Count; index++)
        {
            var row = table.Rows[index];
            if (!Times.TryParse(row["at"] ?? string.Empty, out var observedAt))
            {
                Refuse(index, "bad_time", $"'{row["at"]}' is not a time with offset");
            }
            else if (!double.TryParse(row["value"], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                Refuse(index, "not_a_number", $"'{row["value"]}' is not a number");
            }
            else
            {
                Add(index, observedAt, row["quantity"] ?? string.Empty, number, string.IsNullOrEmpty(row["unit"]) ? null : row["unit"]);
            }
        }

        return null;
    }

    private void AddItem(int index, JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("values", out var values) || values.ValueKind != JsonValueKind.Object)
        {
            Refuse(index, "malformed", "must be an object with at and values");
            return;
        }

        var at = default(DateTimeOffset);
        if (!item.TryGetProperty("at", out var time)
            || !(time.ValueKind == JsonValueKind.String ? Times.TryParse(time.GetString()!, out at) : time.ValueKind == JsonValueKind.Number && time.TryGetInt64(out var ms) && Times.TryFromEpochMs(ms, out at)))
        {
            Refuse(index, "bad_time", "at must be an RFC 3339 time with offset, or epoch milliseconds");
            return;
        }

        item.TryGetProperty("units", out var units);
        foreach (var value in values.EnumerateObject())
        {
            if (value.Value.ValueKind != JsonValueKind.Number || !value.Value.TryGetDouble(out var number))
            {
                Refuse(index, "not_a_number", $"{value.Name} is not a number");
                continue;
            }

            var unit = units.ValueKind == JsonValueKind.Object && units.TryGetProperty(value.Name, out var said) && said.ValueKind == JsonValueKind.String ? said.GetString() : null;
            Add(index, at, value.Name, number, unit);
        }
    }

    private void Add(int index, DateTimeOffset at, string name, double raw, string? saidUnit)
    {
        var mapping = device.Quantities.FirstOrDefault(quantity => (quantity.From ?? quantity.Name.Value) == name)
            ?? device.Quantities.FirstOrDefault(quantity => quantity.Name.Value == name);
        var mapped = mapping is not null && (mapping.From ?? mapping.Name.Value) == name;
        var id = mapping?.Name ?? new QuantityId(name);
        if (QuantityKinds.Find(id) is not { } kind)
        {
            Refuse(index, "unknown_quantity", $"'{name}' is not a quantity of the device or the vocabulary");
            return;
        }

        var value = mapped ? (raw * mapping!.Scale) + mapping.Offset : raw;
        var unit = saidUnit ?? (mapped ? mapping!.FromUnit : null) ?? kind.Unit;
        if (UnitsOfMeasure.Normalize(unit) is not { } code || !UnitsOfMeasure.TryConvert(value, code, kind.Unit, id, out var converted))
        {
            Refuse(index, "bad_unit", $"'{unit}' cannot be converted to {kind.Unit}");
            return;
        }

        if (!double.IsFinite(converted))
        {
            Refuse(index, "not_a_number", $"{name} is not a number");
            return;
        }

        var (min, max) = (mapping?.Min ?? kind.Min, mapping?.Max ?? kind.Max);
        if (converted < min || converted > max)
        {
            Refuse(index, "out_of_range", string.Create(CultureInfo.InvariantCulture, $"{name} = {converted} {kind.Unit} is outside {min} to {max}"));
            return;
        }

        Readings.Add(new Reading(device.Id, id, converted, at, now, Quality.Good));
    }

    private void Refuse(int index, string reason, string detail) => Rejections.Add(new(index, reason, detail));
}
