using System.Globalization;

namespace CitySimulator;

/// <summary>An ordinary day by Beijing time: what each kind measures at each hour, and the small things that happen by chance.</summary>
internal static class NormalDay
{
    private static readonly string[] StreetScenes = ["street_vending", "exposed_garbage", "overflowing_bin", "illegal_parking", "street_vending", "illegal_parking"];

    /// <summary>The value before any scenario changes it.</summary>
    public static double Value(int seed, SimulatedDevice device, string quantity, DateTimeOffset at)
    {
        var hour = Hour(at);
        var rush = Bump(hour, 8, 1.2) + Bump(hour, 18, 1.5);
        var awake = Math.Clamp((Math.Sin((hour - 8) / 24 * 2 * Math.PI) + 0.7) / 1.4, 0, 1);
        var own = Noise.Unit(seed, device.Id, 0, 7);
        var drift = Noise.Smooth(seed, device.Id + quantity, at, TimeSpan.FromMinutes(20));
        var flutter = Noise.Smooth(seed, device.Id + quantity, at, TimeSpan.FromSeconds(45), 1);
        var outdoors = OutdoorCel(seed, at);
        return quantity switch
        {
            "water_depth" => Math.Max(0, Math.Round(3 + (4 * drift))),
            "water_level" => Math.Round((device.Tags.Contains(CityPlan.CanalTag) ? 3.86 : 3.2 + (own * 0.3)) + (0.05 * drift) + (0.003 * flutter), 3),
            "rainfall" => 0,
            "gas_lel" => Math.Round(0.4 + (own * 0.8) + (0.3 * flutter), 1),
            "smoke" => 0,
            "tilt" => Math.Round(0.6 + own + (0.2 * flutter) + TiltBlip(seed, device, at), 2),
            "pressure" => Math.Round(0.29 + (own * 0.04) - (0.03 * awake) + (0.008 * flutter), 3),
            "laeq" => Math.Round(43 + (own * 4) + (11 * awake) + (4 * rush) + (1.5 * drift) + (1.2 * flutter), 1),
            "pm25" => Math.Round(Pm25(seed, at, own) + (2 * flutter), 0),
            "pm10" => Math.Round((Pm25(seed, at, own) * 1.5) + 8 + (3 * flutter), 0),
            "humidity" => Math.Round(Math.Clamp(66 - (14 * Math.Sin((hour - 9) / 24 * 2 * Math.PI)) + (6 * drift), 20, 99), 0),
            "wind_speed" => Math.Round(Math.Max(0.2, 2.2 + (1.2 * awake) + (1.0 * drift) + (0.8 * flutter)), 1),
            "crowd_density" => Math.Round(Math.Max(0.02, (0.15 + (0.5 * awake) + (0.9 * Bump(hour, 19.5, 1.6))) * (0.6 + (own * 0.6)) + (0.06 * flutter)), 2),
            "crowd_count" => Math.Round(Math.Max(0, 900 * ((0.15 + (0.5 * awake) + (0.9 * Bump(hour, 19.5, 1.6))) * (0.6 + (own * 0.6))) + (30 * flutter))),
            "vehicle_speed" => Math.Round(SpeedKmh(seed, device, at), 1),
            "power" => Math.Round((90 + (own * 160)) * (0.45 + (0.5 * awake)) + (6 * flutter), 1),
            "current" => Math.Round((140 + (own * 240)) * (0.45 + (0.5 * awake)) + (9 * flutter), 1),
            "packet_loss" => Math.Round(Math.Max(0, (0.12 * own) + (0.1 * flutter)), 2),
            "cpu" => Math.Round(Math.Clamp(24 + (30 * awake) + (8 * drift) + (4 * flutter), 3, 75), 1),
            "disk" => Math.Round(52 + (own * 20) + (0.5 * drift), 1),
            "battery" => Math.Round(70 + (own * 29)),
            "temperature" when device.Kind is "elevator" or "power" => Math.Round(24 + (own * 6) + (4 * awake) + flutter, 1),
            "temperature" when device.Kind is "smoke" or "elder_care" => Math.Round(21 + (own * 3) + (0.5 * flutter), 1),
            "temperature" => Math.Round(outdoors + (own * 0.8) + (0.2 * flutter), 1),
            _ => 0,
        };
    }

