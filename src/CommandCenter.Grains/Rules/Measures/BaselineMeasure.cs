namespace CommandCenter.Grains.Rules;

/// <summary>How far a value lies from what is usual at this hour. Bounded: 168 sums. An hour is folded in once it is over, so it is never compared with itself.</summary>
internal sealed class BaselineMeasure(BaselineParameters parameters) : IMeasure
{
    private const int Buckets = 168;
    private const long HourMs = 3_600_000;
    private const long ShanghaiMs = 8 * HourMs;
    private const double Scale = 1e6;

    // Ten thousand squares of it still fit.
    private const double ValueMax = 1e11;

    /// <summary>At so many weeks what is known of an hour is halved: the newest half year weighs most.</summary>
    private const int WeeksMax = 26;

    private struct Bucket
    {
        public Int128 Sum;
        public Int128 Squares;
        public int Count;

        /// <summary>Weeks with data (hour of week), or the day that it holds (last days).</summary>
        public int History;
    }

    private Bucket[]? _known;
    private Bucket _now;
    private long _hour = long.MinValue;

    public long NextStep => long.MaxValue;

    public long IntervalMs { private get; set; }

    public bool Take(double value, long at, Span<double> views)
    {
        var hour = (at + ShanghaiMs) / HourMs;
        if (hour != _hour)
        {
            Fold();
            _hour = hour;
        }

        views[0] = Deviation(value, Usual(hour, out var history), history);
        return true;
    }

    public void Fill(double value, long at)
    {
    }

    public void SkipTo(long at)
    {
    }

    public void Step(long at, Span<double> views) => throw new InvalidOperationException("A baseline has no steps.");

    public void Learn(double value, long at, bool quiet)
    {
        if (quiet)
        {
            var scaled = (Int128)Math.Round(Math.Clamp(value, -ValueMax, ValueMax) * Scale);
            _now.Sum += scaled;
            _now.Squares += scaled * scaled;
            _now.Count++;
        }
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(_hour);
        Write(writer, in _now);
        var count = 0;
        foreach (ref readonly var bucket in _known.AsSpan())
        {
            count += bucket.Count > 0 ? 1 : 0;
        }

        writer.Write((byte)count);
        for (var i = 0; count > 0 && i < Buckets; i++)
        {
            if (_known![i].Count > 0)
            {
                writer.Write((byte)i);
                Write(writer, in _known[i]);
            }
        }
    }

    public void Read(BinaryReader reader)
    {
        _hour = reader.ReadInt64();
        _now = ReadBucket(reader);
        var count = reader.ReadByte();
        _known = count > 0 ? new Bucket[Buckets] : null;
        for (var n = 0; n < count; n++)
        {
            var index = reader.ReadByte();
            _known![index] = ReadBucket(reader);
        }
    }

    private Bucket Usual(long hour, out int history)
    {
        history = 0;
        if (_known is null)
        {
            return default;
        }

        if (parameters.By == BaselineBy.HourOfWeek)
        {
            ref readonly var bucket = ref _known[(int)(hour % Buckets)];
            history = bucket.History;
            return bucket;
        }

        var usual = new Bucket();
        var day = hour / 24;
        for (var back = 1; back <= 7; back++)
        {
            ref readonly var bucket = ref _known[Slot(day - back, hour)];
            if (bucket.Count > 0 && bucket.History == day - back)
            {
                usual.Sum += bucket.Sum;
                usual.Squares += bucket.Squares;
                usual.Count += bucket.Count;
                history++;
            }
        }

        return usual;
    }

    private double Deviation(double value, Bucket usual, int history)
    {
        if (history < parameters.MinHistory || usual.Count < parameters.MinReadings)
        {
            return double.NaN;
        }

        var mean = (double)usual.Sum / (usual.Count * Scale);
        if (mean == 0 && !parameters.Sigma || Math.Abs(mean) < parameters.MinBaseline)
        {
            return double.NaN;
        }

        double deviation;
        if (parameters.Sigma)
        {
            var sigma = Math.Sqrt(Math.Max(0, ((double)usual.Squares / (usual.Count * Scale * Scale)) - (mean * mean)));
            if (sigma == 0)
            {
                return double.NaN;
            }

            deviation = (value - mean) / sigma;
        }
        else
        {
            deviation = 100 * (value - mean) / Math.Abs(mean);
        }

        deviation = Decimals.Round(deviation);
        return parameters.Side switch { DeviationSide.Above => deviation, DeviationSide.Below => -deviation, _ => Math.Abs(deviation) };
    }

    private void Fold()
    {
        if (_now.Count > 0)
        {
            _known ??= new Bucket[Buckets];
            if (parameters.By == BaselineBy.LastDays)
            {
                _now.History = (int)(_hour / 24);
                _known[Slot(_hour / 24, _hour)] = _now;
            }
            else
            {
                ref var bucket = ref _known[(int)(_hour % Buckets)];
                bucket.Sum += _now.Sum;
                bucket.Squares += _now.Squares;
                bucket.Count += _now.Count;
                if (++bucket.History >= WeeksMax)
                {
                    bucket = new Bucket { Sum = bucket.Sum / 2, Squares = bucket.Squares / 2, Count = bucket.Count / 2, History = bucket.History / 2 };
                }
            }
        }

        _now = default;
    }

    private static int Slot(long day, long hour) => (int)((((day % 7) + 7) % 7 * 24) + (hour % 24));

    private static void Write(BinaryWriter writer, in Bucket bucket)
    {
        WholeNumbers.Write(writer, bucket.Sum);
        WholeNumbers.Write(writer, bucket.Squares);
        writer.Write(bucket.Count);
        writer.Write(bucket.History);
    }

    private static Bucket ReadBucket(BinaryReader reader) => new()
    {
        Sum = WholeNumbers.Read(reader), Squares = WholeNumbers.Read(reader), Count = reader.ReadInt32(), History = reader.ReadInt32(),
    };
}
