using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Streets;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>One device under one rule, without warnings and storage: what arrives goes in, verdicts come out as "second kind colour". Seconds count from <see cref="Start"/>,
/// a Monday, 00:00 in Shanghai.</summary>
internal sealed class RuleStand
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 16, 0, 0, TimeSpan.Zero);
    private readonly DeviceRegistration _device;
    private readonly RuleDefinition _rule;
    private readonly DateTimeOffset _start;
    private StreetState _state = new();
    private RuleEngine _engine;

    public RuleStand(string rule, int interval = 60, string[]? tags = null, string kind = "water_level", DateTimeOffset? start = null, string id = "d")
    {
        var parsed = RuleParsing.Parse(new("R90"), rule, 1);
        _rule = parsed.Rule ?? throw new InvalidOperationException(string.Join("; ", parsed.Errors.Select(error => $"{error.Key}: {error.Value[0]}")));
        _start = start ?? Start;
        _device = new() { Id = new(id), Name = id, Kind = kind, Street = new("320404002"), IntervalSeconds = interval, Tags = [.. tags ?? []] };
        _engine = Make();
    }

    public List<Verdict> Verdicts { get; } = [];

    /// <summary>Changes without further readings.</summary>
    public IEnumerable<string> Changes => Verdicts.Where(verdict => verdict.Kind != VerdictKind.Seen)
        .Select(verdict => string.Create(CultureInfo.InvariantCulture, $"{(verdict.At - _start.ToUnixTimeMilliseconds()) / 1000.0:0.###} {verdict.Kind} {verdict.Colour}").ToLowerInvariant());

    /// <summary>After every reading the state goes through its stored form.</summary>
    public bool Restarts { get; init; }

    public RuleStand Read(double second, string quantity, double value, double lag = 0, Quality quality = Quality.Good)
    {
        var reading = new Reading(_device.Id, new(quantity), value, _start.AddSeconds(second), _start.AddSeconds(second + lag), quality);
        var applied = _state.Apply(in reading);
        if (applied.Newer)
        {
            _engine.Judge(applied.Slot, applied.Channel, in reading);
        }
        else
        {
            _engine.Fill(applied.Slot, applied.Channel, in reading);
        }

        return Done();
    }

    /// <summary>Readings from a second on, one each step; NaN: none.</summary>
    public RuleStand Series(double from, double step, string quantity, params double[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsNaN(values[i]))
            {
                Read(from + (i * step), quantity, values[i]);
            }
        }

        return this;
    }

    public RuleStand Position(double second, double longitude, double latitude, double? speed = null)
    {
        var position = new DevicePosition(_device.Id, longitude, latitude, speed, null, _start.AddSeconds(second), _start.AddSeconds(second));
        var slot = _state.Apply(position);
        if (slot >= 0)
        {
            _engine.Judge(slot, position);
        }

        return Done();
    }

    public RuleStand Event(double second, string type, string id, double? confidence = null, EventState state = EventState.Start)
    {
        var at = _start.AddSeconds(second);
        var happened = new DeviceEvent(_device.Id, id, new(type), state, confidence, null, null, [], at, at);
        var slot = _state.Apply(happened);
        if (slot >= 0)
        {
            _engine.Judge(slot, happened);
        }

        return Done();
    }

    public RuleStand Until(double second)
    {
        _engine.Advance(_start.AddSeconds(second).ToUnixTimeMilliseconds());
        return Done();
    }

    public RuleStand PutRule(string document)
    {
        _engine.PutRules([RuleParsing.Parse(new("R90"), document, 2).Rule!], _start.ToUnixTimeMilliseconds());
        return Done();
    }

    private RuleStand Done()
    {
        Verdicts.AddRange(_engine.Verdicts);
        _engine.Verdicts.Clear();
        if (Restarts)
        {
            using var stream = new MemoryStream();
            using var writer = new BinaryWriter(stream);
            StreetStateCodec.Write(writer, _state);
            _engine.Write(writer);
            writer.Flush();
            stream.Position = 0;
            using var reader = new BinaryReader(stream);
            _state = new();
            _engine = Make();
            StreetStateCodec.Read(reader, _state, RuleEngine.VersionWithMeasures);
            _engine.Read(reader, RuleEngine.VersionWithMeasures);
            Assert.Equal(stream.Length, stream.Position);
        }

        return this;
    }

    private RuleEngine Make()
    {
        var engine = new RuleEngine(_state);
        engine.PutRules([_rule], _start.ToUnixTimeMilliseconds());
        engine.PutDevice(_state.Put(_device), _start.ToUnixTimeMilliseconds());
        return engine;
    }
}
