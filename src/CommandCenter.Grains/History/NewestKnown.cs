namespace CommandCenter.Grains.History;

/// <summary>Whether a time is stored already, as far as memory tells.</summary>
internal enum Known { New, Stored, Unsure }

/// <summary>The newest stored time of each (device, quantity). A later time cannot be stored yet, so it needs no look into the file; this is the path of nearly every reading.</summary>
internal sealed class NewestKnown(int max)
{
    private readonly Dictionary<(int Device, short Quantity), long> _newest = [];

    // Once a pair had to be left out, a missing pair no longer means a pair never stored.
    private bool _complete = true;

    /// <summary>False when pairs had to be left out: then what is held may not be stored as the whole truth.</summary>
    public bool IsComplete => _complete;

    public IReadOnlyDictionary<(int Device, short Quantity), long> All => _newest;

    /// <summary>Judges a time and takes it up. <see cref="Known.Unsure"/>: it must be compared with the file.</summary>
    public Known Judge(int device, short quantity, long at)
    {
        if (_newest.TryGetValue((device, quantity), out var newest))
        {
            if (at <= newest)
            {
                // The newest time itself is stored, or waits in the commit under way.
                return at == newest ? Known.Stored : Known.Unsure;
            }

            _newest[(device, quantity)] = at;
            return Known.New;
        }

        return Remember(device, quantity, at) && _complete ? Known.New : Known.Unsure;
    }

    /// <summary>False when the time may be stored already and must be compared with the file.</summary>
    public bool IsCertainlyNew(int device, short quantity, long at) => Judge(device, quantity, at) == Known.New;

    /// <summary>Takes a stored time; the greatest stays.</summary>
    public void Load(int device, short quantity, long at)
    {
        if (!_newest.TryGetValue((device, quantity), out var newest))
        {
            Remember(device, quantity, at);
        }
        else if (at > newest)
        {
            _newest[(device, quantity)] = at;
        }
    }

    private bool Remember(int device, short quantity, long at)
    {
        // A pair seen only after others were left out may have older rows that are newer than this one: it stays out.
        if (!_complete || _newest.Count >= max)
        {
            _complete = false;
            return false;
        }

        _newest.Add((device, quantity), at);
        return true;
    }
}
