using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>A text timeline of a rule. One scenario per <c>case</c>; seconds count from its start.
/// <code>
/// case name of the scenario                 begins a scenario
/// rule R01                                  the shipped rule, alone in force
/// json R90 {"kind":"threshold", ...}       a rule written in the case, on one line
/// device wl-1 water_level 60 [tag,tag]      id, kind, interval, tags
///   @119.93,31.77 +320404400 /320404003     and after them a position, overlays, another street than 320404002
/// only R16-red                              the changes of this rule's warnings alone are told, each with its subject
/// read wl-1 water_depth 0+10: 300*7 _ 90!   from second 0 every 10 s: seven times 300, one missing, 90 of bad quality
/// read wl-1 water_depth:cm 0: 30            in another unit, turned into that of the quantity as the intake does
/// late wl-1 water_depth 30 at 100: 300      observed at 30, received at 100
/// pos truck 0+30: 119.93,31.77,40*7         positions with the speed in km/h, in the same way
/// event cam-1 0 fire_smoke e1 start 0.8     second, type, id, state, confidence (- : none)
/// ack 700                                   an operator acknowledges every raised warning
/// until 900                                 ticks each second up to here
/// expect                                    then one line per change: second, state, colour
///   0 pending blue
/// </code></summary>
internal sealed class CaseFile
{
    public static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly AreaId Street = new("320404002");

    private readonly List<(DateTimeOffset At, IngestBatch? Batch)> _inputs = [];
    private readonly List<DeviceRegistration> _devices = [];
    private readonly List<RuleDefinition> _rules = [];

    private string? _only;

    public required string Name { get; init; }
    public List<string> Expected { get; } = [];
    public int Until { get; private set; }

    public static IEnumerable<CaseFile> Read(string path)
    {
        CaseFile? current = null;
        var expecting = false;
        foreach (var raw in File.ReadLines(path))
        {
            var line = raw.TrimStart().StartsWith("json ", StringComparison.Ordinal) ? raw.Trim() : raw.Split('#')[0].Trim();
            if (line.Length == 0)
            {
                continue;
            }

            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "case")
            {
                if (current is not null)
                {
                    yield return current;
                }

                current = new() { Name = Path.GetFileNameWithoutExtension(path) + ": " + line[5..] };
                expecting = false;
            }
            else if (words[0] == "expect")
            {
                expecting = true;
            }
            else if (expecting)
            {
                current!.Expected.Add(string.Join(' ', words));
            }
            else
            {
                current!.Take(words);
            }
        }

