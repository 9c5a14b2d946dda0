using System.Globalization;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Api;

/// <summary>One line of <c>POST devices/import</c>, or why it is refused.</summary>
public static class DeviceImport
{
    private static readonly string[] Columns = ["id", "name", "kind", "street", "lon", "lat", "crs", "intervalSeconds", "tags", "sourceFormat", "sourceKey"];

    /// <summary>What a download of refused lines adds; it may be imported again as it is.</summary>
    private static readonly string[] IgnoredColumns = ["line", "field", "reason"];

    private static readonly string[] NeededColumns = ["id", "name", "kind", "street"];

    /// <summary>What Chinese tables call the columns.</summary>
    private static readonly Dictionary<string, string> ChineseColumns = new(StringComparer.Ordinal)
    {
        ["编号"] = "id", ["设备编号"] = "id", ["设备编码"] = "id", ["名称"] = "name", ["设备名称"] = "name", ["类型"] = "kind", ["设备类型"] = "kind", ["种类"] = "kind",
        ["街道"] = "street", ["所属街道"] = "street", ["经度"] = "lon", ["纬度"] = "lat", ["坐标系"] = "crs", ["间隔"] = "intervalSeconds", ["上报间隔"] = "intervalSeconds",
        ["上报间隔(秒)"] = "intervalSeconds", ["标签"] = "tags", ["来源格式"] = "sourceFormat", ["接入格式"] = "sourceFormat", ["来源标识"] = "sourceKey", ["接入标识"] = "sourceKey",
    };

    /// <summary>The name of a column for its heading, whatever its case or language; an unknown one stands as it is.</summary>
    public static string ColumnOf(string heading) =>
        Array.Find(Columns, column => string.Equals(column, heading, StringComparison.OrdinalIgnoreCase)) ?? ChineseColumns.GetValueOrDefault(heading.Replace('(', '(').Replace(')', ')'), heading);

    public sealed record Refused(int Line, string Field, string Reason);

    /// <summary>A heading that misses a needed column, or a table that is no CSV; null: the table can be read.</summary>
    public static string? CheckHeading(IReadOnlyCollection<string> heading)
    {
        var unknown = heading.FirstOrDefault(column => !Columns.Contains(column) && !IgnoredColumns.Contains(column));
        if (unknown is not null)
        {
            return $"'{unknown}' is not a column of the import";
        }

        return NeededColumns.FirstOrDefault(column => !heading.Contains(column)) is { } missing ? $"the column '{missing}' is missing" : null;
    }

    /// <summary>What the columns do not carry is kept from the registered device.</summary>
    public static (DeviceRegistration? Device, Refused? Refusal) Parse(
        int line, Func<string, string?> cell, Func<DeviceId, DeviceRegistration?> registered, IReadOnlyDictionary<AreaId, AreaDescription> areas)
    {
        Refused Refuse(string field, string reason) => new(line, field, reason);
        var id = cell("id") ?? string.Empty;
        if (id.Length == 0)
        {
            return (null, Refuse("id", "missing"));
        }

        if (!DeviceDocument.IsId(id))
        {
            return (null, Refuse("id", "malformed"));
        }

        if (cell("name") is not { Length: > 0 and <= 100 } name)
        {
            return (null, Refuse("name", cell("name") is null or "" ? "missing" : "too_long"));
        }

        if (KindOf(cell("kind")) is not { } kind)
        {
            return (null, Refuse("kind", cell("kind") is null or "" ? "missing" : "unknown"));
        }

        var street = StreetOf(cell("street") ?? string.Empty, areas);
        if (areas.TryGetValue(street, out var area) && area.Kind is AreaKind.Street or AreaKind.Outside)
        {
            street = area.Id;
        }
        else if (street.Value.Length > 0 || string.IsNullOrEmpty(cell("lon")))
        {
            return (null, Refuse("street", street.Value.Length == 0 ? "missing" : "unknown"));
        }

        var (longitude, longitudeWrong) = Coordinate(cell("lon"), 180);
        if (longitudeWrong is not null)
        {
            return (null, Refuse("lon", longitudeWrong));
        }

        var (latitude, latitudeWrong) = Coordinate(cell("lat"), 90);
        if (latitudeWrong is not null)
        {
            return (null, Refuse("lat", latitudeWrong));
        }

        if (longitude is null != latitude is null)
        {
            return (null, Refuse(longitude is null ? "lon" : "lat", "missing"));
        }

        var crs = cell("crs") is { Length: > 0 } named ? named : "wgs84";
        if (!CoordinateSystems.TryToWgs84(crs, longitude ?? 0, latitude ?? 0, out var wgsLongitude, out var wgsLatitude))
        {
            return (null, Refuse("crs", "unknown"));
        }

        var before = registered(new DeviceId(id));
        var interval = before?.IntervalSeconds ?? 60;
        if (cell("intervalSeconds") is { Length: > 0 } seconds)
        {
            if (!int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out interval))
            {
                return (null, Refuse("intervalSeconds", "malformed"));
            }

            if (interval is < 1 or > 86_400)
            {
                return (null, Refuse("intervalSeconds", "out_of_range"));
            }
        }

        var (format, key) = (cell("sourceFormat"), cell("sourceKey"));
        if (string.IsNullOrEmpty(format) != string.IsNullOrEmpty(key))
        {
            return (null, Refuse(string.IsNullOrEmpty(format) ? "sourceFormat" : "sourceKey", "missing"));
        }

        var device = before ?? new DeviceRegistration { Id = new DeviceId(id), Name = name, Kind = kind, Street = street };
        return (device with
        {
            Name = name,
            Kind = kind,
            Street = street,
            Longitude = longitude is null ? before?.Longitude : wgsLongitude,
            Latitude = latitude is null ? before?.Latitude : wgsLatitude,
            IntervalSeconds = interval,
            Tags = cell("tags") is { } tags ? [.. tags.Split([';', '|', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()] : device.Tags,
            Source = string.IsNullOrEmpty(format) ? before?.Source : new DeviceSource(format, key!),
        }, null);
    }

    /// <summary>The vocabulary's word, also for its label in either language.</summary>
    private static string? KindOf(string? text) => text is not { Length: > 0 } ? null
        : DeviceKinds.Find(text) is not null ? text
        : DeviceKinds.All.FirstOrDefault(kind => kind.Name.Zh == text || string.Equals(kind.Name.En, text, StringComparison.OrdinalIgnoreCase))?.Id;

    private static AreaId StreetOf(string text, IReadOnlyDictionary<AreaId, AreaDescription> areas) =>
        areas.ContainsKey(new AreaId(text)) ? new AreaId(text)
        : areas.Values.FirstOrDefault(area => area.Kind is AreaKind.Street or AreaKind.Outside && text.Length > 0
            && (area.Name.Zh == text || string.Equals(area.Name.En, text, StringComparison.OrdinalIgnoreCase)))?.Id ?? new AreaId(text);

    private static (double? Value, string? Wrong) Coordinate(string? text, double max)
    {
        if (string.IsNullOrEmpty(text))
        {
            return (null, null);
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            return (null, "malformed");
        }

        return Math.Abs(value) > max ? (null, "out_of_range") : (value, null);
    }
}
