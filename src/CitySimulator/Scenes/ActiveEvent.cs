namespace CitySimulator;

/// <summary>What a device sees at one moment. <see cref="Id"/> is the same from its start to its end.</summary>
internal readonly record struct ActiveEvent(string Id, string Type, double Confidence);
