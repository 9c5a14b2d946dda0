using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.History.Influx;

/// <summary>Writes rows as line protocol, with times in nanoseconds. A point is known by measurement, tags and time, so that what is written twice is there once.</summary>
internal sealed class InfluxLines
{
    public const string Readings = "readings";
    public const string Events = "events";
    public const string Positions = "positions";
    public const string Statuses = "statuses";
    public const string Arrivals = "arrivals";
    public const long NanosecondsInMs = 1_000_000;

    private readonly ArrayBufferWriter<byte> _bytes = new(4096);

    // The devices of a batch repeat: their escaped tags are made once.
    private readonly Dictionary<(string, string), byte[]> _heads = [];

    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    public void Add(in Reading reading)
    {
        if (!_heads.TryGetValue((reading.Device.Value, reading.Quantity.Value), out var head))
        {
            head = Encoding.UTF8.GetBytes($"{Readings},device={InfluxText.EscapedTag(reading.Device.Value)},quantity={InfluxText.EscapedTag(reading.Quantity.Value)} value=");
            _heads.Add((reading.Device.Value, reading.Quantity.Value), head);
        }

        _bytes.Write(head);
        Number(reading.Value);
        _bytes.Write(",quality="u8);
        Number((long)reading.Quality);
        _bytes.Write("i,received="u8);
        Number(reading.ReceivedAt.ToUnixTimeMilliseconds());
        _bytes.Write("i "u8);
        End(Nanoseconds(reading.ObservedAt));
    }

    /// <summary>The id stands in the time below the millisecond: as a tag every occurrence would become a series of its own, which InfluxDB holds in memory for ever.</summary>
    public void Add(DeviceEvent item)
    {
        Text($"{Events},device={InfluxText.EscapedTag(item.Device.Value)},state={Word(item.State)} id={InfluxText.QuotedField(item.EventId)},type={InfluxText.QuotedField(item.Type.Value)}");
        Optional("confidence", item.Confidence);
        Optional("snapshot", item.Snapshot);
        Optional("clip", item.Clip);
        Received(item.ReceivedAt);
        End(Nanoseconds(item.ObservedAt) + Spread(item.EventId));
    }

    public void Add(DevicePosition item)
    {
        Text($"{Positions},device={InfluxText.EscapedTag(item.Device.Value)} longitude=");
        Number(item.Longitude);
        Text(",latitude=");
        Number(item.Latitude);
        Optional("speed", item.SpeedKmh);
        Optional("heading", item.HeadingDeg);
        Received(item.ReceivedAt);
        End(Nanoseconds(item.ObservedAt));
    }

    public void Add(DeviceStatus item)
    {
        Text($"{Statuses},device={InfluxText.EscapedTag(item.Device.Value)} online={(item.Online ? "true" : "false")}");
        Received(item.ReceivedAt);
        End(Nanoseconds(item.ObservedAt));
    }

    /// <summary>The whole batch as it arrived, so that a street can replay it in its order: one point per batch, or several parts when its text is longer than a field may be.</summary>
    public void Add(IngestBatch batch, long newestReceiptMs, string text, int partLength)
    {
        var parts = Math.Max(1, (text.Length + partLength - 1) / partLength);
        var time = ArrivalTime(newestReceiptMs, batch.Sequence);
        for (var part = 0; part < parts; part++)
        {
            var piece = text.Substring(part * partLength, Math.Min(partLength, text.Length - (part * partLength)));
            Text(string.Create(CultureInfo.InvariantCulture, $"{Arrivals},node={InfluxText.EscapedTag(batch.Node)},part={part},street={InfluxText.EscapedTag(batch.Street.Value)} "));
            Text(string.Create(CultureInfo.InvariantCulture, $"sequence={batch.Sequence}i,parts={parts}i,body={InfluxText.QuotedField(piece)} "));
            End(time);
        }
    }

    /// <summary>The batch's number orders those of one millisecond and makes their points differ.</summary>
    public static long ArrivalTime(long newestReceiptMs, long sequence) =>
        (newestReceiptMs * NanosecondsInMs) + (((sequence % NanosecondsInMs) + NanosecondsInMs) % NanosecondsInMs);

    /// <summary>The newest receipt of what the batch holds, or null when it holds nothing for a street.</summary>
    public static long? NewestReceipt(IngestBatch batch)
    {
        var newest = long.MinValue;
        foreach (ref readonly var reading in OrEmpty(batch.Readings).AsSpan())
        {
            newest = Math.Max(newest, reading.ReceivedAt.ToUnixTimeMilliseconds());
        }

        foreach (var item in OrEmpty(batch.Events))
        {
            newest = Math.Max(newest, item.ReceivedAt.ToUnixTimeMilliseconds());
        }

        foreach (var item in OrEmpty(batch.Positions))
        {
            newest = Math.Max(newest, item.ReceivedAt.ToUnixTimeMilliseconds());
        }

        foreach (var item in OrEmpty(batch.Statuses))
        {
            newest = Math.Max(newest, item.ReceivedAt.ToUnixTimeMilliseconds());
        }

        return newest == long.MinValue ? null : newest;
    }

    public static ImmutableArray<T> OrEmpty<T>(ImmutableArray<T> items) => items.IsDefault ? [] : items;

    private static string Word(EventState state) => state switch
    {
        EventState.Start => "start",
        EventState.Update => "update",
        EventState.End => "end",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "An event starts, goes on or ends."),
    };

    private static long Nanoseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds() * NanosecondsInMs;

    // FNV-1a, because it must be the same in every process; two of a million pairs of events in one millisecond of one device fall together, and both stand in the arrivals.
    private static long Spread(string id)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in id)
        {
            hash = (hash ^ character) * 1099511628211UL;
        }

        return (long)(hash % NanosecondsInMs);
    }

    private void Optional(string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            Text($",{name}=");
            Number(number);
        }
    }

    private void Optional(string name, string? value)
    {
        if (value is not null)
        {
            Text($",{name}={InfluxText.QuotedField(value)}");
        }
    }

    private void Received(DateTimeOffset at)
    {
        Text(",received=");
        Number(at.ToUnixTimeMilliseconds());
        Text("i ");
    }

    private void End(long nanoseconds)
    {
        Number(nanoseconds);
        _bytes.Write("\n"u8);
        Count++;
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, _bytes);

    private void Number(double value)
    {
        value.TryFormat(_bytes.GetSpan(32), out var written, "R", CultureInfo.InvariantCulture);
        _bytes.Advance(written);
    }

    private void Number(long value)
    {
        value.TryFormat(_bytes.GetSpan(24), out var written, default, CultureInfo.InvariantCulture);
        _bytes.Advance(written);
    }
}
