using System.Globalization;
using CommandCenter.Grains.Contracts;
using IotIngest.Decoding;
using IotIngest.Routing;

namespace IotIngest.Checking;

/// <summary>What the check of a time found.</summary>
internal enum Timing { Fine, Ahead, Late, Unreadable }

// Everything between a decoded item and a reading that may be believed: time, quantity, unit, range. Pure, so a trial and the live path cannot differ.
internal static class Checker
{
    public static readonly TimeSpan AheadMax = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan LateMax = TimeSpan.FromHours(24);

    /// <summary>Checks one item of a registered device. What is refused goes to <paramref name="refusals"/>, what stands to <paramref name="into"/>.</summary>
    public static Timing Check(in DecodedItem item, DecodedMessage message, DeviceEntry device, DateTimeOffset receivedAt, CheckedItem into, IRefusals refusals)
    {
        into.Clear();
        var timing = TimeOf(item, receivedAt, out var observedAt);
        if (timing == Timing.Unreadable)
        {
            refusals.Refuse(RejectionReason.BadTime, $"\"{item.BadTime}\" is not a time");
            return timing;
        }

        into.Late = timing == Timing.Late;
        switch (item.Kind)
        {
            case ItemKind.Reading:
                CheckValues(item, message, device, observedAt, receivedAt, timing == Timing.Ahead ? Quality.Suspect : Quality.Good, into, refusals);
                break;
            case ItemKind.Event when item.Confidence is < 0 or > 1:
                refusals.Refuse(RejectionReason.OutOfRange, Say($"confidence {item.Confidence} is not between 0 and 1"));
                break;
            case ItemKind.Event:
                into.Event = new DeviceEvent(
                    device.Id, item.EventId!, new EventTypeId(item.EventType!), item.EventState, item.Confidence, item.Snapshot, item.Clip, item.Box, observedAt, receivedAt);
                break;
            case ItemKind.Position:
                into.Position = PositionOf(item, device, observedAt, receivedAt, refusals);
                break;
            default:
                into.Status = new DeviceStatus(device.Id, item.Online, observedAt, receivedAt);
                break;
        }

        return timing;
    }

    /// <summary>The time that counts for an item: its own, or the receipt's where it has none or lies too far ahead.</summary>
    public static Timing TimeOf(in DecodedItem item, DateTimeOffset receivedAt, out DateTimeOffset observedAt)
    {
        observedAt = receivedAt;
        if (item.BadTime is not null)
        {
            return Timing.Unreadable;
        }

        if (item.At is not { } at)
        {
            return Timing.Fine;
        }

        if (at > receivedAt + AheadMax)
        {
            return Timing.Ahead;
        }

        observedAt = at;
        return at < receivedAt - LateMax ? Timing.Late : Timing.Fine;
    }

    private static void CheckValues(
        in DecodedItem item, DecodedMessage message, DeviceEntry device, DateTimeOffset observedAt, DateTimeOffset receivedAt, Quality quality, CheckedItem into, IRefusals refusals)
    {
        foreach (ref readonly var value in message.Values.Slice(item.ValuesStart, item.ValuesCount))
        {
            var name = message.TextOf(value.Name);
            var known = false;
            foreach (var quantity in device.Quantities)
            {
                if (quantity.Is(name))
                {
                    known = true;
                    CheckValue(value, quantity, device, observedAt, receivedAt, quality, into, refusals);
                }
            }

            if (known)
            {
                continue;
            }

            var text = message.StringOf(value.Name);
            if (device.Learn(text) is { } learned)
            {
                CheckValue(value, learned, device, observedAt, receivedAt, quality, into, refusals);
            }
            else if (message.Format == Decoders.Canonical)
            {
                // Foreign messages are full of names that nobody mapped; in the contract's own format a name is a claim.
                refusals.Refuse(RejectionReason.UnknownQuantity, $"\"{Short(text)}\" is neither declared by the device nor in the vocabulary");
            }
        }
    }

    private static void CheckValue(
        in DecodedValue value, QuantityEntry quantity, DeviceEntry device, DateTimeOffset observedAt, DateTimeOffset receivedAt, Quality quality, CheckedItem into, IRefusals refusals)
    {
        if (value.Shape != ValueShape.Number)
        {
            refusals.Refuse(RejectionReason.NotANumber, $"{quantity.Id}: not a finite number");
            return;
        }

        var number = (value.Number * quantity.Scale) + quantity.Offset;
        if ((value.Unit ?? quantity.FromUnit) is { } unit)
        {
            if (!TryConvert(ref number, unit, quantity))
            {
                refusals.Refuse(RejectionReason.BadUnit, $"{quantity.Id}: \"{Short(unit)}\" cannot be converted to {quantity.Unit}");
                return;
            }
        }
        else if (value.UsualUnit is { } usual && quantity is { Scale: 1, Offset: 0 } && !TryConvert(ref number, usual, quantity) && !quantity.IsDeclared)
        {
            // Scale and offset of the device's document are written for the unit that it means; only where it says nothing does the format's usual unit count.
            // Where that is another dimension, as the volts that a tracker calls "power", the name only sounds like ours.
            return;
        }

        // Also refuses a NaN that a conversion may have made.
        if (!(number >= quantity.Min && number <= quantity.Max))
        {
            refusals.Refuse(RejectionReason.OutOfRange, Say($"{quantity.Id}: {number} {quantity.Unit} is not between {quantity.Min} and {quantity.Max}"));
            return;
        }

        into.Add(new Reading(device.Id, quantity.Id, number, observedAt, receivedAt, quality));
    }

    private static bool TryConvert(ref double number, string unit, QuantityEntry quantity) =>
        string.Equals(unit, quantity.Unit, StringComparison.Ordinal) || UnitsOfMeasure.TryConvert(number, unit, quantity.Unit, quantity.Id, out number);

    private static DevicePosition? PositionOf(in DecodedItem item, DeviceEntry device, DateTimeOffset observedAt, DateTimeOffset receivedAt, IRefusals refusals)
    {
        if (item.Longitude is < -180 or > 180 || item.Latitude is < -90 or > 90)
        {
            refusals.Refuse(RejectionReason.OutOfRange, Say($"{item.Longitude}, {item.Latitude} is no longitude and latitude"));
            return null;
        }

        if (!CoordinateSystems.TryToWgs84(item.Crs ?? "wgs84", item.Longitude, item.Latitude, out var longitude, out var latitude))
        {
            refusals.Refuse(RejectionReason.BadUnit, $"\"{Short(item.Crs!)}\" is not a known coordinate system");
            return null;
        }

        return new DevicePosition(device.Id, longitude, latitude, item.SpeedKmh, item.HeadingDeg, observedAt, receivedAt);
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Short(string text) => text.Length <= 100 ? text : text[..100];
}
