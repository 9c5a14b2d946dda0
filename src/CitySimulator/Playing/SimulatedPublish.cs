namespace CitySimulator;

/// <summary>One MQTT publish of the city.</summary>
/// <param name="At">When the device sent it; also stands in the payload.</param>
/// <param name="AtLeastOnce">QoS 1, else QoS 0.</param>
public sealed record SimulatedPublish(DateTimeOffset At, string Topic, string Payload, bool AtLeastOnce, bool Retain = false);
