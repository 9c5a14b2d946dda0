using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

/// <summary>Adds the reading of a foreign report and what belongs to it.</summary>
internal static class ForeignReadings
{
    public const int KeyLengthMax = 200;

    /// <summary>A reading of everything that stands in <paramref name="values"/>. False when nothing was added: the report is empty, or too large, which is refused.</summary>
    public static bool Add(JsonElement values, in DecodedItem like, DecodedMessage into, UnitOf? units = null)
    {
        Open(like, into);
        return FlatValues.TryAdd(values, string.Empty, into, units) ? Close(into) : TooMany(into);
    }

    public static void Open(in DecodedItem like, DecodedMessage into)
    {
        ref var item = ref into.AddItem(ItemKind.Reading, like.Key);
        (item.OtherKey, item.At, item.BadTime) = (like.OtherKey, like.At, like.BadTime);
    }

    /// <summary>Takes the reading back when it has no values.</summary>
    public static bool Close(DecodedMessage into)
    {
        if (into.Items[^1].ValuesCount > 0)
        {
            return true;
        }

        into.DropLastItem();
        return false;
    }

    public static bool TooMany(DecodedMessage into)
    {
        into.DropLastItem();
        into.IsOverfull = true;
        into.Refuse(RejectionReason.Malformed, $"more than {DecodedMessage.ValuesMax} values in one message");
        return false;
    }

    /// <summary>A position; none for 0, 0, which is how devices write that they do not know.</summary>
    public static void AddPosition(in DecodedItem like, double longitude, double latitude, double? speedKmh, double? headingDeg, DecodedMessage into)
    {
        if (longitude == 0 && latitude == 0)
        {
            return;
        }

        ref var item = ref into.AddItem(ItemKind.Position, like.Key);
        (item.OtherKey, item.At, item.BadTime) = (like.OtherKey, like.At, like.BadTime);
        (item.Longitude, item.Latitude, item.SpeedKmh, item.HeadingDeg) = (longitude, latitude, speedKmh is < 0 ? null : speedKmh, headingDeg is < 0 or > 360 ? null : headingDeg);
    }

    public static void AddStatus(in DecodedItem like, bool online, DecodedMessage into)
    {
        ref var item = ref into.AddItem(ItemKind.Status, like.Key);
        (item.OtherKey, item.At, item.BadTime, item.Online) = (like.OtherKey, like.At, like.BadTime, online);
    }

    /// <summary>An event of a format that gives it no id.</summary>
    /// <param name="rule">What tells two conditions of one type at one device apart.</param>
    public static void AddEvent(in DecodedItem like, string type, string rule, Phase phase, in DecodeInput input, DecodedMessage into) =>
        CameraEvents.TryAdd(
            new CameraEvent(like.Key.ToString(), type, rule, new DeviceTime(like.At, like.BadTime), phase, Holds: phase != Phase.Pulse) { OtherKey = like.OtherKey.IsEmpty ? null : like.OtherKey.ToString() },
            input, into);

    /// <summary>False, with a refusal, for an identity that no registry could hold.</summary>
    public static bool IsKey(string? key, string whatIsMissing, DecodedMessage into)
    {
        if (key is { Length: > 0 and <= KeyLengthMax })
        {
            return true;
        }

        into.Refuse(RejectionReason.Malformed, key is { Length: > KeyLengthMax } ? $"the device's identity is longer than {KeyLengthMax} characters" : whatIsMissing);
        return false;
    }
}
