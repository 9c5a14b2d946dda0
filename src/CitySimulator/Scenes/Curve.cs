namespace CitySimulator;

/// <summary>A line through given points of (minute, value); level before the first and after the last.</summary>
internal sealed class Curve(params (double Minute, double Value)[] points)
{
    public double At(double minute)
    {
        if (minute <= points[0].Minute)
        {
            return points[0].Value;
        }

        for (var i = 1; i < points.Length; i++)
        {
            if (minute < points[i].Minute)
            {
                var (from, to) = (points[i - 1], points[i]);
                return from.Value + ((to.Value - from.Value) * (minute - from.Minute) / (to.Minute - from.Minute));
            }
        }

        return points[^1].Value;
    }

    /// <summary>The area under the line from minute 0, in value × minutes; the points begin at 0 and end at 0.</summary>
    public double Sum(double minute)
    {
        var sum = 0.0;
        for (var i = 1; i < points.Length && points[i - 1].Minute < minute; i++)
        {
            var end = Math.Min(points[i].Minute, minute);
            sum += (end - points[i - 1].Minute) * (At(points[i - 1].Minute) + At(end - 1e-9)) / 2;
        }

        return sum;
    }
}
