using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Incidents;

/// <summary>An event with its envelope.</summary>
internal sealed record StampedEvent(long Seq, DateTimeOffset At, By By, IncidentEvent Event);

/// <summary>The log of an incident does not stand as it was written.</summary>
internal sealed class BrokenEventLogException(IncidentId incident, long seq, string reason)
    : InvalidOperationException($"The event log of {incident} is broken at event {seq}: {reason}.")
{
    public long Seq { get; } = seq;
}

/// <summary>Events to stored rows and back. Each row carries the SHA-256 of the row before it and of its own bytes, so that a changed, missing or foreign row shows.</summary>
internal static class EventLog
{
    /// <summary>The hash before the first event.</summary>
    public static readonly string Genesis = new('0', 64);

    private const int PresentSchema = 1;

    private static readonly FrozenDictionary<Type, string> Types = typeof(IncidentEvent)
        .GetCustomAttributes<JsonDerivedTypeAttribute>()
        .ToFrozenDictionary(known => known.DerivedType, known => (string)known.TypeDiscriminator!);

    /// <summary>Every type of event.</summary>
    public static ImmutableArray<string> Words { get; } = [.. Types.Values.Order(StringComparer.Ordinal)];

    public static string TypeOf(IncidentEvent happened) => Types[happened.GetType()];

    public static ImmutableArray<StoredIncidentEvent> Encode(IncidentId incident, bool drill, string previousHash, IEnumerable<StampedEvent> events)
    {
        var rows = ImmutableArray.CreateBuilder<StoredIncidentEvent>();
        foreach (var stamped in events)
        {
            var row = new StoredIncidentEvent(
                incident, drill, stamped.Seq, TypeOf(stamped.Event), PresentSchema, stamped.At, stamped.By,
                JsonSerializer.Serialize(stamped.Event, EventJson.Stored.IncidentEvent), string.Empty);
            previousHash = HashOf(previousHash, row);
            rows.Add(row with { Hash = previousHash });
        }

        return rows.ToImmutable();
    }

    /// <summary>Reads rows back and checks the chain; throws <see cref="BrokenEventLogException"/> at the first row that does not stand.</summary>
    public static ImmutableArray<StampedEvent> Decode(IncidentId incident, IReadOnlyList<StoredIncidentEvent> rows, ImmutableArray<EventUpcaster>? upcasters = null)
    {
        var events = ImmutableArray.CreateBuilder<StampedEvent>(rows.Count);
        var previous = Genesis;
        foreach (var row in rows)
        {
            if (row.Seq != events.Count + 1)
            {
                throw new BrokenEventLogException(incident, events.Count + 1, $"the next row is number {row.Seq}");
            }

            if (row.Incident != incident || HashOf(previous, row) != row.Hash)
            {
                throw new BrokenEventLogException(incident, row.Seq, "the hash does not fit the bytes");
            }

            previous = row.Hash;
            var data = EventUpcasters.Lift(row.Type, row.SchemaVersion, row.Data, upcasters ?? EventUpcasters.All);
            var happened = JsonSerializer.Deserialize(data, EventJson.Stored.IncidentEvent)
                ?? throw new BrokenEventLogException(incident, row.Seq, "the event is empty");
            events.Add(new StampedEvent(row.Seq, row.At, row.By, happened));
        }

        return events.ToImmutable();
    }

    public static TimelineEntry ToTimeline(StoredIncidentEvent row) => new(row.Seq, row.Type, row.At, row.By, row.Data, row.Hash);

    private static string HashOf(string previous, StoredIncidentEvent row)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            // A JSON array in a fixed order: no two different rows have the same bytes.
            writer.WriteStartArray();
            writer.WriteStringValue(previous);
            writer.WriteStringValue(row.Incident.Value);
            writer.WriteBooleanValue(row.Drill);
            writer.WriteNumberValue(row.Seq);
            writer.WriteStringValue(row.Type);
            writer.WriteNumberValue(row.SchemaVersion);
            writer.WriteStringValue(ContractJson.Format(row.At));
            writer.WriteStringValue(row.By.Kind.ToString());
            writer.WriteStringValue(row.By.Id);
            writer.WriteStringValue(row.By.Name);
            writer.WriteStringValue(row.Data);
            writer.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan));
    }

    /// <summary>The first 16 hex digits of the SHA-256 of a text: for keys and bodies that must be recognised, not read.</summary>
    public static string ShortHash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
