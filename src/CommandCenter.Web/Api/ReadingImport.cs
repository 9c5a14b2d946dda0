using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Api;

/// <summary>The rows of a history import, checked one by one and handed to history in steps. Values under a device's own name (<c>from</c>) are mapped, others are in the
/// vocabulary's unit unless a unit is said.</summary>
internal sealed class ReadingImport(DeviceRegistration device, DateTimeOffset now, ReadingImportProgress progress, IReadingHistoryGrain history)
{
    /// <summary>Readings of one call to history, which must not take longer than a call between grains may.</summary>
    private const int StepCount = 5_000;

    /// <summary>What a refusal repeats of a row: it is kept, and a row may be long.</summary>
    private const int DetailLengthMax = 200;

    private static readonly string[] NeededColumns = ["at", "quantity", "value"];
    private static readonly JsonSerializerOptions ItemOptions = new() { AllowDuplicateProperties = false, DefaultBufferSize = 64 * 1024, TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver() };

    private readonly List<Reading> _readings = [];
    private long _rows;

    /// <summary>Null, or why the body as a whole cannot be read from some place on.</summary>
    public async Task<string?> AddArrayAsync(Stream body, CancellationToken cancellation)
    {
        try
        {
            // An item is read whole before it can be looked at, so its length is bounded where its bytes come in.
            using var bounded = new BoundedItems(body);
            await foreach (var item in JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(bounded, ItemOptions, cancellation))
            {
                bounded.BeginItem();
                AddItem(_rows++, item);
                await StepAsync();
            }

            return null;
        }
        catch (JsonException broken)
        {
            return _rows == 0
                ? "must be a JSON array, or CSV with Content-Type text/csv"
                : FormattableString.Invariant($"must be JSON: after item {_rows - 1}: {broken.Message}");
        }
    }

    /// <summary>Null, or why the table as a whole cannot be read from some place on.</summary>
    public async Task<string?> AddTableAsync(Stream body, CancellationToken cancellation)
    {
        int[]? columns = null;
        try
        {
            await foreach (var (_, cells) in CsvRows.ReadAsync(body, cancellation))
            {
                if (columns is null)
                {
                    if (!NeededColumns.All(cells.Contains))
                    {
                        return "must be a CSV table with the columns at, quantity, value and perhaps unit";
                    }

                    columns = [cells.IndexOf("at"), cells.IndexOf("quantity"), cells.IndexOf("value"), cells.IndexOf("unit")];
                    continue;
                }

                AddRow(_rows++, columns, cells);
                await StepAsync();
            }
        }
        catch (InvalidDataException broken)
        {
            return FormattableString.Invariant($"after row {_rows - 1}: {broken.Message}");
        }

        return columns is null ? "must be a CSV table with the columns at, quantity, value and perhaps unit" : null;
    }

    /// <summary>Hands over what is left.</summary>
    public async Task FlushAsync()
    {
        var kept = new HistoryImport(0, 0);
        if (_readings.Count > 0)
        {
            kept = await history.ImportAsync([.. _readings]);
            _readings.Clear();
        }

        progress.Keep(_rows, kept);
    }

    private Task StepAsync() => _readings.Count >= StepCount ? FlushAsync() : Task.CompletedTask;

    private void AddRow(long index, int[] columns, List<string> cells)
    {
        var (at, quantity, value, unit) = (Cell(0), Cell(1), Cell(2), Cell(3));
        if (!Times.TryParse(at ?? string.Empty, out var observedAt))
        {
            Refuse(index, "bad_time", $"'{at}' is not a time with offset");
        }
        else if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            Refuse(index, "not_a_number", $"'{value}' is not a number");
        }
        else
        {
            Add(index, observedAt, quantity ?? string.Empty, number, string.IsNullOrEmpty(unit) ? null : unit);
        }

        string? Cell(int column) => columns[column] >= 0 && columns[column] < cells.Count ? cells[columns[column]] : null;
    }

    private void AddItem(long index, JsonElement item)
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

    private void Add(long index, DateTimeOffset at, string name, double raw, string? saidUnit)
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

        _readings.Add(new Reading(device.Id, id, converted, at, now, Quality.Good));
    }

    private void Refuse(long index, string reason, string detail) => progress.Refuse(new(index, reason, detail.Length <= DetailLengthMax ? detail : detail[..DetailLengthMax] + "…"));
}

/// <summary>The body of a request, which tells how much of it was read.</summary>
internal sealed class CountedStream(Stream inner, ReadingImportProgress progress) : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        progress.Read(count);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A stream that ends in an error once a single item of it has become too long.</summary>
internal sealed class BoundedItems(Stream inner) : Stream
{
    public const int ItemBytesMax = 1 << 20;
    private long _sinceItem;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void BeginItem() => _sinceItem = 0;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer.Length <= 64 * 1024 ? buffer : buffer[..(64 * 1024)], cancellationToken);
        _sinceItem += count;
        return _sinceItem <= ItemBytesMax ? count : throw new JsonException($"an item has more than {ItemBytesMax} bytes");
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
