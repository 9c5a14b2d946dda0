namespace CommandCenter.Grains.Rules;

/// <summary>For how many seconds the readings have stayed the same. Late ones change nothing: the run that they would break is judged.</summary>
internal sealed class StuckMeasure(StuckParameters parameters, long intervalMs) : IMeasure
{
    private double _value = double.NaN;
    private long _since;
    private long _newestAt;

    public long NextStep => long.MaxValue;

    public long IntervalMs { private get; set; } = intervalMs;

    public bool Take(double value, long at, Span<double> views)
    {
        if (double.IsNaN(_value) || Decimals.Round(Math.Abs(value - _value)) > parameters.Epsilon || at - _newestAt > (parameters.MaxGapMs ?? 3 * IntervalMs))
        {
            _value = value;
            _since = at;
        }

        _newestAt = at;
        views[0] = (at - _since) / 1000.0;
        return true;
    }

    public void Fill(double value, long at)
    {
    }

    public void SkipTo(long at)
    {
    }

    public void Step(long at, Span<double> views) => throw new InvalidOperationException("A stuck value has no steps.");

    public void Learn(double value, long at, bool quiet)
    {
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(_value);
        writer.Write(_since);
        writer.Write(_newestAt);
    }

    public void Read(BinaryReader reader)
    {
        _value = reader.ReadDouble();
        _since = reader.ReadInt64();
        _newestAt = reader.ReadInt64();
    }
}
