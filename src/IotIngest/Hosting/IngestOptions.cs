namespace IotIngest.Hosting;

/// <summary>Where messages come from.</summary>
public enum BrokerMode
{
    /// <summary>The broker runs inside the web process.</summary>
    Embedded,

    /// <summary>A broker of its own, such as mosquitto or EMQX; ingest is its client.</summary>
    External,
}

/// <summary>The MQTT broker (configuration section <c>Broker</c>).</summary>
public sealed class BrokerOptions
{
    /// <summary>Default <see cref="BrokerMode.Embedded"/>.</summary>
    public BrokerMode Mode { get; set; } = BrokerMode.Embedded;

    /// <summary>Embedded: the address to listen on, <c>localhost</c>, <c>*</c> or an IP address. External: the broker's host. Default <c>localhost</c>.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>Plain MQTT, 0 to 65535; default 1883. Embedded 0: a free port.</summary>
    public int Port { get; set; } = 1883;

    /// <summary>Embedded: a second port that speaks TLS, with <see cref="CertificateFile"/>; null: none.</summary>
    public int? TlsPort { get; set; }

    /// <summary>Embedded: a PKCS #12 file (<c>.pfx</c>, <c>.p12</c>), or a PEM file that holds certificate and key.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>Embedded: an account that may do everything, for trusted systems beside the platform; devices have accounts of their own (<c>POST devices/{id}/credential</c>).
    /// External: the account of ingest.</summary>
    public string? Username { get; set; }
    public string? Password { get; set; }

    /// <summary>External: speak TLS.</summary>
    public bool UseTls { get; set; }

    /// <summary>External: PEM file of the authority that signed the broker's certificate; null: the machine's store.</summary>
    public string? CaFile { get; set; }

    /// <summary>Embedded: connections without a name are allowed. Only in Development and only on loopback; there it is the default.</summary>
    public bool Anonymous { get; set; }

    /// <summary>1 to 16,777,216 bytes, default 262,144. A larger message is acknowledged, counted as <c>too_large</c> and goes no further.</summary>
    public int MaxPayloadBytes { get; set; } = 262_144;

    /// <summary>Embedded: connections at one time, 1 to 1,000,000, default 20,000; further ones are closed.</summary>
    public int ConnectionCountMax { get; set; } = 20_000;

    /// <summary>Embedded: connections of one address (of IPv6: one /64 network) at one time, 1 to 1,000,000, default 5,000; further ones are closed.</summary>
    public int ConnectionsPerAddressMax { get; set; } = 5_000;

    /// <summary>Embedded: connections of one address that have not yet said CONNECT, 1 to 100,000, default 500; beyond it the one that is silent longest is closed.</summary>
    public int UnnamedPerAddressMax { get; set; } = 500;

    /// <summary>Embedded: new connections of one address in a second, 1 to 100,000, default 500, with a reserve of two seconds; further ones are closed.</summary>
    public int ConnectsPerSecondMax { get; set; } = 500;

    /// <summary>Embedded: how long a connection may stay without saying CONNECT (s), 1 to 300, default 10.</summary>
    public int ConnectSecondsMax { get; set; } = 10;

    /// <summary>Embedded: connections of one device account at one time, 1 to 10,000, default 5; further ones are refused.</summary>
    public int ConnectionsPerDeviceMax { get; set; } = 5;

    /// <summary>Embedded: connections of one gateway account at one time, 1 to 100,000, default 200; further ones are refused.</summary>
    public int ConnectionsPerGatewayMax { get; set; } = 200;

    /// <summary>Embedded: publishes of one connection in a second, 1 to 10,000,000, default 100,000; a faster one is not read for the rest of the second, so that nothing is lost.</summary>
    public int PublishesPerSecondMax { get; set; } = 100_000;

    /// <summary>The same for a connection of an ordinary device account, default 500.</summary>
    public int DevicePublishesPerSecondMax { get; set; } = 500;

    /// <summary>Embedded: wrong secrets for one name from one address in a minute, 1 to 1,000,000, default 5; then none is looked at until the minute is over.</summary>
    public int WrongSecretsPerNameMax { get; set; } = 5;

    /// <summary>The same for all names from one address, default 100.</summary>
    public int WrongSecretsPerAddressMax { get; set; } = 100;

    /// <summary>Embedded: sessions kept for clients that are away, 0 to 1,000,000, default 5,000; the oldest go first.</summary>
    public int AwaySessionCountMax { get; set; } = 5_000;

    /// <summary>Embedded: how long the session of a client that is away is kept (minutes), 0 to 10,080, default 60.</summary>
    public int AwaySessionMinutes { get; set; } = 60;

    /// <summary>Embedded: messages held for one subscriber, 1 to 1,000,000, default 10,000; the oldest are dropped and counted.</summary>
    public int SubscriberQueueCountMax { get; set; } = 10_000;

    /// <summary>Embedded: unacknowledged publishes of one connection, 1 to 65,535, default 256; then it is not read until one is acknowledged.</summary>
    public int UnacknowledgedCountMax { get; set; } = 256;

