using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;

namespace CommandCenter.Grains.Registry;

/// <summary>The check of a device document: everything that can be said of it without knowing the other devices. What passes is in the registry's own form:
/// WGS 84, the street's present code, UCUM units, no repeated tags. Each message starts with one word of reason and a colon.</summary>
internal static class DeviceCheck
{
    private const int IdLengthMax = 64;
    private const int NameLengthMax = 200;
    private const int TextLengthMax = 256;
    private const int TagLengthMax = 64;
    private const int TagsCountMax = 50;
    private const int OverlaysCountMax = 20;
    private const int QuantitiesCountMax = 200;
    private const int IntervalSecondsMax = 86_400;

    public static Outcome<DeviceRegistration> Check(DeviceRegistration document, AreaMap map)
    {
        var faults = new Faults();
        CheckId(document.Id, faults);
        CheckWords(document, faults);
        var (longitude, latitude) = CheckPosition(document, faults);
        var street = CheckStreet(document, longitude, latitude, map, faults);
        var overlays = CheckOverlays(document, longitude, latitude, map, faults);
        var quantities = CheckQuantities(document, faults);
        var source = CheckSource(document.Source, faults);
        if (faults.Any)
        {
            return Outcome.Invalid<DeviceRegistration>(faults.ToErrors());
        }

        return Outcome.Of(document with
        {
            Name = document.Name.Trim(),
            Street = street,
            Longitude = longitude,
            Latitude = latitude,
            Crs = "wgs84",
            Tags = [.. OrEmpty(document.Tags).Select(tag => tag.Trim()).Distinct(StringComparer.Ordinal)],
            Areas = overlays,
            Quantities = quantities,
            Source = source,
            Version = 0,
        });
    }

    /// <summary>Whether two checked documents say the same, their versions aside.</summary>
    public static bool Same(DeviceRegistration a, DeviceRegistration b) =>
        a.Tags.SequenceEqual(b.Tags, StringComparer.Ordinal) && a.Areas.SequenceEqual(b.Areas) && a.Quantities.SequenceEqual(b.Quantities)
        && Bare(a) == Bare(b);

    // Arrays compare by identity inside a record, so they are compared one by one and left out here.
    private static DeviceRegistration Bare(DeviceRegistration device) => device with { Version = 0, Tags = [], Areas = [], Quantities = [] };

