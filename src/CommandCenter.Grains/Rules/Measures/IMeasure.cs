namespace CommandCenter.Grains.Rules;

/// <summary>What a condition remembers of one device to turn readings into the value that its levels judge. Pure: a function of the readings in order of arrival.
/// A view is one such value; most conditions have one, a window has one for each different span. NaN: it cannot be said now.</summary>
internal interface IMeasure
{
    /// <summary>Event time at which it wants to be asked without a reading; <see cref="long.MaxValue"/>: never.</summary>
    long NextStep { get; }

    /// <summary>How often the device speaks.</summary>
    long IntervalMs { set; }

    /// <summary>Takes a reading newer than every one before. False: there is nothing to judge at a reading.</summary>
    bool Take(double value, long at, Span<double> views);

    /// <summary>Takes a reading that is not newer. The same one twice changes nothing.</summary>
    void Fill(double value, long at);

    /// <summary>Leaves out steps that lie before the last one up to the time: they fell into a silence.</summary>
    void SkipTo(long at);

    /// <summary>The value at the step; the next one follows after it.</summary>
    void Step(long at, Span<double> views);

    /// <summary>Called when the reading was judged. <paramref name="quiet"/>: the rule neither holds nor stands for the device.</summary>
    void Learn(double value, long at, bool quiet);

    void Write(BinaryWriter writer);

    void Read(BinaryReader reader);
}
