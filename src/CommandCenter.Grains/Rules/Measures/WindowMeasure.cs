namespace CommandCenter.Grains.Rules;

/// <summary>Aggregates over one or more spans of the same readings. Sums are whole millionths (LAeq: thousandths of the energy), so the order of arrival makes no difference.</summary>
internal sealed class WindowMeasure : IMeasure
{
    private const double Scale = 1e6;
    private const double EnergyScale = 1e3;
    private const int SameMillisecondMax = 64;

    private struct View
    {
        public long SpanMs;

        /// <summary>Index of the first entry inside.</summary>
        public int First;
        public Int128 Sum;
        public int Count;
        public long CoveredMs;
        public double Highest;
        public double Lowest;

        /// <summary>The newest entries with these values: while one of them is inside, no entry that leaves changes them.</summary>
        public int HighestIndex;
        public int LowestIndex;
        public double[] Sorted;
        public int SortedCount;
    }

    private readonly WindowParameters _parameters;
    private readonly ReadingRing _ring;
    private readonly View[] _views;
    private readonly bool _extremes;
    private readonly bool _sums;
    private int _shift;

    /// <summary>What is older than this is in no view.</summary>
    private long _from = long.MinValue;

    public WindowMeasure(WindowParameters parameters, long intervalMs)
    {
        _parameters = parameters;
        IntervalMs = intervalMs;
        _extremes = parameters.Aggregate is Aggregate.Max or Aggregate.Min or Aggregate.Range;
        _sums = parameters.Aggregate is Aggregate.Sum or Aggregate.Mean or Aggregate.LAeq or Aggregate.Count;
        _ring = new(_sums ? Amount : null, parameters.Aggregate == Aggregate.Max ? 1 : parameters.Aggregate == Aggregate.Min ? -1 : 0);
        _views = [.. parameters.ViewsMs.Select(span => new View { SpanMs = span, Highest = double.NegativeInfinity, Lowest = double.PositiveInfinity, Sorted = [] })];
    }

    public long NextStep { get; private set; } = long.MaxValue;

    public long IntervalMs { private get; set; }

    public bool Take(double value, long at, Span<double> views)
    {
        if (_parameters.StepMs is { } step)
        {
            if (NextStep == long.MaxValue)
            {
                NextStep = ((at / step) + 1) * step;
            }

            Add(value, at);
            return false;
        }

        Add(value, at);
        Slide(at + 1, views);
        return true;
    }

    public void Fill(double value, long at)
    {
        if (_ring.End > _ring.Start && _ring.Insert(at, value, _from == long.MinValue ? _from : _from - 1))
        {
            Rebuild();
        }
    }

    public void SkipTo(long at)
    {
        if (_parameters.StepMs is { } step && NextStep <= at)
        {
            NextStep = at / step * step;
        }
    }

    public void Step(long at, Span<double> views)
    {
        Slide(at, views);
        NextStep = at + _parameters.StepMs!.Value;
    }

    /// <summary>When the oldest reading of a view leaves it; <see cref="long.MaxValue"/>: all are empty.</summary>
    public long NextExpiry
    {
        get
        {
            var next = long.MaxValue;
            foreach (ref readonly var view in _views.AsSpan())
            {
                next = view.First < _ring.End ? Math.Min(next, _ring.At(view.First) + view.SpanMs) : next;
            }

            return next;
        }
    }

    /// <summary>Counts an event, wherever in time it belongs. Two of the same millisecond are two.</summary>
    public void Count(long at)
    {
        if (_ring.End == _ring.Start || at > _ring.At(_ring.End - 1))
        {
            Add(1, at);
            return;
        }

        for (var n = 0; n < SameMillisecondMax; n++)
        {
            if (_ring.Insert(at + n, 1, _from == long.MinValue ? _from : _from - 1))
            {
                Rebuild();
                return;
            }
        }
    }

    /// <summary>The value at the time, without a reading.</summary>
    public void Peek(long at, Span<double> views) => Slide(at + 1, views);

    public void Learn(double value, long at, bool quiet)
    {
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(NextStep);
        writer.Write(_from);
        foreach (ref readonly var view in _views.AsSpan())
        {
            writer.Write(view.First - _ring.Start);
        }

        _ring.Write(writer);
    }

    public void Read(BinaryReader reader)
    {
        NextStep = reader.ReadInt64();
        _from = reader.ReadInt64();
        foreach (ref var view in _views.AsSpan())
        {
            view.First = reader.ReadInt32();
        }

        _ring.Read(reader);
        Rebuild(located: true);
    }

    private void Add(double value, long at)
    {
        var amount = _sums ? Amount(value) : 0;
        var last = _ring.End - 1;
        var coveredBefore = last >= _ring.Start ? Covered(last) : 0;
        var own = _ring.Append(at, value);
        if (_shift != _ring.Shift)
        {
            Rebuild();
            return;
        }

        foreach (ref var view in _views.AsSpan())
        {
            view.Sum += amount;
            view.Count++;
            view.CoveredMs += own ? Covered(_ring.End - 1) : Covered(last) - coveredBefore;
            if (_extremes)
            {
                Extreme(ref view, value, _ring.End - 1);
            }
        }

        if (_parameters.Aggregate == Aggregate.Percentile)
        {
            if (own)
            {
                foreach (ref var view in _views.AsSpan())
                {
                    SortIn(ref view, value);
                }
            }
            else
            {
                Rebuild();
            }
        }
    }