    private static void CheckId(DeviceId id, Faults faults)
    {
        if (string.IsNullOrEmpty(id.Value))
        {
            faults.Add("id", "required: a device needs an id.");
        }
        else if (id.Value.Length > IdLengthMax || !id.Value.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.' or ':'))
        {
            faults.Add("id", $"malformed: only letters, digits and - _ . : may be used, at most {IdLengthMax} of them.");
        }
    }

    private static void CheckWords(DeviceRegistration document, Faults faults)
    {
        if (string.IsNullOrWhiteSpace(document.Name))
        {
            faults.Add("name", "required: a device needs a name.");
        }
        else if (document.Name.Length > NameLengthMax)
        {
            faults.Add("name", $"too_long: at most {NameLengthMax} characters.");
        }

        // The platform's own devices are no kind that an operator could choose.
        if (!document.Internal && DeviceKinds.Find(document.Kind) is null)
        {
            faults.Add("kind", $"unknown: \"{Shorten(document.Kind)}\" is no device kind of the vocabulary.");
        }

        if (!Enum.IsDefined(document.Domain))
        {
            faults.Add("domain", "unknown: urban, social, safety or economic.");
        }

        if (document.IntervalSeconds is < 1 or > IntervalSecondsMax)
        {
            faults.Add("intervalSeconds", $"out_of_range: 1 to {IntervalSecondsMax} seconds.");
        }

        var tags = OrEmpty(document.Tags);
        if (tags.Length > TagsCountMax)
        {
            faults.Add("tags", $"too_many: at most {TagsCountMax}.");
        }
        else if (tags.Any(tag => string.IsNullOrWhiteSpace(tag) || tag.Length > TagLengthMax))
        {
            faults.Add("tags", $"malformed: a tag has 1 to {TagLengthMax} characters.");
        }
    }

    private static (double? Longitude, double? Latitude) CheckPosition(DeviceRegistration document, Faults faults)
    {
        if (document.Longitude is null && document.Latitude is null)
        {
            return (null, null);
        }

        if (document.Longitude is not { } longitude)
        {
            faults.Add("lon", "required: a position needs both lon and lat.");
            return (null, null);
        }

        if (document.Latitude is not { } latitude)
        {
            faults.Add("lat", "required: a position needs both lon and lat.");
            return (null, null);
        }

        var inRange = true;
        if (longitude is not (>= -180 and <= 180))
        {
            faults.Add("lon", "out_of_range: -180 to 180 degrees.");
            inRange = false;
        }

        if (latitude is not (>= -90 and <= 90))
        {
            faults.Add("lat", "out_of_range: -90 to 90 degrees.");
            inRange = false;
        }

        if (!CoordinateSystems.TryToWgs84(document.Crs ?? "wgs84", longitude, latitude, out var wgsLongitude, out var wgsLatitude))
        {
            faults.Add("crs", $"unknown: \"{Shorten(document.Crs)}\" is none of wgs84, cgcs2000, gcj02, bd09.");
            inRange = false;
        }

        return inRange ? (wgsLongitude, wgsLatitude) : (null, null);
    }

    private static AreaId CheckStreet(DeviceRegistration document, double? longitude, double? latitude, AreaMap map, Faults faults)
    {
        if (string.IsNullOrWhiteSpace(document.Street.Value))
        {
            if (longitude is { } x && latitude is { } y)
            {
                return map.Locate(x, y);
            }

            if (!faults.Has("lon") && !faults.Has("lat") && !faults.Has("crs"))
            {
                faults.Add("street", "required: a device without a position needs a street.");
            }

            return default;
        }

        if (map.Find(document.Street) is { Kind: AreaKind.Street or AreaKind.Outside } street)
        {
            return street.Id;
        }

        faults.Add("street", $"unknown: {Shorten(document.Street.Value)} is no street of the district.");
        return default;
    }

    private static ImmutableArray<AreaId> CheckOverlays(DeviceRegistration document, double? longitude, double? latitude, AreaMap map, Faults faults)
    {
        var overlays = new List<AreaId>();
        foreach (var (area, i) in OrEmpty(document.Areas).Select((area, i) => (area, i)))
        {
            if (map.Find(area) is { Kind: AreaKind.Overlay } overlay)
            {
                overlays.Add(overlay.Id);
            }
            else
            {
                faults.Add($"areas[{i}]", $"unknown: {Shorten(area.Value)} is no overlay.");
            }

            if (i >= OverlaysCountMax)
            {
                faults.Add("areas", $"too_many: at most {OverlaysCountMax}.");
                break;
            }
        }

        // Where an overlay has a border, whatever lies inside belongs to it.
        if (longitude is { } x && latitude is { } y)
        {
            overlays.AddRange(map.OverlaysAt(x, y));
        }

        return [.. overlays.Distinct().OrderBy(overlay => overlay.Value, StringComparer.Ordinal)];
    }

    private static ImmutableArray<DeviceQuantity> CheckQuantities(DeviceRegistration document, Faults faults)
    {
        var quantities = OrEmpty(document.Quantities);
        if (quantities.Length > QuantitiesCountMax)
        {
            faults.Add("quantities", $"too_many: at most {QuantitiesCountMax}.");
            return [];
        }

        var seen = new HashSet<QuantityId>();
        return [.. quantities.Select((quantity, i) => CheckQuantity(quantity, $"quantities[{i}]", document.Internal, seen, faults))];
    }

    private static DeviceQuantity CheckQuantity(DeviceQuantity quantity, string field, bool isInternal, HashSet<QuantityId> seen, Faults faults)
    {
        if (quantity is null)
        {
            faults.Add(field, "required: it is null.");
            return null!;
        }

        var kind = QuantityKinds.Find(quantity.Name);
        if (kind is null || (kind.Id == QuantityKinds.CanaryPublished && !isInternal))
        {
            faults.Add($"{field}.name", $"unknown: \"{Shorten(quantity.Name.Value)}\" is no quantity kind of the vocabulary.");
            return quantity;
        }

        if (!seen.Add(quantity.Name))
        {
            faults.Add($"{field}.name", $"duplicate: {quantity.Name} stands twice.");
        }

        if (!string.IsNullOrEmpty(quantity.Unit) && UnitsOfMeasure.Normalize(quantity.Unit) != kind.Unit)
        {
            faults.Add($"{field}.unit", $"bad_unit: {quantity.Name} is kept in {kind.Unit}; put the device's own unit into fromUnit.");
        }

        if (quantity.FromUnit is { } fromUnit)
        {
            if (UnitsOfMeasure.Normalize(fromUnit) is null)
            {
                faults.Add($"{field}.fromUnit", $"bad_unit: \"{Shorten(fromUnit)}\" is not known.");
            }
            else if (!UnitsOfMeasure.TryConvert(1, fromUnit, kind.Unit, kind.Id, out _))
            {
                faults.Add($"{field}.fromUnit", $"bad_unit: {fromUnit} cannot be converted to {kind.Unit} of {quantity.Name}.");
            }
        }

        if (quantity.From is { } from && (string.IsNullOrWhiteSpace(from) || from.Length > TextLengthMax))
        {
            faults.Add($"{field}.from", $"malformed: a path has 1 to {TextLengthMax} characters; leave it out for the quantity's own name.");
        }

        if (!double.IsFinite(quantity.Scale) || quantity.Scale == 0)
        {
            faults.Add($"{field}.scale", "out_of_range: a number other than zero.");
        }

        if (!double.IsFinite(quantity.Offset))
        {
            faults.Add($"{field}.offset", "out_of_range: a number.");
        }

        CheckRange(quantity, kind, field, faults);
        return quantity with { Unit = kind.Unit };
    }

    private static void CheckRange(DeviceQuantity quantity, QuantityKind kind, string field, Faults faults)
    {
        if (quantity.Min is { } min && (min < kind.Min || min > kind.Max || double.IsNaN(min)))
        {
            faults.Add($"{field}.min", Say(kind));
        }

        if (quantity.Max is { } max && (max < kind.Min || max > kind.Max || double.IsNaN(max)))
        {
            faults.Add($"{field}.max", Say(kind));
        }

        if (quantity is { Min: { } low, Max: { } high } && low >= high)
        {
            faults.Add($"{field}.min", "out_of_range: it must be less than max.");
        }

        static string Say(QuantityKind kind) =>
            string.Create(CultureInfo.InvariantCulture, $"out_of_range: {kind.Min} to {kind.Max} {kind.Unit} is plausible for {kind.Id}.");
    }

    private static DeviceSource? CheckSource(DeviceSource? source, Faults faults)
    {
        if (source is null)
        {
            return null;
        }

        if (source.Format == PayloadFormats.Canonical)
        {
            // The canonical identity is the device's id, so a source would say it twice.
            return null;
        }

        if (source.Format is null || !PayloadFormats.Foreign.Contains(source.Format))
        {
            faults.Add("source.format", $"unknown: \"{Shorten(source.Format)}\" is no payload format.");
        }

        if (string.IsNullOrWhiteSpace(source.Key) || source.Key.Length > TextLengthMax)
        {
            faults.Add("source.key", $"malformed: the identity inside the format has 1 to {TextLengthMax} characters.");
        }

        return source;
    }

    private static ImmutableArray<T> OrEmpty<T>(ImmutableArray<T> values) => values.IsDefault ? [] : values;

    private static string Shorten(string? text) => text is null ? string.Empty : JsonEncodedText.Encode(text.Length <= 40 ? text : text[..40] + "…", System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    /// <summary>What is wrong, by field, in the order in which it was found.</summary>
    private sealed class Faults
    {
        private readonly Dictionary<string, ImmutableArray<string>> byField = new(StringComparer.Ordinal);

        public bool Any => byField.Count > 0;

        public bool Has(string field) => byField.ContainsKey(field);

        public void Add(string field, string message) => byField[field] = byField.TryGetValue(field, out var messages) ? messages.Add(message) : [message];

        public ImmutableDictionary<string, ImmutableArray<string>> ToErrors() => byField.ToImmutableDictionary(StringComparer.Ordinal);
    }
}
