using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CommandCenter.Grains.History;

/// <summary>Whether a time is stored already, as far as memory tells.</summary>
internal enum Known { New, Stored, Unsure }

/// <summary>The newest stored time of each (device, quantity). A later time cannot be stored yet, so it needs no look into the file; this is the path of nearly every reading,
/// and one look into one table is all that it costs. The table also counts the how-many-th of its device and quantity a reading is in its batch.</summary>
internal sealed class NewestKnown(int max)
{
    private readonly Dictionary<long, Pair> _newest = [];

    // The places of pairs that are left out.
    private readonly Dictionary<long, ushort> _placesLeftOut = [];

    // Once a pair had to be left out, a missing pair no longer means a pair never stored.
    private bool _complete = true;
    private uint _round = 1;

    private struct Pair
    {
        public long At;
        public uint Round;
        public ushort NextPlace;
    }

    /// <summary>False when pairs had to be left out: then what is held may not be stored as the whole truth.</summary>
    public bool IsComplete => _complete;

    public IEnumerable<(int Device, short Quantity, long At)> All => _newest.Select(pair => ((int)(pair.Key >> 16), (short)pair.Key, pair.Value.At));

    /// <summary>A batch begins: places count from zero.</summary>
    public void BeginBatch()
    {
        _placesLeftOut.Clear();
        _round++;
    }

    /// <summary>Judges a time and takes it up. <see cref="Known.Unsure"/>: it must be compared with the file.</summary>
    /// <param name="place">The how-many-th of its device and quantity since the batch began.</param>
    public Known Judge(int device, short quantity, long at, out ushort place)
    {
        var key = KeyOf(device, quantity);
        ref var pair = ref CollectionsMarshal.GetValueRefOrNullRef(_newest, key);
        if (!Unsafe.IsNullRef(ref pair))
        {
            place = PlaceIn(ref pair);
            if (at <= pair.At)
            {
                // The newest time itself is stored, or waits in the commit under way.
                return at == pair.At ? Known.Stored : Known.Unsure;
            }

            pair.At = at;
            return Known.New;
        }

        if (Remember(key, at))
        {
            place = PlaceIn(ref CollectionsMarshal.GetValueRefOrNullRef(_newest, key));
            return Known.New;
        }

        ref var next = ref CollectionsMarshal.GetValueRefOrAddDefault(_placesLeftOut, key, out _);
        place = next;
        next = After(next);
        return Known.Unsure;
    }

    /// <summary>False when the time may be stored already and must be compared with the file.</summary>
    public bool IsCertainlyNew(int device, short quantity, long at) => Judge(device, quantity, at, out _) == Known.New;

    /// <summary>Takes a stored time; the greatest stays.</summary>
    public void Load(int device, short quantity, long at)
    {
        var key = KeyOf(device, quantity);
        ref var pair = ref CollectionsMarshal.GetValueRefOrNullRef(_newest, key);
        if (Unsafe.IsNullRef(ref pair))
        {
            Remember(key, at);
        }
        else if (at > pair.At)
        {
            pair.At = at;
        }
    }

    private ushort PlaceIn(ref Pair pair)
    {
        var place = pair.Round == _round ? pair.NextPlace : (ushort)0;
        pair.Round = _round;
        pair.NextPlace = After(place);
        return place;
    }

    private static ushort After(ushort place) => place == ushort.MaxValue ? place : (ushort)(place + 1);

    private static long KeyOf(int device, short quantity) => ((long)device << 16) | (ushort)quantity;

    private bool Remember(long key, long at)
    {
        // A pair seen only after others were left out may have older rows that are newer than this one: it stays out.
        if (!_complete || _newest.Count >= max)
        {
            _complete = false;
            return false;
        }

        _newest.Add(key, new Pair { At = at });
        return true;
    }
}
