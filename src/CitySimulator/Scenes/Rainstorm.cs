using System.Globalization;

namespace CitySimulator;

/// <summary>The demonstration's storm over 北港: road water at three points one after the other, an underpass, the canal, and what else comes at once.
/// It plays in its own minutes from its start, and begins again after <see cref="PeriodMinutes"/>, when everything has recovered.</summary>
internal sealed class Rainstorm
{
    public const double PeriodMinutes = 90;
    private const string StormStreet = "320404003";

    // Rain intensity in mm/h over 北港; the other streets get a share.
    private static readonly Curve Rain = new((0, 24), (1, 44), (3, 58), (8, 76), (14, 52), (18, 30), (24, 8), (28, 0), (90, 0));

    // Depth in mm. The steps stand long enough for each colour of R01 to fall due before the next.
    private static readonly Curve RoadA = new((0, 70), (0.2, 112), (2.6, 128), (3, 162), (5.2, 178), (5.6, 214), (8, 226), (8.6, 262), (14, 310), (20, 300), (30, 64), (36, 12), (60, 4), (90, 4));
    private static readonly Curve RoadB = new((0, 20), (1.6, 104), (4.4, 126), (4.8, 158), (7.4, 182), (8, 212), (11, 232), (11.6, 258), (16, 282), (21, 270), (32, 60), (38, 10), (60, 4), (90, 4));
    private static readonly Curve RoadC = new((0, 12), (3.8, 106), (6.6, 124), (7.2, 156), (10, 170), (10.6, 208), (16, 228), (20, 214), (29, 62), (34, 10), (60, 4), (90, 4));
    private static readonly Curve Underpass = new((0, 30), (0.15, 58), (1.8, 74), (2.2, 108), (4, 126), (4.4, 158), (6.2, 190), (6.6, 256), (12, 330), (20, 310), (31, 30), (38, 6), (60, 3), (90, 3));
    private static readonly Curve Canal = new((0, 4.24), (2, 4.31), (8, 4.46), (13, 4.81), (24, 4.93), (34, 4.88), (44, 4.52), (52, 4.21), (64, 4.02), (80, 3.92), (90, 3.90));
    private static readonly Curve Gas = new((0, 0.8), (3.4, 0.9), (3.8, 13), (4.3, 29), (6.4, 33), (7, 9), (8, 2), (10, 0.8), (90, 0.8));

    private static readonly (string Kind, string Street, double Start, double End, string Type, double Confidence)[] Script =
    [
        ("camera", "320404005", 0.5, 9, "street_vending", 0.91),
        ("camera", "320404006", 1.2, 20, "exposed_garbage", 0.88),
        ("camera", "320404004", 2.2, 9.5, "illegal_parking", 0.9),
        ("camera", "320404001", 5, 7.5, "fire_smoke", 0.83),
        ("elevator", "320404002", 8, 15, "elevator_trapped", 1),
        ("smoke", "320404006", 11, 12.5, "smoke", 1),
        ("elder_care", "320404005", 16, 17, "sos", 1),
    ];

    private readonly int _seed;
    private readonly DateTimeOffset _start;
    private readonly Dictionary<string, Curve> _depths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (double Start, double End, string Type, double Confidence)> _events = new(StringComparer.Ordinal);
    private readonly string? _gas;
    private readonly string? _canal;

    public Rainstorm(int seed, IReadOnlyList<SimulatedDevice> devices, DateTimeOffset start)
    {
        _seed = seed;
        _start = start;
        var roads = devices.Where(device => device.Kind == "water_level" && !device.Tags.Contains(CityPlan.UnderpassTag)).OrderByDescending(device => device.Street == StormStreet).Take(3).ToList();
        foreach (var (device, curve) in roads.Zip([RoadA, RoadB, RoadC]))
        {
            _depths[device.Id] = curve;
        }

        if (devices.Where(device => device.Tags.Contains(CityPlan.UnderpassTag)).OrderByDescending(device => device.Street == StormStreet).FirstOrDefault() is { } underpass)
        {
            _depths[underpass.Id] = Underpass;
        }

        _gas = First(devices, "gas", "320404005")?.Id;
        _canal = devices.FirstOrDefault(device => device.Tags.Contains(CityPlan.CanalTag))?.Id;
        foreach (var (kind, street, from, to, type, confidence) in Script)
        {
            if (devices.Where(device => device.Kind == kind && !_events.ContainsKey(device.Id)).OrderByDescending(device => device.Street == street).FirstOrDefault() is { } device)
            {
                _events[device.Id] = (from, to, type, confidence);
            }
        }
    }

