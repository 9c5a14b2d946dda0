namespace CitySimulator;

/// <summary>A street as the plan needs it: code, Chinese name and a point inside it (degrees, WGS 84).</summary>
public sealed record StreetOutline(string Code, string Name, double Longitude, double Latitude);

/// <summary>One measuring channel; <see cref="Unit"/> is a UCUM code.</summary>
public sealed record SimulatedQuantity(string Name, string Unit);

/// <summary>A pretended device, with everything that its registration document needs. Positions are degrees, WGS 84.</summary>
public sealed record SimulatedDevice
{
    public required string Id { get; init; }

    /// <summary>In Chinese, as an operator would write it.</summary>
    public required string Name { get; init; }

    /// <summary>A device kind of the public vocabulary.</summary>
    public required string Kind { get; init; }

    /// <summary>Code of the street that it stands in.</summary>
    public required string Street { get; init; }
    public required double Longitude { get; init; }
    public required double Latitude { get; init; }
    public required int IntervalSeconds { get; init; }

    /// <summary><c>urban</c>, <c>social</c>, <c>safety</c> or <c>economic</c>.</summary>
    public required string Domain { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Overlays that it also belongs to.</summary>
    public IReadOnlyList<string> Areas { get; init; } = [];
    public IReadOnlyList<SimulatedQuantity> Quantities { get; init; } = [];
}
