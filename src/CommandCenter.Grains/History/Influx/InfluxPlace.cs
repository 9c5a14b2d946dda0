namespace CommandCenter.Grains.History.Influx;

/// <summary>Which write path InfluxDB is spoken to on.</summary>
public enum InfluxApi
{
    /// <summary>Asks the server: 1.x takes <c>/write</c>, everything else <c>/api/v2/write</c>.</summary>
    Auto,

    /// <summary><c>/write</c> with database and retention policy.</summary>
    V1,

    /// <summary><c>/api/v2/write</c> with a bucket.</summary>
    V2,
}

/// <summary>Where rows go: a database and retention policy (1.x), or a bucket with the name of <paramref name="Database"/> (2.x and those that speak like it).</summary>
/// <param name="Policy">Null on 2.x.</param>
/// <param name="Organization">Id of the organization that owns the bucket; null when the server knows none.</param>
internal sealed record InfluxPlace(string Database, string? Policy, string? Organization)
{
    public string WritePath => Policy is null
        ? $"api/v2/write?bucket={Uri.EscapeDataString(Database)}{(Organization is null ? string.Empty : $"&orgID={Uri.EscapeDataString(Organization)}")}&precision=ns"
        : $"write?db={Uri.EscapeDataString(Database)}&rp={Uri.EscapeDataString(Policy)}&precision=ns";

    /// <summary>The measurement as it stands behind FROM.</summary>
    public string From(string measurement) =>
        Policy is null ? InfluxText.QuotedName(measurement) : $"{InfluxText.QuotedName(Policy)}.{InfluxText.QuotedName(measurement)}";
}

/// <summary>Readings and arrivals are kept apart, because arrivals are only needed until every street has them in its snapshot.</summary>
internal sealed record InfluxPlaces(InfluxPlace Readings, InfluxPlace Arrivals);

/// <summary>InfluxDB does not do what it is asked for, now; the same may go well later.</summary>
internal sealed class InfluxOutageException : Exception
{
    public InfluxOutageException(string reason, TimeSpan? retryAfter = null, Exception? inner = null)
        : base(reason, inner) => RetryAfter = retryAfter;

    /// <summary>How long the server asked to be left alone.</summary>
    public TimeSpan? RetryAfter { get; }
}
