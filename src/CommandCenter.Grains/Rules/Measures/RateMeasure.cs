namespace CommandCenter.Grains.Rules;

/// <summary>How fast a quantity changes over the look-back.</summary>
internal sealed class RateMeasure(RateParameters parameters) : IMeasure
{
    private readonly ReadingRing _ring = new();
    private int _shift;

    // Index of the first reading after the newest gap.
    private int _run;

    public long NextStep => long.MaxValue;

    public long IntervalMs { private get; set; }

    public bool Take(double value, long at, Span<double> views)
    {
        _ring.Append(at, value);
        if (_shift != _ring.Shift)
        {
            FindRun();
        }
        else if (_ring.End - 1 > _ring.Start && at - _ring.At(_ring.End - 2) > parameters.MaxGapMs)
        {
            _run = _ring.End - 1;
        }

        var first = _ring.Start;
        while (_ring.At(first) < at - parameters.LookBackMs)
        {
            first++;
        }

        _ring.Forget(first);
        _run = Math.Max(_run, first);
        views[0] = parameters.Method == RateMethod.Slope ? Slope(value, at) : Change(value);
        return true;
    }

    public void Fill(double value, long at)
    {
        if (_ring.End > _ring.Start && _ring.Insert(at, value, _ring.At(_ring.End - 1) - parameters.LookBackMs - 1))
        {
            FindRun();
        }
    }

    public void SkipTo(long at)
    {
    }

    public void Step(long at, Span<double> views) => throw new InvalidOperationException("A rate has no steps.");

    public void Learn(double value, long at, bool quiet)
    {
    }

    public void Write(BinaryWriter writer) => _ring.Write(writer);

    public void Read(BinaryReader reader)
    {
        _ring.Read(reader);
        FindRun();
    }

    private double Slope(double value, long at)
    {
        var span = at - _ring.At(_run);
        if (span <= 0 || span < parameters.MinSpanMs)
        {
            return double.NaN;
        }

        var change = Sided(value - _ring.Value(_run));
        return Decimals.Round((parameters.Percent ? Share(change, _ring.Value(_run)) : change) * parameters.PeriodMs / span);
    }

    private double Change(double value)
    {
        if (_ring.End - _run < 2)
        {
            return double.NaN;
        }

        var (lowest, highest) = (value, value);
        for (var i = _run; i < _ring.End; i++)
        {
            lowest = Math.Min(lowest, _ring.Value(i));
            highest = Math.Max(highest, _ring.Value(i));
        }

        var (rise, fall) = (value - lowest, highest - value);
        if (parameters.Percent)
        {
            (rise, fall) = (Share(rise, lowest), Share(fall, highest));
        }

        return Decimals.Round(parameters.Direction switch { RateDirection.Rise => rise, RateDirection.Fall => fall, _ => Math.Max(rise, fall) });
    }

    private double Sided(double change) =>
        parameters.Direction switch { RateDirection.Rise => change, RateDirection.Fall => -change, _ => Math.Abs(change) };

    private static double Share(double change, double older) => older == 0 ? double.NaN : 100 * change / Math.Abs(older);

    private void FindRun()
    {
        _shift = _ring.Shift;
        _run = Math.Max(_ring.Start, _ring.End - 1);
        while (_run > _ring.Start && _ring.At(_run) - _ring.At(_run - 1) <= parameters.MaxGapMs)
        {
            _run--;
        }
    }
}
