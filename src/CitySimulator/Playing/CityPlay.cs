namespace CitySimulator;

/// <summary>The city without its network: which publishes fall between two times. The same seed, plan and start give the same publishes, however the time is cut.</summary>
public sealed class CityPlay
{
    private static readonly TimeSpan EventTick = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstWithin = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan FallsSilentAfter = TimeSpan.FromMinutes(3);
    private const int TicksBetweenUpdates = 6;

    private readonly int _seed;
    private readonly DateTimeOffset _start;
    private readonly IReadOnlyList<SimulatedDevice> _devices;
    private readonly Rainstorm? _storm;
    private readonly Dictionary<int, PatrolRoute> _routes = [];
    private readonly Dictionary<int, double> _drivenMetres = [];
    private readonly Dictionary<int, (ActiveEvent Event, int Ticks)> _seen = [];
    private readonly Temper[] _tempers;

    // Devices by when they next speak; equal times go by number, so that the order never depends on the queue.
    private readonly PriorityQueue<(int Device, bool Events), (long Due, int Order)> _due = new();

    /// <summary>Begins at <paramref name="start"/>; the scenario is one of <see cref="SimulatedCity.Scenarios"/>.</summary>
    public CityPlay(int seed, string scenario, IReadOnlyList<SimulatedDevice> devices, DateTimeOffset start)
    {
        ArgumentNullException.ThrowIfNull(devices);
        if (!SimulatedCity.Scenarios.Contains(scenario))
        {
            throw new ArgumentException($"There is no scenario '{scenario}'; there are: {string.Join(", ", SimulatedCity.Scenarios)}.", nameof(scenario));
        }

        _seed = seed;
        _start = new(start.Ticks - (start.Ticks % TimeSpan.TicksPerMillisecond), start.Offset);
        _devices = devices;
        _storm = scenario == SimulatedCity.Storm ? new Rainstorm(seed, devices, _start) : null;
        _tempers = [.. devices.Select(TemperOf)];
        for (var i = 0; i < devices.Count; i++)
        {
            if (devices[i].Kind == "vehicle")
            {
                _routes[i] = new(seed, devices[i]);
                _drivenMetres[i] = _routes[i].StartMetres;
            }

            Schedule(i, events: false, _start + Whole(FirstWithin * Noise.Unit(seed, devices[i].Id, 0, 51)));
            if (devices[i].Kind is "camera" or "smoke" or "elevator" or "elder_care")
            {
                Schedule(i, events: true, _start + Whole(EventTick * Noise.Unit(seed, devices[i].Id, 0, 52)));
            }
        }
    }

    // How a device behaves: most are reliable, some repeat themselves, some have gaps; one falls silent, one was never switched on.
    private enum Temper { Reliable, Repeats, Gaps, FallsSilent, NeverOn }

    /// <summary>The next time at which anything is published.</summary>
    public DateTimeOffset NextAt => _due.TryPeek(out _, out var due) ? new(due.Due, TimeSpan.Zero) : DateTimeOffset.MaxValue;

    /// <summary>Everything published up to and with <paramref name="now"/> and not handed out before, in order of time.</summary>
    public IEnumerable<SimulatedPublish> AdvanceTo(DateTimeOffset now)
    {
        while (_due.TryPeek(out var next, out var due) && due.Due <= now.UtcTicks)
        {
            _due.Dequeue();
            var at = new DateTimeOffset(due.Due, TimeSpan.Zero);
            var publishes = next.Events ? Events(next.Device, at) : Readings(next.Device, at);
            Schedule(next.Device, next.Events, next.Events ? at + EventTick : NextReading(next.Device, at));
            foreach (var publish in publishes)
            {
                yield return publish;
            }
        }
    }

    /// <summary>Goes on to <paramref name="now"/> without the messages in between, as devices do that have no memory and no network.</summary>
    public void SkipTo(DateTimeOffset now)
    {
        while (_due.TryPeek(out var next, out var due) && due.Due < now.UtcTicks)
        {
            _due.Dequeue();
            var step = next.Events ? EventTick : TimeSpan.FromSeconds(_devices[next.Device].IntervalSeconds);
            var steps = ((now.UtcTicks - due.Due) / step.Ticks) + 1;
            Schedule(next.Device, next.Events, new DateTimeOffset(due.Due + (steps * step.Ticks), TimeSpan.Zero));
        }
    }

    private void Schedule(int device, bool events, DateTimeOffset at) => _due.Enqueue((device, events), (at.UtcTicks, events ? device + _devices.Count : device));