    // Everything before the end is in the ring; each view drops what is older than its span and is read.
    private void Slide(long end, Span<double> views)
    {
        _from = end - _views[0].SpanMs;
        var first = _ring.End;
        for (var i = 0; i < _views.Length; i++)
        {
            ref var view = ref _views[i];
            var from = end - view.SpanMs;
            while (view.First < _ring.End && _ring.At(view.First) < from)
            {
                Drop(ref view);
            }

            first = Math.Min(first, view.First);
            views[i] = Read(ref view);
        }

        // One entry more than is seen: the first one that is seen covers the time since it.
        if (first - 1 > _ring.Start)
        {
            _ring.Forget(first - 1);
            _shift = _ring.Shift;
        }
    }

    private void Drop(ref View view)
    {
        var index = view.First++;
        view.Count -= _ring.Count(index);
        view.CoveredMs -= Covered(index);
        if (_parameters.Aggregate == Aggregate.Percentile)
        {
            SortOut(ref view, _ring.Value(index));
        }
        else if (_sums)
        {
            view.Sum -= _ring.Sum(index);
        }
        else if (index == view.HighestIndex || index == view.LowestIndex)
        {
            Extremes(ref view);
        }
    }

    private double Read(ref View view)
    {
        if (view.Count == 0 || (_parameters.MinCoverage > 0 && view.CoveredMs < _parameters.MinCoverage * view.SpanMs))
        {
            return double.NaN;
        }

        return _parameters.Aggregate switch
        {
            Aggregate.Sum => (double)view.Sum / Scale,
            Aggregate.Count => (double)view.Sum,
            Aggregate.Mean => (double)view.Sum / (view.Count * Scale),
            // Rounded where the logarithm stops being exact, so that a constant level is that level.
            Aggregate.LAeq => Math.Round(10 * Math.Log10((double)view.Sum / (view.Count * EnergyScale)), 6),
            Aggregate.Max => view.Highest,
            Aggregate.Min => view.Lowest,
            Aggregate.Range => Decimals.Round(view.Highest - view.Lowest),
            _ => view.Sorted[(((_parameters.Percent * view.SortedCount) + 99) / 100) - 1],
        };
    }

    // An entry covers the time back to the one before it, at most one interval for each of its readings.
    private long Covered(int index)
    {
        var most = IntervalMs * _ring.Count(index);
        return index > _ring.Start ? Math.Min(most, _ring.At(index) - _ring.At(index - 1)) : most;
    }

    private Int128 Amount(double value) => _parameters.Aggregate switch
    {
        Aggregate.Sum or Aggregate.Mean => (Int128)Math.Round(value * Scale),
        Aggregate.LAeq => (Int128)Math.Round(Math.Pow(10, value / 10) * EnergyScale),
        Aggregate.Count => _parameters.Counts is null || _parameters.Counts.Holds(value) ? 1 : 0,
        _ => 0,
    };

    private void Rebuild(bool located = false)
    {
        _shift = _ring.Shift;
        foreach (ref var view in _views.AsSpan())
        {
            if (!located)
            {
                // A view reaches back from where the longest one does, by how much shorter it is.
                var from = _from == long.MinValue ? long.MinValue : _from + _views[0].SpanMs - view.SpanMs;
                view.First = _ring.Start;
                while (view.First < _ring.End && _ring.At(view.First) < from)
                {
                    view.First++;
                }
            }

            view.Sum = 0;
            view.Count = 0;
            view.CoveredMs = 0;
            view.SortedCount = 0;
            for (var i = view.First; i < _ring.End; i++)
            {
                view.Count += _ring.Count(i);
                view.CoveredMs += Covered(i);
                if (_parameters.Aggregate == Aggregate.Percentile)
                {
                    Grow(ref view);
                    view.Sorted[view.SortedCount++] = _ring.Value(i);
                }
                else if (_sums)
                {
                    view.Sum += _ring.Sum(i);
                }
            }

            Array.Sort(view.Sorted, 0, view.SortedCount);
            Extremes(ref view);
        }
    }

    private void Extremes(ref View view)
    {
        (view.Highest, view.Lowest) = (double.NegativeInfinity, double.PositiveInfinity);
        if (_extremes)
        {
            for (var i = view.First; i < _ring.End; i++)
            {
                Extreme(ref view, _ring.Value(i), i);
            }
        }
    }

    private static void Extreme(ref View view, double value, int index)
    {
        if (value >= view.Highest)
        {
            (view.Highest, view.HighestIndex) = (value, index);
        }

        if (value <= view.Lowest)
        {
            (view.Lowest, view.LowestIndex) = (value, index);
        }
    }

    private static void SortIn(ref View view, double value)
    {
        Grow(ref view);
        var index = Array.BinarySearch(view.Sorted, 0, view.SortedCount, value);
        index = index < 0 ? ~index : index;
        Array.Copy(view.Sorted, index, view.Sorted, index + 1, view.SortedCount - index);
        view.Sorted[index] = value;
        view.SortedCount++;
    }

    private static void SortOut(ref View view, double value)
    {
        var index = Array.BinarySearch(view.Sorted, 0, view.SortedCount, value);
        view.SortedCount--;
        Array.Copy(view.Sorted, index + 1, view.Sorted, index, view.SortedCount - index);
    }

    private static void Grow(ref View view)
    {
        if (view.SortedCount == view.Sorted.Length)
        {
            Array.Resize(ref view.Sorted, Math.Max(8, view.Sorted.Length * 2));
        }
    }
}
