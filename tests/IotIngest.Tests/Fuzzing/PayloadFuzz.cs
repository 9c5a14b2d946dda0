using System.Text;
using IotIngest.Decoding;
using IotIngest.Hosting;

namespace IotIngest.Tests.Fuzzing;

/// <summary>A good message of one format, from which bad ones are made.</summary>
internal sealed record FuzzSeed(string? Format, string Topic, byte[] Payload);

/// <summary>What a run found.</summary>
/// <param name="PeakBytes">The most that one input allocated beyond <see cref="PayloadFuzz.BytesPerByte"/> for each of its bytes; must stay below <see cref="PayloadFuzz.BytesAlways"/>.</param>
internal sealed record FuzzReport(long Inputs, long Items, long Refused, long PeakBytes, string PeakSeed, IReadOnlyList<string> Failures);

// Mutates the golden payloads and their topics and decodes what comes out, all formats in turn, in one set of decoders whose memory goes on. Nothing may throw, an item must be
// whole, and what one input allocates stays within a stated bound. Driven by a seed, so that a failure comes again.
internal sealed class PayloadFuzz
{
    /// <summary>Allocated at most for any input, and for each byte of it.</summary>
    public const long BytesAlways = 64 << 10;
    public const long BytesPerByte = 64;

    private const int FailuresMax = 20;
    private const int PayloadMax = 200_000;

    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", ":", ",", "<", ">", "</", "/>", "<a>", "</a>", "<![CDATA[", "]]>", "<!--", "-->", "<?xml version=\"1.0\" encoding=\"gb2312\"?>", "<!DOCTYPE x [<!ENTITY y \"z\">]>", "&y;", "&#x0;", "&amp;", "xmlns:q=\"u\"",
            "null", "true", "false", "NaN", "-Infinity", "1e999", "-1e308", "1e-400", "9999999999999999999999", "-9223372036854775809", "0", "-0", "4294967296", "\"\\ud800\"", "\"\\u0000\"", "\\", "\u00ff", "\uFEFF", "联通", "--b\r\n", "--b--",
            "\r\n\r\n", "Code=", ";data={", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00", "2026-02-30 25:61:61", "1795392000", "179539200000000000", "{\"a\":[", "<a b=\"", "$", "@", "#text", "SimpleItem", "DeviceID", "macAddress",
        }.Select(Encoding.UTF8.GetBytes),
        [0], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x80], [0x0a, 0xff, 0x7f], [0x12, 0x00], [0xfe, 0xff], [0xff, 0xfe], [0xc1, 0xaa, 0xcd, 0xa8],
    ];

    private readonly FuzzSeed[] seeds;
    private readonly Random random;
    private readonly Decoders decoders = new(new IngestOptions());
    private readonly DecodedMessage decoded = new();
    private readonly List<string> failures = [];
    private long items, refused, peak = long.MinValue;
    private string peakSeed = string.Empty;

    public PayloadFuzz(IEnumerable<FuzzSeed> seeds, int seed) => (this.seeds, random) = ([.. seeds], new Random(seed));

    /// <summary>Counts up while the run goes on; one that stands still hangs.</summary>
    public long Done { get; private set; }

    /// <summary>The golden payloads of that folder, and some of formats that have none.</summary>
    public static IEnumerable<FuzzSeed> ReadSeeds(string golden)
    {
        foreach (var file in Directory.EnumerateFiles(golden, "*.readings.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var payload = file[..^".readings.json".Length] + ".payload";
            if (File.Exists(payload))
            {
                yield return new(Path.GetFileName(Path.GetDirectoryName(file)), File.ReadLines(file).First().Split(" <- ")[0], File.ReadAllBytes(payload));
            }
        }

        yield return new("canonical", "city/v1/320404002/wl-1/readings", """{"at":1795392000000,"values":{"x":NaN,"a":{"b":[1,2,{"c":3}]}},"units":{"x":"mm"}}"""u8.ToArray());
        yield return new("hikvision", "hikvision/x", """<EventNotificationAlert><macAddress>4f:e4:2f:81:cd:1b</macAddress><eventType>VMD</eventType><eventState>inactive</eventState></EventNotificationAlert>"""u8.ToArray());
        yield return new("hikvision", "hikvision/x", "--b\r\nContent-Type: application/xml\r\n\r\n<EventNotificationAlert><eventType>VMD</eventType><eventState>active</eventState></EventNotificationAlert>\r\n--b--\r\n"u8.ToArray());
        yield return new("onvif", "cam/onvif-ej/RuleEngine/CellMotionDetector/Motion/&1", """{"UtcTime":"2026-11-23T00:00:00Z","Source":{"SimpleItem":[{"Name":"a","Value":"1"}]},"Data":{"IsMotion":"true"}}"""u8.ToArray());
        yield return new("onvif", "cam/onvif-mj/VideoAnalytics/1", """{"Frame":[{"@UtcTime":"2026-11-23T00:00:00Z","Object":[{"@ObjectId":1,"Appearance":{"Shape":{"BoundingBox":{"@left":0.1,"@top":0.2,"@right":0.3,"@bottom":0.1}},"Class":{"Type":[{"@Likelihood":0.8,"#text":"Human"}]}}}]}]}"""u8.ToArray());
    }

    public FuzzReport Run(long count)
    {
        // What is allocated once for the whole process is no input's fault.
        foreach (var seed in seeds)
        {
            Take(seed, seed.Topic, seed.Payload, measured: false);
        }

        for (; Done < count && failures.Count < FailuresMax; Done++)
        {
            var seed = seeds[random.Next(seeds.Length)];
            Take(seed, random.Next(8) == 0 ? MutateTopic(seed.Topic) : seed.Topic, Mutate(seed.Payload), measured: true);
        }

        return new(Done, items, refused, peak, peakSeed, failures);
    }

    private void Take(FuzzSeed seed, string topic, byte[] payload, bool measured)
    {
        var receivedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_795_392_000_000 + (Done * 250));
        var trial = random.Next(4) == 0;
        var format = random.Next(3) == 0 ? null : seed.Format;
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            decoders.Decode(topic, payload, format, decoded, receivedAt, trial);
        }
        catch (Exception thrown)
        {
            Fail(seed, topic, payload, thrown.ToString());
            return;
        }

        var above = GC.GetAllocatedBytesForCurrentThread() - before - (BytesPerByte * payload.Length);
        if (measured && above > peak)
        {
            (peak, peakSeed) = (above, $"{seed.Format} {topic}, {payload.Length} bytes");
        }

        if (measured && above > BytesAlways)
        {
            Fail(seed, topic, payload, $"allocated {above + (BytesPerByte * payload.Length)} bytes");
        }

        items += decoded.ItemCount;
        refused += decoded.Refusals.Count;
        if (WhatIsWrong() is { } wrong)
        {
            Fail(seed, topic, payload, wrong);
        }
    }

    private string? WhatIsWrong()
    {
        if (decoded.ValueCount > DecodedMessage.ValuesMax || decoded.Refusals.Count > DecodedMessage.ValuesMax + 1_000)
        {
            return $"{decoded.ValueCount} values and {decoded.Refusals.Count} refusals";
        }

        foreach (var item in decoded.Items)
        {
            if (item.Kind == ItemKind.Event && (item.EventId is not { Length: > 0 and <= 200 } || item.EventType is not { Length: > 0 and <= 64 } || item.Box.IsDefault))
            {
                return "an event without id, type or box";
            }

            if (item.Kind == ItemKind.Position && !(double.IsFinite(item.Longitude) && double.IsFinite(item.Latitude)))
            {
                return "a position that is no number";
            }

            if (item.Key.IsEmpty || item.ValuesStart + item.ValuesCount > decoded.ValueCount || item.At is { Offset.Ticks: not 0 })
            {
                return "an item without key, with values that are not there, or with a local time";
            }
        }

        foreach (var value in decoded.Values)
        {
            if (value.Shape == ValueShape.Number && !double.IsFinite(value.Number))
            {
                return "a value that is no number";
            }
        }

        return null;
    }

    private void Fail(FuzzSeed seed, string topic, byte[] payload, string what) =>
        failures.Add($"input {Done} from {seed.Format}: {what}\n  topic {topic}\n  payload {Convert.ToBase64String(payload)} ({payload.Length} bytes)");

    private string MutateTopic(string topic)
    {
        var levels = topic.Split('/').ToList();
        switch (random.Next(5))
        {
            case 0:
                levels[random.Next(levels.Count)] = string.Empty;
                break;
            case 1:
                levels.Insert(random.Next(levels.Count + 1), new string('x', random.Next(1, 400)));
                break;
            case 2:
                levels.RemoveAt(random.Next(levels.Count));
                break;
            case 3:
                return seeds[random.Next(seeds.Length)].Topic;
            default:
                return topic[..random.Next(topic.Length + 1)];
        }

        return string.Join('/', levels);
    }

    private byte[] Mutate(byte[] seed)
    {
        var bytes = new List<byte>(seed);
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(10))
            {
                case 0 when bytes.Count > 0:
                    bytes[random.Next(bytes.Count)] = (byte)random.Next(256);
                    break;
                case 1 when bytes.Count > 0:
                    bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(40), bytes.Count - at));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    Repeat(bytes, at);
                    break;
                case 5:
                    var other = seeds[random.Next(seeds.Length)].Payload;
                    var from = random.Next(other.Length + 1);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(200), other.Length - from)).ToArray());
                    break;
                case 6:
                    ReplaceNumber(bytes, at);
                    break;
                default:
                    bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return bytes.Count <= PayloadMax ? [.. bytes] : [.. bytes[..PayloadMax]];
    }

    /// <summary>A piece again and again: deep nesting, long lists, long texts.</summary>
    private void Repeat(List<byte> bytes, int at)
    {
        var piece = random.Next(2) == 0 ? bytes.GetRange(at, Math.Min(random.Next(1, 120), bytes.Count - at)).ToArray() : Pieces[random.Next(Pieces.Length)];
        var times = random.Next(10) == 0 ? random.Next(8_000) : random.Next(60);
        if (piece.Length * times + bytes.Count > PayloadMax)
        {
            return;
        }

        var again = new byte[piece.Length * times];
        for (var i = 0; i < times; i++)
        {
            piece.CopyTo(again, i * piece.Length);
        }

        bytes.InsertRange(at, again);
    }

    private void ReplaceNumber(List<byte> bytes, int at)
    {
        var start = bytes.FindIndex(at, current => current is >= (byte)'0' and <= (byte)'9');
        if (start < 0)
        {
            return;
        }

        var end = start;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9')
        {
            end++;
        }

        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, Encoding.ASCII.GetBytes(random.Next(4) switch { 0 => new string('9', random.Next(1, 400)), 1 => "-1", 2 => "1e" + random.Next(-400, 400), _ => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture) }));
    }
}
