namespace CitySimulator;

/// <summary>What to replay and as whom.</summary>
internal sealed record ReplayOrder
{
    public required string File { get; init; }
    public required string Device { get; init; }
    public required string Column { get; init; }
    public required string Quantity { get; init; }
    public string Street { get; init; } = "outside";
    public string? Unit { get; init; }

    /// <summary>Divides the distances of the recording.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Distance of the rows where the file has no time of its own.</summary>
    public TimeSpan? Step { get; init; }
}
