using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Streets;

/// <summary>Warnings on their way to other rooms, each waiting before one door (a class group, an incident). A door takes one call at a time, and what waits meanwhile
/// goes together with the next; first come, first served, and the doors in turn. Pure. Bounded by the warnings of the street.</summary>
internal sealed class HandOverQueue
{
    private const int PassedOverMax = 64;

    private readonly Dictionary<WarningId, WarningView> _waiting = [];
    private readonly Dictionary<WarningId, string> _doors = [];
    private readonly Dictionary<string, Queue<WarningId>> _lines = new(StringComparer.Ordinal);

    // The doors that have a line, in the order of their turns.
    private readonly Queue<string> _turns = new();
    private readonly HashSet<WarningId> _underway = [];
    private readonly HashSet<string> _calls = new(StringComparer.Ordinal);
    private readonly HashSet<string> _resting = new(StringComparer.Ordinal);
    private readonly HashSet<WarningId> _later = [];

    /// <summary>Waiting or on the way.</summary>
    public int Count => _waiting.Count;

    /// <summary>Puts it before the door, or its newer form in its place.</summary>
    public void Put(string door, WarningView warning)
    {
        _waiting[warning.Id] = warning;
        if (_doors.GetValueOrDefault(warning.Id) == door)
        {
            return;
        }

        // A place before another door is passed over when its turn comes there.
        _doors[warning.Id] = door;
        if (!_underway.Contains(warning.Id))
        {
            Enqueue(warning.Id);
        }
    }

    public void Remove(WarningId id)
    {
        _waiting.Remove(id);
        _doors.Remove(id);
        _later.Remove(id);
    }

    /// <summary>What may go to the next free door now; null: nothing, or as many calls as allowed are on the way. What is not ready keeps waiting.</summary>
    public (string Door, ImmutableArray<WarningView> Warnings)? Take(int callsMax, int perCallMax, Func<WarningView, bool> ready)
    {
        for (var left = _calls.Count >= callsMax ? 0 : _turns.Count; left > 0; left--)
        {
            var door = _turns.Dequeue();
            var taken = _calls.Contains(door) || _resting.Contains(door) ? [] : TakeFrom(_lines[door], door, perCallMax, ready);
            if (_lines[door].Count == 0)
            {
                _lines.Remove(door);
            }
            else
            {
                _turns.Enqueue(door);
            }

            if (taken.Length > 0)
            {
                _calls.Add(door);
                return (door, taken);
            }
        }

        return null;
    }

    /// <summary>A call came back. What it delivered waits no more, unless a newer form of it came meanwhile; the rest goes to the end of the line.</summary>
    public void Finish(string door, ImmutableArray<WarningView> taken, bool delivered)
    {
        _calls.Remove(door);
        foreach (var warning in taken)
        {
            _underway.Remove(warning.Id);
            if (!_waiting.TryGetValue(warning.Id, out var newest))
            {
                continue;
            }

            if (delivered && newest.Version <= warning.Version)
            {
                Remove(warning.Id);
            }
            else if (!_later.Contains(warning.Id))
            {
                Enqueue(warning.Id);
            }
        }
    }

    /// <summary>The door failed: nothing goes there before <see cref="Resume"/>.</summary>
    public void Rest(string door) => _resting.Add(door);

    /// <summary>The one on its way was refused: it alone waits for <see cref="Resume"/>.</summary>
    public void Rest(WarningId id)
    {
        if (_underway.Contains(id))
        {
            _later.Add(id);
        }
    }

    public void Resume()
    {
        _resting.Clear();
        foreach (var id in _later.Where(id => !_underway.Contains(id)).ToArray())
        {
            _later.Remove(id);
            Enqueue(id);
        }
    }

    private ImmutableArray<WarningView> TakeFrom(Queue<WarningId> line, string door, int max, Func<WarningView, bool> ready)
    {
        var taken = ImmutableArray.CreateBuilder<WarningView>();
        for (var left = line.Count; left > 0 && taken.Count < max; left--)
        {
            var id = line.Dequeue();
            if (_doors.GetValueOrDefault(id) != door || _underway.Contains(id) || _later.Contains(id))
            {
                continue;
            }

            if (ready(_waiting[id]))
            {
                taken.Add(_waiting[id]);
                _underway.Add(id);
            }
            else
            {
                line.Enqueue(id);
            }
        }

        return taken.ToImmutable();
    }

    private void Enqueue(WarningId id)
    {
        var door = _doors[id];
        if (!_lines.TryGetValue(door, out var line))
        {
            _lines[door] = line = new();
            _turns.Enqueue(door);
        }

        if (line.Count > (2 * _waiting.Count) + PassedOverMax)
        {
            // Before a door that is long closed, those that came and went must not pile up.
            var standing = line.Distinct().Where(known => known != id && _doors.GetValueOrDefault(known) == door).ToArray();
            line.Clear();
            foreach (var known in standing)
            {
                line.Enqueue(known);
            }
        }

        line.Enqueue(id);
    }
}
