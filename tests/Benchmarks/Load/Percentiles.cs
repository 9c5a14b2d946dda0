using System.Globalization;

namespace Benchmarks.Load;

/// <summary>Ages in milliseconds, taken by one thread while a load runs and told when it is over.</summary>
internal sealed class Percentiles
{
    private readonly List<double> ages = new(1_000_000);

    public int Count => ages.Count;

    public void Add(double milliseconds)
    {
        lock (ages)
        {
            ages.Add(milliseconds);
        }
    }

    public void Clear()
    {
        lock (ages)
        {
            ages.Clear();
        }
    }

    public string Tell()
    {
        lock (ages)
        {
            if (ages.Count == 0)
            {
                return "nothing came";
            }

            ages.Sort();
            return string.Create(CultureInfo.InvariantCulture,
                $"p50 {ages[ages.Count / 2]:0.0} ms, p99 {ages[(int)(ages.Count * 0.99)]:0.0} ms, max {ages[^1]:0.0} ms over {ages.Count:#,0}");
        }
    }
}
