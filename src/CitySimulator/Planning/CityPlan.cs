using System.Globalization;

namespace CitySimulator;

/// <summary>Which devices the pretended city has. The same numbers give the same plan.</summary>
public static class CityPlan
{
    /// <summary>Devices when nothing else is asked for.</summary>
    public const int DefaultDevices = 300;

    /// <summary>More than this is refused.</summary>
    public const int DevicesMax = 100_000;

    internal const string CanalTag = "grand_canal_changzhou";
    internal const string UnderpassTag = "underpass";

    // 钟楼经济开发区 has no national code; the platform's own one for it.
    private const string EconomicZone = "320404400";

    private static readonly string[] RiverNames = ["大运河常州站(钟楼闸上)", "南运河清潭站", "童子河北港站", "白荡河永红站"];
    private static readonly string[] RiverStreets = ["320404007", "320404002", "320404003", "320404002"];
    private static readonly string[] BridgeNames = ["广化桥", "怀德桥", "西新桥", "龙江高架", "钟楼大桥", "新闸大桥"];
    private static readonly string[] CrowdNames = ["南大街步行街", "双桂坊美食街", "莱蒙都会广场", "青枫公园东门", "荆川公园", "邹区灯博城", "宝龙广场", "西瀛里城墙"];

    /// <summary>Plans the devices over the streets; an empty list means the eight streets of 钟楼区.</summary>
    public static IReadOnlyList<SimulatedDevice> Make(int devices, int seed, IReadOnlyList<StreetOutline> streets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(devices, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(devices, DevicesMax);
        ArgumentNullException.ThrowIfNull(streets);
        var over = streets.Count > 0 ? streets : Places.Streets;
        var plan = new List<SimulatedDevice>(devices);
        var counts = Share(devices);
        for (var k = 0; k < KindPlans.All.Length; k++)
        {
            for (var i = 0; i < counts[k]; i++)
            {
                // Each kind begins at another street, so that the few devices of the rare kinds do not all stand in the first.
                plan.Add(Make(KindPlans.All[k], i, over, (i + (k * 3)) % over.Count, seed));
            }
        }

        return plan;
    }

    private static SimulatedDevice Make(KindPlan kind, int index, IReadOnlyList<StreetOutline> streets, int streetIndex, int seed)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"sim-{kind.Prefix}-{index + 1:000}");
        var street = streets[streetIndex];
        if (kind.Kind == "river_gauge")
        {
            street = streets.FirstOrDefault(item => item.Code == RiverStreets[index % RiverStreets.Length]) ?? street;
        }

        var (place, longitude, latitude) = Locate(id, street, index, seed);
        List<string> tags = [];
        if (kind.Kind == "water_level" && index % 5 == 4)
        {
            tags.Add(UnderpassTag);
        }

        if (kind.Kind == "river_gauge" && index == 0)
        {
            tags.Add(CanalTag);
            tags.Add("grand_canal");
        }

        var inZone = street.Code is "320404003" or "320404116" && index % 3 == 0;
        return new()
        {
            Id = id, Name = NameOf(kind, index, street, place, tags), Kind = kind.Kind, Street = street.Code, Longitude = longitude, Latitude = latitude,
            IntervalSeconds = kind.IntervalSeconds, Domain = kind.Domain, Tags = tags, Areas = inZone ? [EconomicZone] : [], Quantities = kind.Quantities,
        };
    }

    private static string NameOf(KindPlan kind, int index, StreetOutline street, string place, List<string> tags)
    {
        var number = (index / 8) + 1;
        var road = Places.RoadOf(street, index / 8);
        return kind.Kind switch
        {
            "water_level" when tags.Contains(UnderpassTag) => $"{road}下穿 积水{number}",
            "water_level" or "manhole" or "hydrant" or "gas" => $"{road} {kind.NameEnd}{number}",
            "camera" => $"{road}{(index % 2 == 0 ? "路口" : "中段")} {kind.NameEnd}{number}",
            "smoke" or "elder_care" => $"{place} {kind.NameEnd}{number}",
            "elevator" => string.Create(CultureInfo.InvariantCulture, $"{place} {(index * 7 % 28) + 1}幢{kind.NameEnd}"),
            "river_gauge" => index < RiverNames.Length ? RiverNames[index] : $"{street.Name} {kind.NameEnd}{number}",
            "bridge" => index < BridgeNames.Length ? $"{BridgeNames[index]} 监测点" : $"{road} {kind.NameEnd}{number}",
            "crowd" => index < CrowdNames.Length ? $"{CrowdNames[index]} 人群密度" : $"{place} {kind.NameEnd}{number}",
            "vehicle" => string.Create(CultureInfo.InvariantCulture, $"{street.Name}城管{kind.NameEnd}{index + 1:00}"),
            "server" => string.Create(CultureInfo.InvariantCulture, $"{kind.NameEnd}{index + 1:00}"),
            "link" => $"{street.Name} {kind.NameEnd}{number}",
            _ => $"{place} {kind.NameEnd}{(number > 1 ? number.ToString(CultureInfo.InvariantCulture) : string.Empty)}",
        };
    }

    /// <summary>A point within some 150 m of a named one, still nearest to a point of its own street.</summary>
    private static (string Place, double Longitude, double Latitude) Locate(string id, StreetOutline street, int index, int seed)
    {
        var places = Places.Of(street);
        var place = places[index / 8 % places.Count];
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var longitude = Math.Round(place.Longitude + ((Noise.Unit(seed, id, attempt, 1) - 0.5) * 0.0032), 6);
            var latitude = Math.Round(place.Latitude + ((Noise.Unit(seed, id, attempt, 2) - 0.5) * 0.0027), 6);
            var nearest = Places.NearestStreet(longitude, latitude);
            if (nearest is null || nearest == street.Code)
            {
                return (place.Name, longitude, latitude);
            }
        }

        return (place.Name, place.Longitude, place.Latitude);
    }

    /// <summary>Divides by the shares; every kind has one as soon as there are as many devices as kinds.</summary>
    private static int[] Share(int devices)
    {
        var total = KindPlans.All.Sum(kind => kind.Share);
        var exact = KindPlans.All.Select(kind => (double)devices * kind.Share / total).ToArray();
        var counts = exact.Select(value => devices >= KindPlans.All.Length ? Math.Max(1, (int)value) : (int)value).ToArray();
        while (counts.Sum() > devices)
        {
            counts[Array.IndexOf(counts, counts.Max())]--;
        }

        while (counts.Sum() < devices)
        {
            counts[Enumerable.Range(0, counts.Length).MaxBy(k => exact[k] - counts[k])]++;
        }

        return counts;
    }
}
