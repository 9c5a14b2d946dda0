using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Api;

/// <summary>The document of <c>PUT devices/{id}</c>, parsed into a registration. Positions are converted to WGS 84 here and nowhere later.</summary>
internal static partial class DeviceDocument
{
    public static DeviceRegistration Parse(DocumentReader reader, DeviceId id, IReadOnlyDictionary<AreaId, AreaDescription> areas)
    {
        // What GET has added may stand in a document that is sent back.
        reader.Ignore("state", "lastSeenAt", "latest", "version", "aheadCount", "lateCount", "clock");
        if (!IsId(id.Value))
        {
            reader.Refuse("id", "must have 1 to 64 of the characters A-Z a-z 0-9 - _ . :");
        }

        if (reader.Text("id", 64) is { } own && own != id.Value)
        {
            reader.Refuse("id", "must be the id of the address, or absent");
        }

        var kind = reader.RequiredText("kind", 64);
        if (kind.Length > 0 && DeviceKinds.Find(kind) is null)
        {
            reader.Refuse("kind", $"'{kind}' is not a device kind of the vocabulary");
        }

        // A device that only says where it is belongs to the street that holds the point; the registry finds it.
        var (longitude, latitude) = ReadPosition(reader);
        var street = new AreaId((longitude is null ? reader.RequiredText("street", 16) : reader.Text("street", 16)) ?? string.Empty);
        if (street.Value.Length > 0)
        {
            if (areas.TryGetValue(street, out var area) && area.Kind is AreaKind.Street or AreaKind.Outside)
            {
                street = area.Id;
            }
            else
            {
                reader.Refuse("street", $"'{street}' is not a street of the district");
            }
        }

        var overlays = reader.Texts("areas", 16, 16).Select(overlay => new AreaId(overlay)).ToImmutableArray();
        foreach (var overlay in overlays.Where(overlay => !(areas.TryGetValue(overlay, out var known) && known.Kind == AreaKind.Overlay)))
        {
            reader.Refuse("areas", $"'{overlay}' is not an overlay");
        }

        return new DeviceRegistration
        {
            Id = id,
            Name = reader.RequiredText("name", 100),
            Kind = kind,
            Street = street,
            Longitude = longitude,
            Latitude = latitude,
            Domain = reader.Word<GovernanceDomain>("domain") ?? GovernanceDomain.Urban,
            IntervalSeconds = reader.Whole("intervalSeconds", 1, 86_400) ?? 60,
            Tags = [.. reader.Texts("tags", 32, 64).Distinct()],
            Areas = [.. overlays.Distinct()],
            Quantities = ReadQuantities(reader),
            Source = ReadSource(reader),
        };
    }

    public static bool IsId(string text) => IdPattern().IsMatch(text);

    /// <summary>Longitude and latitude in WGS 84, from the document's <c>crs</c>; both or none.</summary>
    public static (double? Longitude, double? Latitude) ReadPosition(DocumentReader reader)
    {
        var longitude = reader.Number("lon", -180, 180);
        var latitude = reader.Number("lat", -90, 90);
        var crs = reader.Text("crs", 16) ?? "wgs84";
        if (reader.Has("lon") != reader.Has("lat"))
        {
            reader.Refuse(reader.Has("lon") ? "lat" : "lon", "is required with the other coordinate");
        }

        if (!CoordinateSystems.TryToWgs84(crs, longitude ?? 0, latitude ?? 0, out var wgsLongitude, out var wgsLatitude))
        {
            reader.Refuse("crs", "must be wgs84, cgcs2000, gcj02 or bd09");
        }

        return longitude is null || latitude is null ? (null, null) : (wgsLongitude, wgsLatitude);
    }

    private static ImmutableArray<DeviceQuantity> ReadQuantities(DocumentReader reader)
    {
        var quantities = ImmutableArray.CreateBuilder<DeviceQuantity>();
        foreach (var item in reader.Items("quantities", 64))
        {
            var name = new QuantityId(item.RequiredText("name", 64));
            var kind = QuantityKinds.Find(name);
            if (kind is null && name.Value.Length > 0)
            {
                item.Refuse("name", $"'{name}' is not a quantity of the vocabulary");
            }

            var unit = item.Text("unit", 32);
            if (kind is not null && unit is not null && UnitsOfMeasure.Normalize(unit) != kind.Unit)
            {
                item.Refuse("unit", $"must be {kind.Unit}, the unit of {name}; say fromUnit for the device's own");
            }

            var fromUnit = item.Text("fromUnit", 32);
            if (fromUnit is not null)
            {
                if (UnitsOfMeasure.Normalize(fromUnit) is not { } code)
                {
                    item.Refuse("fromUnit", $"'{fromUnit}' is not a known unit");
                }
                else if (kind is not null && !UnitsOfMeasure.TryConvert(1, code, kind.Unit, name, out _))
                {
                    item.Refuse("fromUnit", $"'{fromUnit}' cannot be converted to {kind.Unit}");
                }
            }

            var min = item.Number("min");
            var max = item.Number("max");
            if (min > max)
            {
                item.Refuse("max", "must not be below min");
            }

            if (quantities.Any(other => other.Name == name))
            {
                item.Refuse("name", $"'{name}' stands twice");
            }

            quantities.Add(new DeviceQuantity
            {
                Name = name,
                Unit = kind?.Unit ?? string.Empty,
                From = item.Text("from", 200),
                FromUnit = fromUnit,
                Scale = item.Number("scale") ?? 1,
                Offset = item.Number("offset") ?? 0,
                Min = min,
                Max = max,
            });
        }

        return quantities.ToImmutable();
    }

    private static DeviceSource? ReadSource(DocumentReader reader)
    {
        if (reader.Child("source") is not { } source)
        {
            return null;
        }

        return new DeviceSource(source.RequiredText("format", 32), source.RequiredText("key", 200));
    }

    /// <summary>A device with what its street knows of it: the document of <c>GET devices/{id}</c>.</summary>
    public static System.Text.Json.Nodes.JsonObject Compose(DeviceRegistration device, DeviceCondition? condition)
    {
        var document = Answers.Object(device);
        document["state"] = Words.Of(condition?.State ?? DeviceState.Unknown);
        document["lastSeenAt"] = condition?.LastSeenAt is { } seen ? ContractJson.Format(seen) : null;
        document["latest"] = Answers.Node(condition?.Latest ?? ImmutableSortedDictionary<string, LatestValue>.Empty);
        document["aheadCount"] = condition?.AheadCount ?? 0;
        document["lateCount"] = condition?.LateCount ?? 0;
        return document;
    }

    /// <summary>The same as one feature of GeoJSON; the geometry is null when the position is not known.</summary>
    public static System.Text.Json.Nodes.JsonObject ComposeFeature(DeviceRegistration device, DeviceCondition? condition)
    {
        var properties = Compose(device, condition);
        return new()
        {
            ["type"] = "Feature",
            ["id"] = device.Id.Value,
            ["geometry"] = device is { Longitude: { } longitude, Latitude: { } latitude }
                ? new System.Text.Json.Nodes.JsonObject { ["type"] = "Point", ["coordinates"] = new System.Text.Json.Nodes.JsonArray(longitude, latitude) }
                : null,
            ["properties"] = properties,
        };
    }

    [GeneratedRegex("^[A-Za-z0-9._:-]{1,64}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}
