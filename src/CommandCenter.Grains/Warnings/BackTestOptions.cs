namespace CommandCenter.Grains.Warnings;

/// <summary>Back-tests (configuration section <c>BackTests</c>).</summary>
public sealed class BackTestOptions
{
    /// <summary>The longest period, 1 to 36,500 days; default 3,660 (ten years).</summary>
    public int DaysMax { get; set; } = 3_660;

    /// <summary>Devices of one back-test, 1 to 10,000; default 500.</summary>
    public int DevicesMax { get; set; } = 500;

    /// <summary>Back-tests that run at once in one silo, 1 to 16; default 2. The present goes before the past.</summary>
    public int AtOnceMax { get; set; } = 2;
}

/// <summary>How many back-tests run in this silo.</summary>
internal sealed class BackTestPlaces(Microsoft.Extensions.Options.IOptions<BackTestOptions> options)
{
    private int taken;

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref taken) <= options.Value.AtOnceMax)
        {
            return true;
        }

        Interlocked.Decrement(ref taken);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref taken);
}