    /// <summary>Speed of a patrol car, slower in the rush hours.</summary>
    public static double SpeedKmh(int seed, SimulatedDevice device, DateTimeOffset at)
    {
        var hour = Hour(at);
        var rush = Bump(hour, 8, 1.2) + Bump(hour, 18, 1.5);
        return Math.Max(4, 30 - (12 * rush) + (8 * Noise.Smooth(seed, device.Id + "speed", at, TimeSpan.FromSeconds(40))));
    }

    /// <summary>What happens by chance: mostly street scenes before cameras, seldom a stuck elevator.</summary>
    public static ActiveEvent? Event(int seed, SimulatedDevice device, DateTimeOffset at)
    {
        var (span, chance) = device.Kind switch
        {
            "camera" => (TimeSpan.FromMinutes(30), Hour(at) is > 7 and < 22 ? 0.05 : 0.01),
            "elevator" => (TimeSpan.FromHours(6), 0.004),
            _ => (TimeSpan.Zero, 0.0),
        };
        if (span == TimeSpan.Zero)
        {
            return null;
        }

        var slot = at.Ticks / span.Ticks;
        if (Noise.Unit(seed, device.Id, slot, 11) >= chance)
        {
            return null;
        }

        var start = (slot * span.Ticks) + (long)(Noise.Unit(seed, device.Id, slot, 12) * 0.5 * span.Ticks);
        var minutes = 1 + (8 * Noise.Unit(seed, device.Id, slot, 13));
        if (at.Ticks < start || at.Ticks >= start + TimeSpan.FromMinutes(minutes).Ticks)
        {
            return null;
        }

        var type = device.Kind == "camera" ? StreetScenes[(int)(Noise.Unit(seed, device.Id, slot, 14) * StreetScenes.Length)] : "elevator_trapped";
        var confidence = Math.Round(0.62 + (0.35 * Noise.Unit(seed, device.Id, slot, 15)), 2);
        return new(string.Create(CultureInfo.InvariantCulture, $"{device.Id}-{slot}"), type, confidence);
    }

    private static double TiltBlip(int seed, SimulatedDevice device, DateTimeOffset at)
    {
        // A lorry over a manhole: for a minute, in one of fifty half hours.
        var slot = at.Ticks / TimeSpan.FromMinutes(30).Ticks;
        var inside = TimeSpan.FromTicks(at.Ticks % TimeSpan.FromMinutes(30).Ticks);
        return device.Kind == "manhole" && inside < TimeSpan.FromMinutes(1) && Noise.Unit(seed, device.Id, slot, 21) < 0.02 ? 4.5 : 0;
    }

    private static double Pm25(int seed, DateTimeOffset at, double own) =>
        Math.Max(5, 34 + (9 * Math.Cos((Hour(at) - 2) / 24 * 2 * Math.PI)) + (8 * Noise.Smooth(seed, "pm25", at, TimeSpan.FromHours(3))) + (5 * own));

    private static double OutdoorCel(int seed, DateTimeOffset at)
    {
        var season = 16.5 - (12.5 * Math.Cos((at.DayOfYear - 20) / 365.0 * 2 * Math.PI));
        return season + (4.5 * Math.Sin((Hour(at) - 9) / 24 * 2 * Math.PI)) + (1.5 * Noise.Smooth(seed, "weather", at, TimeSpan.FromHours(6)));
    }

    private static double Hour(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(8)).TimeOfDay.TotalHours;

    private static double Bump(double hour, double middle, double width) => Math.Exp(-Math.Pow((hour - middle) / width, 2));
}
