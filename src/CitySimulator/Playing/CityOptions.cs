namespace CitySimulator;

/// <summary>How the pretended city reaches its broker and what it plays.</summary>
public sealed class CityOptions
{
    /// <summary>Name or address of the MQTT broker.</summary>
    public string Host { get; init; } = "127.0.0.1";
    public int Port { get; init; } = 1883;

    /// <summary>Null: without an account.</summary>
    public string? Username { get; init; }
    public string? Password { get; init; }
    public int Seed { get; init; } = 320404;

    /// <summary>One of <see cref="SimulatedCity.Scenarios"/>.</summary>
    public string Scenario { get; init; } = SimulatedCity.Storm;

    /// <summary>How much faster than the machine the given clock runs, 1 to 60; only the pacing of the loop follows from it.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>The runtime's own clock, which the waits between two rounds use.</summary>
    public TimeProvider Timers { get; init; } = TimeProvider.System;

    /// <summary>Hears in one sentence when the connection comes and goes; null: nobody does.</summary>
    public Action<string>? Report { get; init; }
}