    /// <summary>Embedded: a publish that is not durable after this time (ms), 100 to 60,000, default 2,000, closes its connection unacknowledged.</summary>
    public int CommitStallMs { get; set; } = 2_000;

    /// <summary>External: unacknowledged deliveries that the broker may send, 1 to 65,535, default 2,000.</summary>
    public int ReceiveMaximum { get; set; } = 2_000;

    /// <summary>External: whether this process takes messages from the broker, default true. False: ingest processes of their own do, and this one takes only what comes over HTTP.</summary>
    public bool Subscribe { get; set; } = true;

    /// <summary>External: with several ingest nodes, the group of the MQTT 5 shared subscription; null: a subscription of its own.</summary>
    public string? ShareGroup { get; set; }
}

/// <summary>Decoding, batching and the journal (configuration section <c>Ingest</c>).</summary>
public sealed class IngestOptions
{
    /// <summary>The zone of times that come without an offset; default <c>Asia/Shanghai</c>.</summary>
    public string TimeZone { get; set; } = "Asia/Shanghai";

    /// <summary>The name under which Sparkplug nodes know this host application (<c>spBv1.0/STATE/{name}</c>), one level of a topic; default <c>city</c>. Empty: no state is published.</summary>
    public string SparkplugHostId { get; set; } = "city";

    /// <summary>Topic filters by format; a format named here replaces its default filters.</summary>
    public Dictionary<string, string[]> Topics { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Directory of <c>ingest.db</c> (<c>Data:Directory</c>).</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>The journal's undelivered bytes, 1 MiB to 1 TiB, default 1 GiB. Full: no publish of QoS 1 or 2 is acknowledged until there is room.</summary>
    public long JournalBytesMax { get; set; } = 1L << 30;

    /// <summary>Bytes that wait for one commit, default 32 MiB. Full: publishes wait.</summary>
    public int JournalPendingBytesMax { get; set; } = 32 << 20;

    /// <summary>Messages in one commit, 1 to 10,000, default 1,000.</summary>
    public int CommitCountMax { get; set; } = 1_000;

    /// <summary>Readings that wait for one street, 1,000 to 10,000,000, default 50,000. Full: QoS 1 waits, QoS 0 keeps the latest of each (device, quantity).</summary>
    public int TelemetryCountMax { get; set; } = 50_000;

    /// <summary>Events, positions and statuses that wait for one street, 100 to 1,000,000, default 10,000. Full: the sender waits.</summary>
    public int EventCountMax { get; set; } = 10_000;

    /// <summary>The latest values kept for one street while its queue is full, default 200,000. Full: refused as overload.</summary>
    public int CoalescedCountMax { get; set; } = 200_000;

    /// <summary>Readings in one call, default 10,000; more wait for the next call.</summary>
    public int BatchCountMax { get; set; } = 10_000;

    /// <summary>Readings that end the linger, default 1,000.</summary>
    public int LingerCount { get; set; } = 1_000;

    /// <summary>The longest linger under load (ms), 0 to 1,000, default 20. Idle: none.</summary>
    public int LingerMs { get; set; } = 20;

    /// <summary>Bytes of one street that wait for history, 64 KiB to 1 GiB, default 16 MiB. Full: the street goes on, QoS 0 is missing in history and counted,
    /// and the rest stays in the journal until history takes it again.</summary>
    public int HistoryBytesMax { get; set; } = 16 << 20;

    /// <summary>Items of one street that go to history in one call, 1 to 1,000,000, default 8,000. More are gathered only while history is busy with the call before.</summary>
    public int HistoryBatchCountMax { get; set; } = 8_000;

    /// <summary>How long the start of the host waits for the registry and the replay (ms), 0 to 60,000, default 3,000. Then the host starts, and the broker opens when the replay is done.</summary>
    public int StartWaitMs { get; set; } = 3_000;

    /// <summary>First and longest pause (ms) between attempts to deliver, defaults 100 and 5,000. Attempts never end.</summary>
    public int RetryFirstMs { get; set; } = 100;
    public int RetryLongestMs { get; set; } = 5_000;

    /// <summary>Seconds between two renewals of the registry subscription, default 5.</summary>
    public int FollowSeconds { get; set; } = 5;

    /// <summary>Rejections of one reason kept with their bytes per report, default 64; the rest is counted only.</summary>
    public int RejectionSamplesMax { get; set; } = 64;

    /// <summary>Bytes of a refused message that is kept whole to be decoded again, 0 to 16 MiB, default 64 KiB. Larger: only its first 4,096 bytes are kept.</summary>
    public int KeptMessageBytesMax { get; set; } = 64 << 10;

    /// <summary>Bytes of all whole messages in one report (a second), 0 to 64 MiB, default 4 MiB. Full: only first bytes are kept.</summary>
    public int KeptReportBytesMax { get; set; } = 4 << 20;

    /// <summary>Unregistered devices in one report, default 5,000; the rest is counted only.</summary>
    public int UnregisteredCountMax { get; set; } = 5_000;
}
