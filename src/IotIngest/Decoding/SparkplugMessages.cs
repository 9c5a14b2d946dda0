using System.Globalization;
using System.Text;

namespace IotIngest.Decoding;

/// <summary>A message that decoding another one asks for.</summary>
internal readonly record struct BrokerAnswer(string Topic, byte[] Payload);

/// <summary>What a Sparkplug host application writes.</summary>
internal static class SparkplugMessages
{
    private const string RebirthMetric = "Node Control/Rebirth";
    private const byte BooleanType = 11;

    public static string StateTopic(string host) => "spBv1.0/STATE/" + host;

    /// <summary>The host's state; will and birth of one connection carry the same time.</summary>
    public static byte[] State(bool online, DateTimeOffset at) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"online\":{(online ? "true" : "false")},\"timestamp\":{at.ToUnixTimeMilliseconds()}}}"));

    /// <summary>Asks a node to send all of its births again.</summary>
    public static BrokerAnswer Rebirth(string group, string node, DateTimeOffset at)
    {
        var metric = new List<byte> { (SparkplugField.Name << 3) | 2, (byte)RebirthMetric.Length };
        metric.AddRange(Encoding.UTF8.GetBytes(RebirthMetric));
        AddVarint(metric, SparkplugField.Timestamp, (ulong)at.ToUnixTimeMilliseconds());
        AddVarint(metric, SparkplugField.Type, BooleanType);
        AddVarint(metric, SparkplugField.Boolean, 1);
        var payload = new List<byte>();
        AddVarint(payload, SparkplugField.PayloadTimestamp, (ulong)at.ToUnixTimeMilliseconds());
        payload.Add((SparkplugField.PayloadMetrics << 3) | 2);
        payload.Add((byte)metric.Count);
        payload.AddRange(metric);
        return new($"spBv1.0/{group}/NCMD/{node}", [.. payload]);
    }

    private static void AddVarint(List<byte> to, int field, ulong value)
    {
        to.Add((byte)(field << 3));
        while (value >= 0x80)
        {
            to.Add((byte)(value | 0x80));
            value >>= 7;
        }

        to.Add((byte)value);
    }
}