        if (current is not null)
        {
            yield return current;
        }
    }

    /// <summary>Plays the scenario and says each change as "second state colour".</summary>
    public (List<string> Changes, List<WarningView> Final) Play(bool ticks)
    {
        if (_rules.Exists(rule => rule.Area?.Scope == AreaScope.District) || _devices.Exists(device => device.Street != Street))
        {
            return new CaseCity(this).Play();
        }

        var street = Make();
        var changes = new List<string>();
        var known = new Dictionary<WarningId, WarningView>();
        var final = new Dictionary<WarningId, WarningView>();
        var second = 0;
        foreach (var (at, batch) in _inputs.OrderBy(input => input.At).Append((Start.AddSeconds(Until), null)))
        {
            for (; ticks && Start.AddSeconds(second) < at; second++)
            {
                street.Advance(Start.AddSeconds(second));
                Note(Start.AddSeconds(second));
            }

            if (batch is not null)
            {
                street.Apply(batch);
                street.AdvanceHolds(at);
            }
            else if (at < Start.AddSeconds(Until))
            {
                Acknowledge(street, at);
            }
            else
            {
                street.Advance(at);
            }

            Note(at);
        }

        return (changes, [.. final.Values.OrderBy(warning => warning.OnsetAt)]);

        void Note(DateTimeOffset at)
        {
            foreach (var dropped in street.Warnings.DroppedUnsaved)
            {
                if (known.Remove(dropped, out var gone))
                {
                    final.Remove(dropped);
                    Say(at, gone, "dropped");
                }
            }

            foreach (var warning in street.Warnings.Unsaved.Values.OrderBy(warning => warning.OnsetAt))
            {
                var before = known.GetValueOrDefault(warning.Id);
                known[warning.Id] = warning;
                final[warning.Id] = warning;
                if (warning.State == WarningState.Cleared)
                {
                    Say(at, warning, "cleared");
                }
                else if (before is null || before.State != warning.State || before.Colour != warning.Colour)
                {
                    Say(at, warning, $"{warning.State} {warning.Colour}");
                }
                else if (warning.RecoveredAt is not null && before.RecoveredAt is null)
                {
                    Say(at, warning, "recovered");
                }
            }

            street.Warnings.DroppedUnsaved.Clear();
            street.Warnings.Unsaved.Clear();
        }

        void Say(DateTimeOffset at, WarningView warning, string what)
        {
            if (_only is null)
            {
                changes.Add(string.Create(CultureInfo.InvariantCulture, $"{(at - Start).TotalSeconds:0.###} {what.ToLowerInvariant()}"));
            }
            else if (warning.Rule.Value == _only)
            {
                changes.Add(string.Create(CultureInfo.InvariantCulture, $"{(at - Start).TotalSeconds:0.###} {what.ToLowerInvariant()} {warning.Subject}"));
            }
        }
    }

    internal IReadOnlyList<(DateTimeOffset At, IngestBatch? Batch)> Inputs => _inputs;
    internal IReadOnlyList<DeviceRegistration> Devices => _devices;
    internal IReadOnlyList<RuleDefinition> Rules => _rules;
    internal string? Only => _only;

    public StreetJudgement Make() => Make(Street);

    internal StreetJudgement Make(AreaId area)
    {
        var street = new StreetJudgement(area);
        street.PutDevices([.. _devices.Where(device => device.Street == area)], [], Start);
        street.PutRules([.. _rules], Start);
        return street;
    }

    internal static void Acknowledge(StreetJudgement street, DateTimeOffset at)
    {
        street.Advance(at);
        foreach (var warning in street.Warnings.Open.Where(warning => warning.State == WarningState.Raised).ToArray())
        {
            var outcome = WarningDeciding.Execute(warning, new AcknowledgeWarning(null), Actor.System, at, new());
            street.Warnings.Change(outcome.Value!);
        }
    }

    private void Take(string[] words)
    {
        switch (words[0])
        {
            case "rule":
                _rules.Add(RulePack.Shipped[words[1]]);
                break;
            case "json":
                var parsed = RuleParsing.Parse(new(words[1]), string.Join(' ', words[2..]), 1);
                _rules.Add(parsed.Rule ?? throw new InvalidOperationException($"{Name}: {string.Join("; ", parsed.Errors.Select(error => error.Key + " " + error.Value[0]))}"));
                break;
            case "only":
                _only = words[1];
                break;
            case "device":
                var position = words.FirstOrDefault(word => word[0] == '@')?[1..].Split(',').Select(Number).ToArray();
                _devices.Add(new()
                {
                    Id = new(words[1]), Name = words[1], Kind = words[2], Street = words.FirstOrDefault(word => word[0] == '/') is { } street ? new(street[1..]) : Street, IntervalSeconds = int.Parse(words[3], CultureInfo.InvariantCulture),
                    Tags = words.Length > 4 && words[4][0] is not ('@' or '+' or '/') ? [.. words[4].Split(',')] : [],
                    Longitude = position?[0], Latitude = position?[1], Areas = [.. words.Where(word => word[0] == '+').Select(word => new AreaId(word[1..]))],
                });
                break;
            case "read":
                Series(words);
                break;
            case "pos":
                Positions(words);
                break;
            case "late":
                Add(words[1], words[2], Number(words[3]), Number(words[5].TrimEnd(':')), Number(words[6]), Quality.Good);
                break;
            case "event":
                var at = Start.AddSeconds(Number(words[2]));
                _inputs.Add((at, Batch() with
                {
                    Events =
                    [
                        new(new(words[1]), words[4], new(words[3]), Enum.Parse<EventState>(words[5], ignoreCase: true), words[6] == "-" ? null : Number(words[6]), null, null, [], at, at),
                    ],
                }));
                break;
            case "ack":
                _inputs.Add((Start.AddSeconds(Number(words[1])), null));
                break;
            case "until":
                Until = int.Parse(words[1], CultureInfo.InvariantCulture);
                break;
            default:
                throw new InvalidOperationException($"{Name}: unknown line '{string.Join(' ', words)}'.");
        }
    }

    private void Series(string[] words)
    {
        var when = words[3].TrimEnd(':').Split('+');
        var second = Number(when[0]);
        var step = when.Length > 1 ? Number(when[1]) : 0;
        foreach (var word in words.Skip(4))
        {
            var parts = word.Split('*');
            var times = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
            for (var i = 0; i < times; i++, second += step)
            {
                if (parts[0] != "_")
                {
                    var bad = parts[0].EndsWith('!');
                    var (quantity, value) = Measured(words[2], Number(parts[0].TrimEnd('!')));
                    Add(words[1], quantity, second, second, value, bad ? Quality.Bad : Quality.Good);
                }
            }
        }
    }

    private void Positions(string[] words)
    {
        var when = words[2].TrimEnd(':').Split('+');
        var second = Number(when[0]);
        foreach (var word in words.Skip(3))
        {
            var parts = word.Split('*');
            var place = parts[0].Split(',').Select(Number).ToArray();
            for (var i = 0; i < (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1); i++, second += when.Length > 1 ? Number(when[1]) : 0)
            {
                var at = Start.AddSeconds(second);
                _inputs.Add((at, Batch() with { Positions = [new(new(words[1]), place[0], place[1], place.Length > 2 ? place[2] : null, null, at, at)] }));
            }
        }
    }

    private (string Quantity, double Value) Measured(string written, double value)
    {
        var parts = written.Split(':');
        if (parts.Length == 1)
        {
            return (written, value);
        }

        var quantity = new QuantityId(parts[0]);
        return UnitsOfMeasure.TryConvert(value, parts[1], QuantityKinds.Find(quantity)!.Unit, quantity, out var converted)
            ? (parts[0], converted) : throw new InvalidOperationException($"{Name}: {parts[0]} has no unit {parts[1]}.");
    }

    private void Add(string device, string quantity, double observed, double received, double value, Quality quality) =>
        _inputs.Add((Start.AddSeconds(received), Batch() with
        {
            Readings = [new(new(device), new(quantity), value, Start.AddSeconds(observed), Start.AddSeconds(received), quality)],
        }));

    private IngestBatch Batch() => new() { Node = "case", Sequence = _inputs.Count, Street = Street };

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
