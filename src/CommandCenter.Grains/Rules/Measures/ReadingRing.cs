namespace CommandCenter.Grains.Rules;

/// <summary>The readings of the last span in order of event time, at most <see cref="EntriesMax"/>; beyond, neighbours are put together in buckets that are aligned to the
/// epoch. Repeats are recognised by their time, late ones are put in their place. Grows with use and then allocates no more.</summary>
/// <param name="amount">What a value adds to a sum of whole numbers; null: nothing is summed.</param>
/// <param name="extreme">What a bucket keeps of its values: 1 the highest, -1 the lowest, 0 the mean.</param>
internal sealed class ReadingRing(Func<double, Int128>? amount = null, int extreme = 0)
{
    public const int EntriesMax = 1536;
    private const int FirstCapacity = 8;

    // Time and value lie side by side: a window touches its newest and its oldest entry, and each touch of memory costs more than the sum.
    private struct Entry
    {
        public long At;
        public double Value;
    }

    private Entry[] _entries = [];

    // What an entry stands for once neighbours were put together; before, each is one reading and its sum follows from the value.
    private Bucket[]? _buckets;
    private long _bucketMs;

    private struct Bucket
    {
        public Int128 Sum;
        public int Count;
    }

    public int Start { get; private set; }
    public int End { get; private set; }

    /// <summary>Counts every shift of the entries, so that who keeps an index knows when to look again.</summary>
    public int Shift { get; private set; }

    public long At(int index) => _entries[index].At;

    public double Value(int index) => _entries[index].Value;

    public Int128 Sum(int index) => _buckets is not null ? _buckets[index].Sum : amount is null ? 0 : amount(_entries[index].Value);

    public int Count(int index) => _buckets is null ? 1 : _buckets[index].Count;

    /// <summary>Adds a reading newer than every one before. True: it has an entry of its own, the last one; false: it went into the last one.</summary>
    public bool Append(long at, double value)
    {
        if (_bucketMs > 0 && End > Start && at / _bucketMs == _entries[End - 1].At / _bucketMs)
        {
            Merge(End - 1, at, value, One(value));
            return false;
        }

        if (End - Start >= EntriesMax)
        {
            Coarsen();
            return Append(at, value);
        }

        Room();
        Put(End++, at, value);
        return true;
    }

    /// <summary>Puts in a reading that is not the newest. False: it is there already, or too old to be told from one.</summary>
    public bool Insert(long at, double value, long after)
    {
        if (at <= after)
        {
            return false;
        }

        var index = Find(at);
        if (index < End && _entries[index].At == at)
        {
            return false;
        }

        if (_bucketMs > 0)
        {
            // In buckets single times are lost: what does not come after a bucket's newest may be a repeat.
            if (index < End && _entries[index].At / _bucketMs == at / _bucketMs)
            {
                return false;
            }

            if (index > Start && _entries[index - 1].At / _bucketMs == at / _bucketMs)
            {
                Merge(index - 1, at, value, One(value));
                return true;
            }
        }

        if (End - Start >= EntriesMax)
        {
            Coarsen();
            return Insert(at, value, after);
        }

        var before = Start;
        Room();
        index -= before - Start;
        Array.Copy(_entries, index, _entries, index + 1, End - index);
        if (_buckets is not null)
        {
            Array.Copy(_buckets, index, _buckets, index + 1, End - index);
        }

        End++;
        Put(index, at, value);
        return true;
    }

    /// <summary>Forgets the entries before the index.</summary>
    public void Forget(int index)
    {
        Start = index;
        if (Start == End)
        {
            Start = End = 0;
            Shift++;
        }
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(_bucketMs);
        writer.Write(End - Start);
        for (var i = Start; i < End; i++)
        {
            writer.Write(_entries[i].At);
            writer.Write(_entries[i].Value);
            if (_buckets is not null)
            {
                WholeNumbers.Write(writer, _buckets[i].Sum);
                writer.Write(_buckets[i].Count);
            }
        }
    }

    public void Read(BinaryReader reader)
    {
        _bucketMs = reader.ReadInt64();
        var count = reader.ReadInt32();
        Start = End = 0;
        Shift++;
        _buckets = _bucketMs > 0 ? new Bucket[_entries.Length] : null;
        for (var i = 0; i < count; i++)
        {
            Room();
            Put(End++, reader.ReadInt64(), reader.ReadDouble());
            if (_buckets is not null)
            {
                _buckets[i] = new() { Sum = WholeNumbers.Read(reader), Count = reader.ReadInt32() };
            }
        }
    }

    private Bucket One(double value) => new() { Sum = amount is null ? 0 : amount(value), Count = 1 };

    private void Put(int index, long at, double value)
    {
        _entries[index] = new() { At = at, Value = value };
        if (_buckets is not null)
        {
            _buckets[index] = One(value);
        }
    }

    private void Merge(int index, long at, double value, Bucket bucket)
    {
        ref var entry = ref _entries[index];
        ref var known = ref _buckets![index];
        entry.At = at;
        entry.Value = extreme > 0 ? Math.Max(entry.Value, value)
            : extreme < 0 ? Math.Min(entry.Value, value)
            : ((entry.Value * known.Count) + (value * bucket.Count)) / (known.Count + bucket.Count);
        known.Count += bucket.Count;
        known.Sum += bucket.Sum;
    }

    // The first entry that is not older.
    private int Find(long at)
    {
        var (low, high) = (Start, End);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_entries[middle].At < at)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    // Room for one more entry, by moving down or by growing.
    private void Room()
    {
        if (End < _entries.Length)
        {
            return;
        }

        // Moving down only when half is free, so that it is rare; at the most there is room for twice what is kept.
        var capacity = Math.Min(EntriesMax * 2, Math.Max(FirstCapacity, _entries.Length * 2));
        if (Start >= Math.Max(1, _entries.Length / 2) || capacity == _entries.Length)
        {
            MoveDown();
            return;
        }

        Array.Resize(ref _entries, capacity);
        if (_buckets is not null)
        {
            Array.Resize(ref _buckets, capacity);
        }
    }

    private void MoveDown()
    {
        var length = End - Start;
        Array.Copy(_entries, Start, _entries, 0, length);
        if (_buckets is not null)
        {
            Array.Copy(_buckets, Start, _buckets, 0, length);
        }

        (Start, End) = (0, length);
        Shift++;
    }

    private void Coarsen()
    {
        MoveDown();
        if (_buckets is null)
        {
            _buckets = new Bucket[_entries.Length];
            for (var i = 0; i < End; i++)
            {
                _buckets[i] = One(_entries[i].Value);
            }
        }

        var width = Math.Max(1, _bucketMs);
        while (End > EntriesMax * 3 / 4)
        {
            width *= 2;
            Together(width);
        }

        _bucketMs = width;
        Shift++;
    }

    private void Together(long width)
    {
        var to = 0;
        for (var from = 1; from < End; from++)
        {
            if (_entries[from].At / width == _entries[to].At / width)
            {
                Merge(to, _entries[from].At, _entries[from].Value, _buckets![from]);
            }
            else
            {
                to++;
                _entries[to] = _entries[from];
                _buckets![to] = _buckets[from];
            }
        }

        End = to + 1;
    }
}