    /// <summary>After the first message at the start, every device keeps to a beat of its own.</summary>
    private DateTimeOffset NextReading(int index, DateTimeOffset at)
    {
        var device = _devices[index];
        var interval = TimeSpan.FromSeconds(device.IntervalSeconds);
        var phase = _start + Whole(interval * Noise.Unit(_seed, device.Id, 0, 53));
        var beats = Math.Max(0, (at - phase).Ticks / interval.Ticks);
        var next = phase + (beats * interval);
        return next > at ? next : next + interval;
    }

    private List<SimulatedPublish> Readings(int index, DateTimeOffset at)
    {
        var device = _devices[index];
        if (!Speaks(index, at))
        {
            return [];
        }

        var publishes = new List<SimulatedPublish>(2);
        var values = device.Quantities.Select(quantity => (quantity.Name, _storm?.Value(device, quantity.Name, at) ?? NormalDay.Value(_seed, device, quantity.Name, at), quantity.Unit)).ToList();
        var careful = device.Kind is "water_level" or "gas" or "smoke" or "river_gauge" or "rain_gauge";
        var reading = new SimulatedPublish(at, $"city/v1/{device.Street}/{device.Id}/readings", Payloads.Readings(at, values, device.Kind is "rain_gauge" or "air"), careful);
        publishes.Add(reading);
        if (_tempers[index] == Temper.Repeats && Noise.Unit(_seed, device.Id, at.UtcTicks, 54) < 0.5)
        {
            publishes.Add(reading);
        }

        if (_routes.TryGetValue(index, out var route))
        {
            var speed = values[0].Item2;
            _drivenMetres[index] += speed / 3.6 * device.IntervalSeconds;
            var (longitude, latitude, heading) = route.At(_drivenMetres[index]);
            publishes.Add(new(at, $"city/v1/{device.Street}/{device.Id}/position", Payloads.Position(at, longitude, latitude, speed, heading), false));
        }

        return publishes;
    }

    private List<SimulatedPublish> Events(int index, DateTimeOffset at)
    {
        var device = _devices[index];
        var now = Speaks(index, at) ? _storm is null ? NormalDay.Event(_seed, device, at) : _storm.Event(device, at) : null;
        var publishes = new List<SimulatedPublish>(2);
        if (_seen.TryGetValue(index, out var seen))
        {
            if (now is null || now.Value.Id != seen.Event.Id)
            {
                publishes.Add(Tell(device, seen.Event, "end", at));
                _seen.Remove(index);
            }
            else
            {
                _seen[index] = (seen.Event, seen.Ticks + 1);
                if ((seen.Ticks + 1) % TicksBetweenUpdates == 0)
                {
                    publishes.Add(Tell(device, seen.Event, "update", at));
                }
            }
        }

        if (now is { } started && !_seen.ContainsKey(index))
        {
            publishes.Add(Tell(device, started, "start", at));
            _seen[index] = (started, 0);
        }

        return publishes;
    }

    private static SimulatedPublish Tell(SimulatedDevice device, ActiveEvent item, string state, DateTimeOffset at) =>
        new(at, $"city/v1/{device.Street}/{device.Id}/events",
            Payloads.Event(at, item.Id, item.Type, state, item.Confidence, device.Kind == "camera" && CitySnapshots.Types.Contains(item.Type) ? CitySnapshots.AddressOf(item.Type) : null), true);

    private bool Speaks(int index, DateTimeOffset at) => _tempers[index] switch
    {
        Temper.NeverOn => false,
        Temper.FallsSilent => at - _start < FallsSilentAfter,
        // Ten minutes without a word, in about one of six such spans, never in the first.
        Temper.Gaps => at - _start < TimeSpan.FromMinutes(10) || Noise.Unit(_seed, _devices[index].Id, at.UtcTicks / TimeSpan.FromMinutes(10).Ticks, 55) >= 0.17,
        _ => true,
    };

    private Temper TemperOf(SimulatedDevice device)
    {
        if (_storm?.HasPart(device.Id) == true)
        {
            return Temper.Reliable;
        }

        if (device.Id == _devices.LastOrDefault(other => other.Kind == "hydrant")?.Id)
        {
            return Temper.NeverOn;
        }

        if (device.Id == _devices.LastOrDefault(other => other.Kind == "noise")?.Id)
        {
            return Temper.FallsSilent;
        }

        return Noise.Unit(_seed, device.Id, 0, 56) switch
        {
            < 0.05 => Temper.Repeats,
            < 0.09 => Temper.Gaps,
            _ => Temper.Reliable,
        };
    }

    private static TimeSpan Whole(TimeSpan span) => TimeSpan.FromMilliseconds(Math.Floor(span.TotalMilliseconds));
}