    /// <summary>Devices with a part in the script; they do not fail by chance.</summary>
    public bool HasPart(string device) => _depths.ContainsKey(device) || _events.ContainsKey(device) || device == _gas || device == _canal;

    public double Value(SimulatedDevice device, string quantity, DateTimeOffset at)
    {
        var minute = Minute(at);
        var normal = NormalDay.Value(_seed, device, quantity, at);
        var share = device.Street == StormStreet ? 1 : 0.2 + (0.25 * Noise.Unit(_seed, device.Street, 0, 31));
        return quantity switch
        {
            "water_depth" when _depths.TryGetValue(device.Id, out var curve) => Math.Round(curve.At(minute) + Flutter(device, at, 1.5)),
            "water_depth" => Math.Round(normal + (Rain.At(minute) * share * 0.6)),
            "rainfall" => RainSince(device, at, share),
            "water_level" when device.Id == _canal => Math.Round(Canal.At(minute) + Flutter(device, at, 0.003), 3),
            "water_level" => Math.Round(normal + ((Canal.At(minute) - 3.9) * 0.5), 3),
            "gas_lel" when device.Id == _gas => Math.Round(Gas.At(minute) + Flutter(device, at, 0.3), 1),
            "smoke" when Event(device, at)?.Type == "smoke" => 1,
            "humidity" => Math.Round(Math.Min(99, normal + (Rain.At(minute) * 0.5))),
            "wind_speed" => Math.Round(normal + (Rain.At(minute) * 0.07), 1),
            "crowd_density" or "crowd_count" => Math.Round(normal / (1 + (Rain.At(minute) * 0.02)), quantity == "crowd_density" ? 2 : 0),
            "vehicle_speed" => Math.Round(normal / (1 + (Rain.At(minute) * 0.008)), 1),
            _ => normal,
        };
    }

    public ActiveEvent? Event(SimulatedDevice device, DateTimeOffset at)
    {
        if (!_events.TryGetValue(device.Id, out var part))
        {
            return NormalDay.Event(_seed, device, at);
        }

        var minute = Minute(at);
        if (minute < part.Start || minute >= part.End)
        {
            return null;
        }

        // The round is named by its own start, so that no two rounds and no two runs share an event.
        var round = _start.AddMinutes(Math.Floor((at - _start).TotalMinutes / PeriodMinutes) * PeriodMinutes);
        return new(string.Create(CultureInfo.InvariantCulture, $"{device.Id}-{part.Type}-{round.ToUnixTimeSeconds()}"), part.Type, part.Confidence);
    }

    /// <summary>Rain of the last interval in tenths of a millimetre, so that what is reported adds up to what fell.</summary>
    private double RainSince(SimulatedDevice device, DateTimeOffset at, double share)
    {
        var minute = Minute(at);
        var before = Math.Max(0, minute - (device.IntervalSeconds / 60.0));
        var tenths = Math.Floor(Rain.Sum(minute) / 60 * share * 10) - Math.Floor(Rain.Sum(before) / 60 * share * 10);
        return Math.Round(tenths / 10, 1);
    }

    private double Minute(DateTimeOffset at) => Math.Max(0, (at - _start).TotalMinutes) % PeriodMinutes;

    private double Flutter(SimulatedDevice device, DateTimeOffset at, double size) => size * Noise.Smooth(_seed, device.Id, at, TimeSpan.FromSeconds(40), 33);

    private static SimulatedDevice? First(IReadOnlyList<SimulatedDevice> devices, string kind, string street) =>
        devices.Where(device => device.Kind == kind).OrderByDescending(device => device.Street == street).FirstOrDefault();
}
