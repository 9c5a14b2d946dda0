namespace CommandCenter.Grains.Rules;

/// <summary>The readings of the last span in order of event time, at most <see cref="EntriesMax"/>; beyond, neighbours are put together in buckets that are aligned to the
/// epoch. Repeats are recognised by their time, late ones are put in their place. Grows with use and then allocates no more.</summary>
internal sealed class ReadingRing
{
    public const int EntriesMax = 1536;
    private const int FirstCapacity = 8;

    private long[] _at = [];
    private double[] _value = [];
    private Int128[] _sum = [];

    // How many readings an entry stands for; none kept while every entry is one reading.
    private int[]? _count;
    private long _bucketMs;
    private readonly bool _sums;

    private readonly int _extreme;

    /// <param name="sums">Whether scaled sums are kept beside the values.</param>
    /// <param name="extreme">What a bucket keeps of its values: 1 the highest, -1 the lowest, 0 the mean.</param>
    public ReadingRing(bool sums, int extreme = 0) => (_sums, _extreme) = (sums, extreme);

    public int Start { get; private set; }
    public int End { get; private set; }

    /// <summary>Counts every shift of the entries, so that who keeps an index knows when to look again.</summary>
    public int Shift { get; private set; }

    public long At(int index) => _at[index];

    public double Value(int index) => _value[index];

    public Int128 Sum(int index) => _sum[index];

    public int Count(int index) => _count is null ? 1 : _count[index];

    /// <summary>Adds a reading newer than every one before. True: it has an entry of its own, the last one; false: it went into the last one.</summary>
    public bool Append(long at, double value, Int128 sum)
    {
        if (_bucketMs > 0 && End > Start && at / _bucketMs == _at[End - 1] / _bucketMs)
        {
            Merge(End - 1, at, value, sum, 1);
            return false;
        }

        if (End - Start >= EntriesMax)
        {
            Coarsen();
            return Append(at, value, sum);
        }

        Room();
        Put(End++, at, value, sum, 1);
        return true;
    }

    /// <summary>Puts in a reading that is not the newest. False: it is there already, or too old to be told from one.</summary>
    public bool Insert(long at, double value, Int128 sum, long after)
    {
        if (at <= after)
        {
            return false;
        }

        var index = Array.BinarySearch(_at, Start, End - Start, at);
        if (index >= 0)
        {
            return false;
        }

        index = ~index;
        if (_bucketMs > 0)
        {
            // In buckets single times are lost: what does not come after a bucket's newest may be a repeat.
            if (index < End && _at[index] / _bucketMs == at / _bucketMs)
            {
                return false;
            }

            if (index > Start && _at[index - 1] / _bucketMs == at / _bucketMs)
            {
                Merge(index - 1, at, value, sum, 1);
                return true;
            }
        }

        if (End - Start >= EntriesMax)
        {
            Coarsen();
            return Insert(at, value, sum, after);
        }

        var before = Start;
        Room();
        index -= before - Start;
        Array.Copy(_at, index, _at, index + 1, End - index);
        Array.Copy(_value, index, _value, index + 1, End - index);
        if (_sums)
        {
            Array.Copy(_sum, index, _sum, index + 1, End - index);
        }

        if (_count is not null)
        {
            Array.Copy(_count, index, _count, index + 1, End - index);
        }

        End++;
        Put(index, at, value, sum, 1);
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
            writer.Write(_at[i]);
            writer.Write(_value[i]);
            if (_sums)
            {
                WholeNumbers.Write(writer, _sum[i]);
            }

            if (_bucketMs > 0)
            {
                writer.Write(Count(i));
            }
        }
    }

    public void Read(BinaryReader reader)
    {
        _bucketMs = reader.ReadInt64();
        var count = reader.ReadInt32();
        Start = End = 0;
        Shift++;
        for (var i = 0; i < count; i++)
        {
            var at = reader.ReadInt64();
            var value = reader.ReadDouble();
            var sum = _sums ? WholeNumbers.Read(reader) : 0;
            var readings = _bucketMs > 0 ? reader.ReadInt32() : 1;
            Room();
            Put(End++, at, value, sum, readings);
        }
    }

    private void Put(int index, long at, double value, Int128 sum, int count)
    {
        _at[index] = at;
        _value[index] = value;
        if (_sums)
        {
            _sum[index] = sum;
        }

        if (_bucketMs > 0 && _count is null)
        {
            _count = new int[_at.Length];
            Array.Fill(_count, 1);
        }

        if (_count is not null)
        {
            _count[index] = count;
        }
    }

    private void Merge(int index, long at, double value, Int128 sum, int count)
    {
        _at[index] = at;
        _count ??= Ones(_at.Length);
        var known = _count[index];
        _value[index] = _extreme > 0 ? Math.Max(_value[index], value)
            : _extreme < 0 ? Math.Min(_value[index], value)
            : ((_value[index] * known) + (value * count)) / (known + count);
        _count[index] = known + count;
        if (_sums)
        {
            _sum[index] += sum;
        }
    }

    // Room for one more entry, by moving down or by growing.
    private void Room()
    {
        if (End < _at.Length)
        {
            return;
        }

        // Moving down only when half is free, so that it is rare; at the most there is room for twice what is kept.
        var capacity = Math.Min(EntriesMax * 2, Math.Max(FirstCapacity, _at.Length * 2));
        if (Start >= Math.Max(1, _at.Length / 2) || capacity == _at.Length)
        {
            MoveDown();
            return;
        }

        Array.Resize(ref _at, capacity);
        Array.Resize(ref _value, capacity);
        if (_sums)
        {
            Array.Resize(ref _sum, capacity);
        }

        if (_count is not null)
        {
            Array.Resize(ref _count, capacity);
        }
    }

    private void MoveDown()
    {
        var length = End - Start;
        Array.Copy(_at, Start, _at, 0, length);
        Array.Copy(_value, Start, _value, 0, length);
        if (_sums)
        {
            Array.Copy(_sum, Start, _sum, 0, length);
        }

        if (_count is not null)
        {
            Array.Copy(_count, Start, _count, 0, length);
        }

        (Start, End) = (0, length);
        Shift++;
    }

    private void Coarsen()
    {
        MoveDown();
        _count ??= Ones(_at.Length);
        var width = Math.Max(1, _bucketMs);
        var kept = End;
        while (kept > EntriesMax * 3 / 4)
        {
            width *= 2;
            kept = Together(width);
        }

        _bucketMs = width;
        Shift++;
    }

    private int Together(long width)
    {
        var to = 0;
        for (var from = 1; from < End; from++)
        {
            if (_at[from] / width == _at[to] / width)
            {
                Merge(to, _at[from], _value[from], _sums ? _sum[from] : 0, _count![from]);
            }
            else
            {
                to++;
                _at[to] = _at[from];
                _value[to] = _value[from];
                _count![to] = _count[from];
                if (_sums)
                {
                    _sum[to] = _sum[from];
                }
            }
        }

        End = to + 1;
        return End;
    }

    private static int[] Ones(int length)
    {
        var ones = new int[length];
        Array.Fill(ones, 1);
        return ones;
    }
}
