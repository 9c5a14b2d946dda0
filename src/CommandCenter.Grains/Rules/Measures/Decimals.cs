namespace CommandCenter.Grains.Rules;

/// <summary>Differences of decimal values: 0.30 less 0.25 is 0.05 and stands on a level of 0.05, which binary numbers alone would miss.</summary>
internal static class Decimals
{
    private const int Digits = 9;

    // Beyond, nine digits after the point are finer than the numbers themselves.
    private const double Max = 1e6;

    public static double Round(double value) => Math.Abs(value) < Max ? Math.Round(value, Digits) : value;
}
