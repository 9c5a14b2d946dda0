using System.Globalization;
using System.Net;
using IotIngest.Decoding;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace IotIngest.Hosting;

/// <summary>Reads the options and refuses what cannot work, in one line that names the key.</summary>
public static class IngestConfiguration
{
    /// <summary>Reads <c>Broker:*</c>. Anonymous access is the default in Development on loopback and refused everywhere else.</summary>
    public static BrokerOptions ReadBroker(IConfiguration configuration, bool development)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection("Broker");
        var options = Bind<BrokerOptions>(section);
        var loopback = IsLoopback(options.Host);
        if (string.IsNullOrEmpty(section["Anonymous"]))
        {
            options.Anonymous = development && loopback && string.IsNullOrEmpty(options.Username);
        }

        InRange(options.Port, 0, 65_535, "Broker:Port");
        InRange(options.MaxPayloadBytes, 1, 16_777_216, "Broker:MaxPayloadBytes");
        InRange(options.ConnectionCountMax, 1, 1_000_000, "Broker:ConnectionCountMax");
        InRange(options.ConnectionsPerAddressMax, 1, 1_000_000, "Broker:ConnectionsPerAddressMax");
        InRange(options.UnnamedPerAddressMax, 1, 100_000, "Broker:UnnamedPerAddressMax");
        InRange(options.ConnectsPerSecondMax, 1, 100_000, "Broker:ConnectsPerSecondMax");
        InRange(options.ConnectSecondsMax, 1, 300, "Broker:ConnectSecondsMax");
        InRange(options.ConnectionsPerDeviceMax, 1, 10_000, "Broker:ConnectionsPerDeviceMax");
        InRange(options.ConnectionsPerGatewayMax, 1, 100_000, "Broker:ConnectionsPerGatewayMax");
        InRange(options.PublishesPerSecondMax, 1, 10_000_000, "Broker:PublishesPerSecondMax");
        InRange(options.DevicePublishesPerSecondMax, 1, 10_000_000, "Broker:DevicePublishesPerSecondMax");
        InRange(options.WrongSecretsPerNameMax, 1, 1_000_000, "Broker:WrongSecretsPerNameMax");
        InRange(options.WrongSecretsPerAddressMax, 1, 1_000_000, "Broker:WrongSecretsPerAddressMax");
        InRange(options.AwaySessionCountMax, 0, 1_000_000, "Broker:AwaySessionCountMax");
        InRange(options.AwaySessionMinutes, 0, 10_080, "Broker:AwaySessionMinutes");
        InRange(options.SubscriberQueueCountMax, 1, 1_000_000, "Broker:SubscriberQueueCountMax");
        InRange(options.UnacknowledgedCountMax, 1, 65_535, "Broker:UnacknowledgedCountMax");
        InRange(options.CommitStallMs, 100, 60_000, "Broker:CommitStallMs");
        InRange(options.ReceiveMaximum, 1, 65_535, "Broker:ReceiveMaximum");
        if (options.ShareGroup is { } group && (group.Length == 0 || group.AsSpan().ContainsAny("/+#")))
        {
            throw Refuse("Broker:ShareGroup", $"\"{group}\" is not a name of a group: letters without / + #");
        }

        if (options.Mode == BrokerMode.Embedded)
        {
            if (!options.Subscribe)
            {
                throw Refuse("Broker:Subscribe", "false is only for Broker:Mode External, where another process takes the messages");
            }

            CheckEmbedded(options, development, loopback);
        }
        else
        {
            if (options.Port == 0)
            {
                throw Refuse("Broker:Port", "must be 1 to 65535 when Broker:Mode is External");
            }

            if (options.CaFile is { Length: > 0 } ca && !File.Exists(ca))
            {
                throw Refuse("Broker:CaFile", $"the file \"{ca}\" does not exist");
            }
        }

