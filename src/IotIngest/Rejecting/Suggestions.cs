using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using IotIngest.Decoding;

namespace IotIngest.Rejecting;

/// <summary>Guesses the registration of a device from what it sends, for an administrator to look at and accept.</summary>
internal static class Suggestions
{
    /// <summary>The first quantity or event that tells a kind decides.</summary>
    private static readonly (string Word, string Kind)[] KindByWord =
    [
        ("water_depth", "water_level"), ("water_level", "river_gauge"), ("rainfall", "rain_gauge"), ("gas_lel", "gas"), ("methane", "gas"), ("h2s", "gas"),
        ("oxygen", "gas"), ("co", "gas"), ("smoke", "smoke"), ("tilt", "manhole"), ("laeq", "noise"), ("pm25", "air"), ("pm10", "air"), ("tsp", "air"),
        ("wind_speed", "weather"), ("crowd_density", "crowd"), ("crowd_count", "crowd"), ("vehicle_speed", "vehicle"), ("pressure", "hydrant"), ("packet_loss", "link"),
        ("cpu", "server"), ("disk", "server"), ("power", "power"), ("current", "power"), ("temperature", "weather"), ("humidity", "weather"),
        ("elevator_trapped", "elevator"), ("sos", "elder_care"), ("fall", "elder_care"),
    ];

    public static DeviceRegistration? For(string format, string key, string street, RejectionLedger.Seen seen)
    {
        var kind = KindByWord.FirstOrDefault(entry => seen.Names.Contains(entry.Word) || entry.Word == seen.EventType).Kind
            ?? (seen.EventType is not null ? "camera" : seen.Moves ? "vehicle" : null);
        if (kind is null)
        {
            return null;
        }

        var id = new string([.. key.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or ':' ? letter : '-').Take(64)]);
        return new DeviceRegistration
        {
            Id = new DeviceId(id),
            Name = key,
            Kind = kind,
            Street = street.Length > 0 ? new AreaId(street) : AreaId.Outside,
            Domain = kind is "elder_care" or "elevator" or "crowd" ? GovernanceDomain.Social
                : kind is "gas" or "smoke" or "hydrant" or "power" ? GovernanceDomain.Safety
                : GovernanceDomain.Urban,
            Quantities = [.. seen.Names.Select(name => QuantityKinds.Find(new QuantityId(name))).OfType<QuantityKind>().DistinctBy(found => found.Id)
                .Select(found => new DeviceQuantity { Name = found.Id, Unit = found.Unit })],
            Source = format == Decoders.Canonical ? null : new DeviceSource(format, key),
        };
    }
}
