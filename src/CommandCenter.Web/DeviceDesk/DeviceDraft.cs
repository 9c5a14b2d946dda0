using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>A device document as it is being edited: texts, until they are checked. Every fault names its field as the document does.</summary>
public sealed class DeviceDraft
{
    public bool IsNew { get; init; }
    public string Id { get; set; } = string.Empty;
    public string Name { get; set; } = string.Empty;
    public string Kind { get; set; } = string.Empty;

    /// <summary>Empty: the street that holds the position.</summary>
    public string Street { get; set; } = string.Empty;
    public string Longitude { get; set; } = string.Empty;
    public string Latitude { get; set; } = string.Empty;
    public string Crs { get; set; } = "wgs84";
    public GovernanceDomain Domain { get; set; }
    public string Interval { get; set; } = "60";
    public string Tags { get; set; } = string.Empty;
    public HashSet<string> Areas { get; } = new(StringComparer.Ordinal);

    /// <summary>Empty: the platform's own format.</summary>
    public string Format { get; set; } = string.Empty;
    public string Key { get; set; } = string.Empty;
    public List<QuantityDraft> Quantities { get; } = [];

    public static DeviceDraft Of(DeviceRegistration device, bool isNew)
    {
        ArgumentNullException.ThrowIfNull(device);
        var draft = new DeviceDraft
        {
            IsNew = isNew,
            Id = device.Id.Value,
            Name = device.Name,
            Kind = device.Kind,

            // A suggestion that knows no street says outside; the position will tell.
            Street = isNew && device.Street == AreaId.Outside ? string.Empty : device.Street.Value,
            Longitude = device.Longitude is { } longitude ? Degrees(longitude) : string.Empty,
            Latitude = device.Latitude is { } latitude ? Degrees(latitude) : string.Empty,
            Domain = device.Domain,
            Interval = device.IntervalSeconds.ToString(CultureInfo.InvariantCulture),
            Tags = string.Join(' ', device.Tags),
            Format = device.Source?.Format ?? string.Empty,
            Key = device.Source?.Key ?? string.Empty,
        };
        draft.Areas.UnionWith(device.Areas.Select(area => area.Value));
        draft.Quantities.AddRange(device.Quantities.Select(QuantityDraft.Of));
        return draft;
    }

    /// <summary>What is known of a device that speaks and is not registered: its suggestion, or at least its identity.</summary>
    public static DeviceDraft Of(UnregisteredDevice seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        if (seen.Suggestion is { } suggestion)
        {
            return Of(suggestion, isNew: true);
        }

        var canonical = seen.Format == PayloadFormatNames.Canonical;
        return new()
        {
            IsNew = true,
            Id = new string([.. seen.Key.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or ':' ? letter : '-').Take(64)]),
            Name = seen.Key,
            Format = canonical ? string.Empty : seen.Format,
            Key = canonical ? string.Empty : seen.Key,
        };
    }

    /// <summary>Adds a line for each name of which a quantity is known and which no line uses yet.</summary>
    public void AddLines(IEnumerable<string> names) =>
        Quantities.AddRange(NameGuesses.Lines(names.Where(name => Quantities.TrueForAll(line => (line.From.Length == 0 ? line.Name : line.From) != name)))
            .Where(line => Quantities.TrueForAll(known => known.Name != line.Name)));

    /// <summary>The checked device in WGS 84; null when something is wrong.</summary>
    public DeviceRegistration? Check(Faults faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        if (!DeviceDocument.IsId(Id))
        {
            faults.Add("id", Id.Length == 0 ? "required" : "id");
        }

        if (string.IsNullOrWhiteSpace(Name))
        {
            faults.Add("name", "required");
        }
        else if (Name.Length > 100)
        {
            faults.Add("name", "too_long", 100);
        }

        if (DeviceKinds.Find(Kind) is null)
        {
            faults.Add("kind", "required");
        }

        var (longitude, latitude) = CheckPosition(faults);
        if (Street.Length == 0 && longitude is null && !faults.Fields.Any(field => field is "lon" or "lat"))
        {
            faults.Add("street", "street_or_position");
        }

        if (!int.TryParse(Interval.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var interval) || interval is < 1 or > 86_400)
        {
            faults.Add("intervalSeconds", "interval");
        }

        if (Format.Length > 0 && string.IsNullOrWhiteSpace(Key))
        {
            faults.Add("source.key", "required");
        }

        var quantities = CheckQuantities(faults);
        return faults.Any ? null : new DeviceRegistration
        {
            Id = new DeviceId(Id),
            Name = Name.Trim(),
            Kind = Kind,
            Street = new AreaId(Street),
            Longitude = longitude,
            Latitude = latitude,
            Domain = Domain,
            IntervalSeconds = interval,
            Tags = [.. Tags.Split([' ', ';', '|', ',', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)],
            Areas = [.. Areas.Order(StringComparer.Ordinal).Select(area => new AreaId(area))],
            Quantities = quantities,
            Source = Format.Length == 0 ? null : new DeviceSource(Format, Key.Trim()),
        };
    }

    /// <summary>Seven decimals are a centimetre; more would be noise.</summary>
    public static string Degrees(double value) => Math.Round(value, 7).ToString("0.#######", CultureInfo.InvariantCulture);

    private (double? Longitude, double? Latitude) CheckPosition(Faults faults)
    {
        var longitude = QuantityDraft.Number(Longitude, "lon", faults);
        var latitude = QuantityDraft.Number(Latitude, "lat", faults);
        if (longitude is < -180 or > 180)
        {
            faults.Add("lon", "range", "-180", "180", "°");
        }

        if (latitude is < -90 or > 90)
        {
            faults.Add("lat", "range", "-90", "90", "°");
        }

        if (longitude is null != latitude is null)
        {
            faults.Add(longitude is null ? "lon" : "lat", "both_coordinates");
        }

        if (longitude is not { } x || latitude is not { } y || faults.Fields.Any(field => field is "lon" or "lat"))
        {
            return (null, null);
        }

        if (CoordinateSystems.TryToWgs84(Crs, x, y, out var wgsLongitude, out var wgsLatitude))
        {
            return (wgsLongitude, wgsLatitude);
        }

        faults.Add("crs", "unknown");
        return (null, null);
    }

    private ImmutableArray<DeviceQuantity> CheckQuantities(Faults faults)
    {
        var quantities = ImmutableArray.CreateBuilder<DeviceQuantity>(Quantities.Count);
        for (var i = 0; i < Quantities.Count; i++)
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"quantities[{i}]");
            if (Quantities[i].Check(field, faults) is not { } quantity)
            {
                continue;
            }

            if (quantities.Any(other => other.Name == quantity.Name))
            {
                faults.Add($"{field}.name", "twice");
            }

            quantities.Add(quantity);
        }

        return quantities.ToImmutable();
    }
}
