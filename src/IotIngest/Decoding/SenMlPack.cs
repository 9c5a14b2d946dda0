using System.Buffers;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Resolves the records of a pack: each base field holds until another replaces it. The base name is the device, what a record adds to it is the quantity; records of one device and one time become
// one reading, and a longitude with a latitude a position. A name alone is split where RFC 9039 ends the device in it; a name without any device belongs to the topic's.
internal sealed class SenMlPack(string topic, DateTimeOffset receivedAt)
{
    /// <summary>The version that RFC 8428 defines. A later one may mean something else by the same fields.</summary>
    private const int VersionMax = 10;

    /// <summary>Times below are relative to now: RFC 8428, section 4.5.3.</summary>
    private const double RelativeBelow = 1 << 28;
    private const string Separators = ":/;_.-";
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly List<Resolved> resolved = [];
    private SenMlRecord bases;
    private DecodeRefusal? refusal;

    /// <summary>False: the rest of the pack need not be read.</summary>
    public bool TryAdd(in SenMlRecord record)
    {
        if (!record.IsRecord)
        {
            return Refuse(RejectionReason.Malformed, "a record has no field of SenML");
        }

        bases.BaseName = record.BaseName ?? bases.BaseName;
        bases.BaseTime = record.BaseTime ?? bases.BaseTime;
        bases.BaseUnit = record.BaseUnit ?? bases.BaseUnit;
        bases.BaseValue = record.BaseValue ?? bases.BaseValue;
        bases.BaseSum = record.BaseSum ?? bases.BaseSum;
        if (record.BaseVersion > VersionMax)
        {
            return Refuse(RejectionReason.Unsupported, $"the pack is of a version after {VersionMax}, the one of RFC 8428");
        }

        if (record.NotUnderstood is { } field)
        {
            return Refuse(RejectionReason.Unsupported, $"the field \"{(field.Length > 40 ? field[..40] : field)}\" must be understood, and is not");
        }

        if (resolved.Count + 2 > DecodedMessage.ValuesMax)
        {
            return Refuse(RejectionReason.Malformed, $"more than {DecodedMessage.ValuesMax} values in one message");
        }

        if (record.Value is null && record.OtherValue is null && record.Sum is null)
        {
            // Base fields alone.
            return true;
        }

        if ((bases.BaseName?.Length ?? 0) + (record.Name?.Length ?? 0) > ForeignReadings.KeyLengthMax + FlatValues.NameLengthMax)
        {
            // Before it is split: every piece of it would be a copy.
            return Refuse(RejectionReason.Malformed, "a name is too long");
        }

        var (key, otherKey, name) = Split(bases.BaseName, record.Name);
        if (key.Length is 0 or > ForeignReadings.KeyLengthMax || name.Length > FlatValues.NameLengthMax)
        {
            return Refuse(RejectionReason.Malformed, key.Length == 0 ? "neither name nor topic names the device" : "a name is too long");
        }

        var unit = record.Unit ?? bases.BaseUnit;
        var at = TimeOf((bases.BaseTime ?? 0) + (record.Time ?? 0), out var badTime);
        name = name.Length > 0 ? name : NameOf(unit);
        if ((record.Value + (bases.BaseValue ?? 0) ?? record.OtherValue) is { } value)
        {
            resolved.Add(new(key, otherKey, name, unit, value, at, badTime));
        }

        if (record.Sum is { } sum)
        {
            // An integral over time: its unit is the value's times seconds.
            resolved.Add(new(key, otherKey, name + ".sum", null, sum + (bases.BaseSum ?? 0), at, badTime));
        }

        return true;
    }

    public void Finish(DecodedMessage into)
    {
        if (refusal is { } refused)
        {
            into.Refuse(refused.Reason, refused.Detail);
            return;
        }

        foreach (var group in resolved.GroupBy(one => (one.Key, one.At, one.BadTime)))
        {
            var first = group.First();
            var like = new DecodedItem { Key = first.Key.AsMemory(), OtherKey = first.OtherKey.AsMemory(), At = first.At, BadTime = first.BadTime };
            var longitude = group.FirstOrDefault(one => one.Unit == "lon");
            var latitude = group.FirstOrDefault(one => one.Unit == "lat");
            var isPlace = longitude is not null && latitude is not null && double.IsFinite(longitude.Value) && double.IsFinite(latitude.Value);
            ForeignReadings.Open(like, into);
            foreach (var one in group)
            {
                if (!isPlace || one.Unit is not ("lon" or "lat"))
                {
                    into.AddValue(one.Name, one.Value, one.Unit);
                }
            }

            ForeignReadings.Close(into);
            if (isPlace)
            {
                ForeignReadings.AddPosition(like, longitude!.Value, latitude!.Value, null, null, into);
            }
        }
    }

    private bool Refuse(RejectionReason reason, string detail)
    {
        refusal = new(reason, detail);
        return false;
    }

    private DateTimeOffset? TimeOf(double time, out string? badTime)
    {
        badTime = null;
        if (time == 0)
        {
            return null;
        }

        if (time < RelativeBelow)
        {
            return receivedAt.ToUnixTimeMilliseconds() + Math.Round(time * 1e3) is var relative && LocalTimes.TryFromEpochMs(relative, out var then) ? then : null;
        }

        if (ForeignTimes.TryFromEpoch(time, out var at))
        {
            return at;
        }

        badTime = time.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return null;
    }

    private (string Key, string OtherKey, string Name) Split(string? baseName, string? name)
    {
        if (!string.IsNullOrEmpty(baseName))
        {
            var bare = baseName.TrimEnd(Separators.ToCharArray());
            return (baseName, bare.Length == baseName.Length ? string.Empty : bare, (name ?? string.Empty).TrimStart(Separators.ToCharArray()));
        }

        if (string.IsNullOrEmpty(name))
        {
            return (OfTopic(), string.Empty, string.Empty);
        }

        var end = EndOfDevice(name);
        return end < 0 ? (OfTopic() is { Length: > 0 } device ? (device, string.Empty, name) : (name, string.Empty, string.Empty))
            : end == name.Length ? (name, string.Empty, string.Empty)
            : (name[..end], name[..(end + 1)], name[(end + 1)..]);
    }

    /// <summary>Where the device ends in a whole name; -1: there is none in it.</summary>
    private static int EndOfDevice(string name)
    {
        if (name.StartsWith("urn:dev:", StringComparison.OrdinalIgnoreCase))
        {
            var identity = name.IndexOf(':', "urn:dev:".Length) + 1;
            var end = identity == 0 ? -1 : name.AsSpan(identity).IndexOfAny(":/;_");
            return end < 0 ? name.Length : identity + end;
        }

        var slash = name.LastIndexOf('/');
        return slash > 0 ? slash : name.LastIndexOf(':') is > 0 and var colon && name.AsSpan(colon + 1).ContainsAnyExcept(Hexadecimal) ? colon : -1;
    }

    private string OfTopic() => topic.StartsWith("senml/", StringComparison.Ordinal) ? topic["senml/".Length..] : topic;

    /// <summary>A record without a name is told from its neighbours by its unit alone.</summary>
    private static string NameOf(string? unit) => unit switch
    {
        "Cel" or "K" or "degF" => "temperature",
        "%RH" => "humidity",
        "%EL" => "battery",
        "lon" or "lat" or "alt" => unit,
        "dB" or "dBspl" => "laeq",
        "lx" => "illuminance",
        "A" or "mA" => "current",
        "V" or "mV" => "voltage",
        _ => "value",
    };

    private sealed record Resolved(string Key, string OtherKey, string Name, string? Unit, double Value, DateTimeOffset? At, string? BadTime);
}