        return options;
    }

    /// <summary>Reads <c>Ingest:*</c> and <c>Data:Directory</c>.</summary>
    public static IngestOptions ReadIngest(IConfiguration configuration, string? contentRoot = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = Bind<IngestOptions>(configuration.GetSection("Ingest"));
        var directory = configuration["Data:Directory"];
        if (!string.IsNullOrWhiteSpace(directory))
        {
            options.DataDirectory = directory;
        }

        options.DataDirectory = Path.GetFullPath(options.DataDirectory, contentRoot ?? Directory.GetCurrentDirectory());
        if (LocalTimes.FindZone(options.TimeZone) is null)
        {
            throw Refuse("Ingest:TimeZone", $"\"{options.TimeZone}\" is not a time zone of this machine");
        }

        if (options.SparkplugHostId.AsSpan().IndexOfAny("/+#\0") >= 0)
        {
            throw Refuse("Ingest:SparkplugHostId", $"\"{options.SparkplugHostId}\" is not one level of a topic");
        }

        foreach (var (format, filters) in options.Topics)
        {
            if (!Decoders.IsFormat(format))
            {
                throw Refuse($"Ingest:Topics:{format}", "is not a format; known are " + string.Join(", ", Decoders.FormatNames));
            }

            for (var i = 0; i < filters.Length; i++)
            {
                if (!TopicFilter.IsValid(filters[i]))
                {
                    throw Refuse(string.Create(CultureInfo.InvariantCulture, $"Ingest:Topics:{format}:{i}"), $"\"{filters[i]}\" is not a topic filter");
                }
            }
        }

        InRange(options.JournalBytesMax, 1 << 20, 1L << 40, "Ingest:JournalBytesMax");
        InRange(options.JournalPendingBytesMax, 1 << 16, 1 << 30, "Ingest:JournalPendingBytesMax");
        InRange(options.CommitCountMax, 1, 10_000, "Ingest:CommitCountMax");
        InRange(options.TelemetryCountMax, 1_000, 10_000_000, "Ingest:TelemetryCountMax");
        InRange(options.EventCountMax, 100, 1_000_000, "Ingest:EventCountMax");
        InRange(options.CoalescedCountMax, 0, 10_000_000, "Ingest:CoalescedCountMax");
        InRange(options.BatchCountMax, 1, 100_000, "Ingest:BatchCountMax");
        InRange(options.LingerCount, 1, 100_000, "Ingest:LingerCount");
        InRange(options.LingerMs, 0, 1_000, "Ingest:LingerMs");
        InRange(options.HistoryBytesMax, 1 << 16, 1 << 30, "Ingest:HistoryBytesMax");
        InRange(options.HistoryBatchCountMax, 1, 1_000_000, "Ingest:HistoryBatchCountMax");
        InRange(options.StartWaitMs, 0, 60_000, "Ingest:StartWaitMs");
        InRange(options.RetryFirstMs, 1, 60_000, "Ingest:RetryFirstMs");
        InRange(options.RetryLongestMs, options.RetryFirstMs, 600_000, "Ingest:RetryLongestMs");
        InRange(options.FollowSeconds, 1, 14, "Ingest:FollowSeconds");
        InRange(options.RejectionSamplesMax, 1, 1_000, "Ingest:RejectionSamplesMax");
        InRange(options.UnregisteredCountMax, 1, 10_000, "Ingest:UnregisteredCountMax");
        InRange(options.KeptMessageBytesMax, 0, 16 << 20, "Ingest:KeptMessageBytesMax");
        InRange(options.KeptReportBytesMax, 0, 64 << 20, "Ingest:KeptReportBytesMax");
        return options;
    }

    internal static OptionsValidationException Refuse(string key, string why) => new(key, typeof(IngestOptions), [$"{key}: {why}."]);

    internal static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static void CheckEmbedded(BrokerOptions options, bool development, bool loopback)
    {
        if (!loopback && options.Host is not ("*" or "0.0.0.0" or "::") && !IPAddress.TryParse(options.Host, out _))
        {
            throw Refuse("Broker:Host", $"\"{options.Host}\" is not an address to listen on (localhost, * or an IP address)");
        }

        if (options.Anonymous && !(development && loopback))
        {
            throw Refuse("Broker:Anonymous", "is allowed only in Development and with Broker:Host on loopback");
        }

        if (!string.IsNullOrEmpty(options.Username) && string.IsNullOrEmpty(options.Password))
        {
            throw Refuse("Broker:Password", "is missing for Broker:Username");
        }

        if (options.TlsPort is { } tls)
        {
            InRange(tls, 0, 65_535, "Broker:TlsPort");
            if (string.IsNullOrEmpty(options.CertificateFile))
            {
                throw Refuse("Broker:CertificateFile", "is missing for Broker:TlsPort");
            }

            if (!File.Exists(options.CertificateFile))
            {
                throw Refuse("Broker:CertificateFile", $"the file \"{options.CertificateFile}\" does not exist");
            }
        }
    }

    /// <summary>The loopback port on which an ingest process of its own shows its metrics (<c>Metrics:Port</c>, 0 to 65535; 0: a free one); null: none.</summary>
    public static int? ReadMetricsPort(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var text = configuration["Metrics:Port"];
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65_535
            ? port
            : throw Refuse("Metrics:Port", $"\"{text}\" is not a port, 0 to 65535");
    }

    private static T Bind<T>(IConfigurationSection section)
        where T : new()
    {
        var options = new T();
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException broken)
        {
            // The binder names the key in its message; the reason is in the inner exception.
            var key = section.AsEnumerable(makePathsRelative: false).Select(pair => pair.Key)
                .Where(key => broken.Message.Contains($"'{key}'", StringComparison.OrdinalIgnoreCase))
                .MaxBy(key => key.Length) ?? section.Path;
            throw Refuse(key, $"\"{section[key[(section.Path.Length < key.Length ? section.Path.Length + 1 : 0)..]]}\" cannot be read");
        }

        return options;
    }

    private static void InRange(long value, long min, long max, string key)
    {
        if (value < min || value > max)
        {
            throw Refuse(key, string.Create(CultureInfo.InvariantCulture, $"{value} is out of range, {min} to {max}"));
        }
    }
}
