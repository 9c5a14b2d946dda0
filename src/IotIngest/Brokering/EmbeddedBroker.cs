using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CommandCenter.Grains.Contracts;
using IotIngest.Decoding;
using IotIngest.Hosting;
using IotIngest.Receiving;
using IotIngest.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.AspNetCore;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace IotIngest.Brokering;

// A real broker inside the process. Ingest sits in its publish interceptor and never in a subscription, whose queues drop silently. It listens through a Kestrel of its own, so
// that it opens when the journal is replayed and closes before anything else stops, whatever the web site does.
internal sealed partial class EmbeddedBroker : IAsyncDisposable
{
    private const int FiltersPerSessionMax = 1_000;
    private static readonly object WindowKey = new();
    private static readonly object FiltersKey = new();
    private static readonly object TicketKey = new();
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(10);

    private readonly BrokerOptions options;
    private readonly string hostId;
    private readonly IngestPipeline pipeline;
    private readonly IIngestJournal journal;
    private readonly DeviceDirectory directory;
    private readonly IngestMetrics metrics;
    private readonly DomainClock clock;
    private readonly TimeProvider timers;
    private readonly ILoggerFactory loggers;
    private readonly ILogger<EmbeddedBroker> log;
    private readonly TimeSpan stallMax;
    private readonly ConnectionGate gate;
    private readonly Credentials credentials;
    private readonly Clients clients;
    private ITimer? sessionSweep;
    private WebApplication? listener;
    private MqttServer? server;
    private Task sweeping = Task.CompletedTask;
    private volatile bool closing;
    private readonly ConcurrentDictionary<ConnectionWindow, byte> windows = new();

    public EmbeddedBroker(
        BrokerOptions options, IngestOptions ingest, IngestPipeline pipeline, IIngestJournal journal, DeviceDirectory directory, IngestMetrics metrics, DomainClock clock, TimeProvider timers, ILoggerFactory loggers)
    {
        (this.options, this.pipeline, this.journal, this.directory, this.metrics, this.clock, this.timers, this.loggers) =
            (options, pipeline, journal, directory, metrics, clock, timers, loggers);
        gate = new ConnectionGate(options, metrics, timers);
        credentials = new Credentials(options, directory, new FailureThrottle(timers, options.WrongSecretsPerNameMax, options.WrongSecretsPerAddressMax));
        clients = new Clients(options);
        metrics.Connections = () => gate.Open;
        log = loggers.CreateLogger<EmbeddedBroker>();
        hostId = ingest.SparkplugHostId;
        stallMax = TimeSpan.FromMilliseconds(options.CommitStallMs);
    }

    /// <summary>The port that really listens; 0 before the start.</summary>
    public int Port { get; private set; }

    /// <summary>The TLS port that really listens; 0 when there is none.</summary>
    public int TlsPort { get; private set; }

    /// <summary>The account of the platform's own clients.</summary>
    public (string Name, string Password) Platform => credentials.Platform;

    public async Task StartAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Configuration.Sources.Clear();
        builder.Services.AddSingleton<ILoggerFactory>(new InnerHostLoggers(loggers));
        builder.Services.AddSingleton<IHostLifetime, InnerHostLifetime>();
        builder.Services.AddSingleton<MqttConnectionHandler>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(Listen);
        listener = builder.Build();

        server = new MqttServer(
            new MqttServerOptionsBuilder().WithPersistentSessions().WithMaxPendingMessagesPerClient(options.SubscriberQueueCountMax)
                .WithPendingMessagesOverflowStrategy(MqttPendingMessagesOverflowStrategy.DropOldestQueuedMessage).Build(),
            [new NamelessClients(listener.Services.GetRequiredService<MqttConnectionHandler>(), TimeSpan.FromSeconds(options.ConnectSecondsMax), timers)],
            MqttNetNullLogger.Instance);
        server.ValidatingConnectionAsync += OnConnectingAsync;
        server.ClientConnectedAsync += OnConnectedAsync;
        server.ClientDisconnectedAsync += OnDisconnectedAsync;
        server.InterceptingSubscriptionAsync += OnSubscribingAsync;
        server.InterceptingPublishAsync += OnPublishAsync;
        server.InterceptingOutboundPacketAsync += OnSendingAsync;
        directory.AccountChanged = (old, account) => _ = CutAsync(old, account);
        await server.StartAsync().ConfigureAwait(false);
        try
        {
            await listener.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException taken)
        {
            throw IngestConfiguration.Refuse("Broker:Port", $"the port cannot be opened ({taken.Message})");
        }

        var ports = listener.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => BindingAddress.Parse(address).Port).ToArray();
        Port = ports[0];
        TlsPort = options.TlsPort is null ? 0 : ports[^1];
        if (hostId.Length > 0)
        {
            await PublishAsync(SparkplugMessages.StateTopic(hostId), SparkplugMessages.State(true, clock.Now), retain: true, cancellation).ConfigureAwait(false);
        }

        sweeping = SweepAsync();
        sessionSweep = timers.CreateTimer(_ => _ = SweepSessionsAsync(), null, SweepEvery, SweepEvery);
        LogListening(options.Host, Port, options.Anonymous ? "anonymous connections allowed" : "account needed");
    }

    /// <summary>Stops reading, lets what was read become durable and acknowledged, then closes every connection.</summary>
    public async Task StopAsync()
    {
        if (closing || server is null || listener is null)
        {
            return;
        }

        closing = true;
        if (sessionSweep is not null)
        {
            await sessionSweep.DisposeAsync().ConfigureAwait(false);
        }

        server.AcceptNewConnections = false;
        var deadline = timers.GetTimestamp();
        while (windows.Keys.Any(window => window.Unacknowledged > 0) && timers.GetElapsedTime(deadline) < stallMax)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), timers).ConfigureAwait(false);
        }

        await server.StopAsync(new MqttServerStopOptionsBuilder().WithDefaultClientDisconnectOptions(
            new MqttServerClientDisconnectOptionsBuilder().WithReasonCode(MqttDisconnectReasonCode.ServerShuttingDown).Build()).Build()).ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2), timers);
        await listener.StopAsync(timeout.Token).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await sweeping.ConfigureAwait(false);
        server?.Dispose();
        credentials.Dispose();
        if (listener is not null)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Publishes a message of our own to whoever subscribed to it.</summary>
    public Task PublishAsync(BrokerAnswer answer, CancellationToken cancellation) => PublishAsync(answer.Topic, answer.Payload, retain: false, cancellation);

    private Task PublishAsync(string topic, byte[] payload, bool retain, CancellationToken cancellation) =>
        server!.InjectApplicationMessage(
            new InjectedMqttApplicationMessage(new MqttApplicationMessage
            {
                Topic = topic, PayloadSegment = payload, Retain = retain, QualityOfServiceLevel = retain ? MqttQualityOfServiceLevel.AtLeastOnce : MqttQualityOfServiceLevel.AtMostOnce,
            }),
            cancellation);

    private void Listen(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MaxConcurrentConnections = options.ConnectionCountMax;
        Listen(kestrel, options.Port, endpoint =>
        {
            UseGate(endpoint);
            UseMqtt(endpoint);
        });
        if (options.TlsPort is { } port)
        {
            var certificate = LoadCertificate(options.CertificateFile!);
            Listen(kestrel, port, endpoint =>
            {
                // The gate stands before the handshake, which costs more than anything else that a stranger can ask for.
                UseGate(endpoint);
                endpoint.UseHttps(certificate);
                UseMqtt(endpoint);
            });
        }
    }

    private void UseGate(ListenOptions endpoint) => endpoint.Use(next => async connection =>
    {
        if (connection.RemoteEndPoint is not { } remote || gate.TryEnter(remote, connection.LocalEndPoint, () => connection.Abort()) is not { } ticket)
        {
            return;
        }

        try
        {
            connection.Items[TicketKey] = ticket;
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            gate.Leave(remote, connection.LocalEndPoint);
        }
    });

    private void UseMqtt(ListenOptions endpoint)
    {
        // Somewhat more than may be taken, so that what is too large is still acknowledged and counted; beyond that the connection ends before it fills the memory.
        var packetBytesMax = options.MaxPayloadBytes + (2 << 20);
        endpoint.Use(next => connection =>
        {
            connection.Transport = new LimitedTransport(connection.Transport, (GateTicket)connection.Items[TicketKey]!, packetBytesMax);
            return next(connection);
        });
        endpoint.UseMqtt();
    }

    private void Listen(KestrelServerOptions kestrel, int port, Action<ListenOptions> configure)
    {
        if (options.Host is "*" or "0.0.0.0" or "::")
        {
            kestrel.ListenAnyIP(port, configure);
        }
        else
        {
            kestrel.Listen(IPAddress.TryParse(options.Host, out var address) ? address : IPAddress.Loopback, port, configure);

            // A client that resolves localhost may try the other family first; where a machine has it, both answer.
            if (address is null && port != 0 && System.Net.Sockets.Socket.OSSupportsIPv6 && HasIpv6Loopback())
            {
                kestrel.Listen(IPAddress.IPv6Loopback, port, configure);
            }
        }
    }

    private static bool HasIpv6Loopback() => System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
        .Any(device => device.GetIPProperties().UnicastAddresses.Any(found => IPAddress.IPv6Loopback.Equals(found.Address)));

    private static X509Certificate2 LoadCertificate(string file)
    {
        try
        {
            return Path.GetExtension(file).ToUpperInvariant() is ".PFX" or ".P12"
                ? X509CertificateLoader.LoadPkcs12FromFile(file, null)
                : X509Certificate2.CreateFromPemFile(file);
        }
        catch (CryptographicException broken)
        {
            throw IngestConfiguration.Refuse("Broker:CertificateFile", $"\"{file}\" holds no certificate with its key ({broken.Message})");
        }
    }

    private async Task OnConnectingAsync(ValidatingConnectionEventArgs connecting)
    {
        if (closing)
        {
            connecting.ReasonCode = MqttConnectReasonCode.ServerUnavailable;
            return;
        }

        var address = connecting.RemoteEndPoint is { } remote ? ConnectionGate.NetworkOf(remote).ToString() : string.Empty;
        var (admission, version) = await credentials.AdmitAsync(connecting.UserName, connecting.RawPassword, address, connecting.CancellationToken).ConfigureAwait(false);
        if (admission is Admission.Refused or Admission.Throttled)
        {
            connecting.ReasonCode = admission == Admission.Refused ? MqttConnectReasonCode.BadUserNameOrPassword : MqttConnectReasonCode.ServerUnavailable;
            metrics.CountRefusedSignIn();
            LogRefusedConnection(connecting.ClientId, address);
            return;
        }

        var id = connecting.ClientId;
        if (string.IsNullOrEmpty(id))
        {
            id = connecting.AssignedClientIdentifier = Clients.IdOf(connecting.UserName, NamelessClients.NewName());
        }

        var account = admission == Admission.Account ? connecting.UserName : null;
        var isGateway = account is not null && directory.FindAccount(account)?.IsGateway == true;
        if (!clients.TryAdd(id, account, version, isGateway, connecting.ProtocolVersion == MqttProtocolVersion.V500, connecting.RemoteEndPoint))
        {
            connecting.ReasonCode = MqttConnectReasonCode.ServerUnavailable;
            metrics.CountRefusedConnection();
            return;
        }

        gate.Accept(connecting.RemoteEndPoint, connecting.ChannelAdapter.LocalEndPoint);
    }

    private Task OnConnectedAsync(ClientConnectedEventArgs connected)
    {
        // A new secret may have been given between the look at the old one and this moment, when the connection could not yet be found to be cut.
        if (clients.Find(connected.ClientId) is { Account: { } account } client && directory.FindAccount(account)?.Account.Version != client.Version)
        {
            _ = DisconnectAsync(connected.ClientId, MqttDisconnectReasonCode.NotAuthorized);
        }

        return Task.CompletedTask;
    }

    private Task OnDisconnectedAsync(ClientDisconnectedEventArgs disconnected)
    {
        // Of a connection that was taken over the name goes on with the new one.
        // And a connection of the same name may have come while the old one was still being cleared away.
        if (disconnected.DisconnectType != MqttClientDisconnectType.Takeover && clients.Find(disconnected.ClientId) is { } client && Equals(client.Remote, disconnected.RemoteEndPoint))
        {
            clients.Remove(client);
        }

        return Task.CompletedTask;
    }

    /// <summary>Ends what goes on under an older version of the account. Where the rights have changed, sessions go too: they hold subscriptions made under the old ones.</summary>
    private async Task CutAsync(AccountEntry? old, AccountEntry account)
    {
        if (old is null)
        {
            return;
        }

        foreach (var id in clients.Of(account.Name))
        {
            if (clients.Find(id) is { } client && client.Version != account.Account.Version)
            {
                LogCut(id);
                await DisconnectAsync(id, MqttDisconnectReasonCode.NotAuthorized).ConfigureAwait(false);
            }
        }

        if (account.HasRightsOf(old) && account.Account.Hash.Length > 0)
        {
            return;
        }

        try
        {
            foreach (var session in await server!.GetSessionsAsync().ConfigureAwait(false))
            {
                if (session.Id.StartsWith(account.Name + "/", StringComparison.Ordinal) && clients.Find(session.Id)?.Version != account.Account.Version)
                {
                    await session.DeleteAsync().ConfigureAwait(false);
                }
            }
        }
        catch (Exception stopped) when (stopped is InvalidOperationException or ObjectDisposedException)
        {
            // The broker stops; its sessions go with it.
        }
    }

    private Task OnSubscribingAsync(InterceptingSubscriptionEventArgs subscribing)
    {
        if (credentials.IsPlatform(subscribing.UserName))
        {
            return Task.CompletedTask;
        }

        if (directory.FindAccount(subscribing.UserName) is not { } account || !TopicRights.MayHear(account, directory, subscribing.TopicFilter.Topic) || !CountFilter(subscribing))
        {
            subscribing.ProcessSubscription = false;
            subscribing.Response.ReasonCode = clients.Find(subscribing.ClientId)?.SpeaksMqtt5 == true ? MqttSubscribeReasonCode.NotAuthorized : MqttSubscribeReasonCode.UnspecifiedError;
            metrics.CountRefusedSubscription();
        }

        return Task.CompletedTask;
    }

    /// <summary>False: the session has as many filters as it may. Every publish is matched against all of them.</summary>
    private static bool CountFilter(InterceptingSubscriptionEventArgs subscribing)
    {
        var filters = subscribing.SessionItems[FiltersKey] as HashSet<string>;
        subscribing.SessionItems[FiltersKey] = filters ??= new(StringComparer.Ordinal);
        return filters.Contains(subscribing.TopicFilter.Topic) || (filters.Count < FiltersPerSessionMax && filters.Add(subscribing.TopicFilter.Topic));
    }

    private async Task PaceAsync(InterceptingPublishEventArgs publish, TimeSpan pause)
    {
        metrics.CountPaced();
        await Task.Delay(pause, timers, publish.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TakeAsync(publish).ConfigureAwait(false);
    }

    private Task OnPublishAsync(InterceptingPublishEventArgs publish) =>
        clients.Find(publish.ClientId)?.Pace() is { Ticks: > 0 } pause ? PaceAsync(publish, pause) : TakeAsync(publish);

    private Task TakeAsync(InterceptingPublishEventArgs publish)
    {
        var message = publish.ApplicationMessage;
        if (string.IsNullOrEmpty(message.Topic) || ReferenceEquals(publish.SessionItems, server!.ServerSessionItems))
        {
            // What this process publishes itself is no news to it.
            return Task.CompletedTask;
        }

        message.Retain = message.Retain && pipeline.MayBeRetained(message.Topic);
        var payload = message.Payload.IsSingleSegment ? message.Payload.First : (ReadOnlyMemory<byte>)System.Buffers.BuffersExtensions.ToArray(message.Payload);
        var receivedAt = clock.Now;
        if (payload.Length > options.MaxPayloadBytes)
        {
            // Acknowledged, or the client would send it again for ever.
            pipeline.RefuseTooLarge(message.Topic, payload, null, receivedAt);
            publish.ProcessPublish = false;
            return Task.CompletedTask;
        }

        var ofPlatform = credentials.IsPlatform(publish.UserName);
        var account = ofPlatform ? null : directory.FindAccount(publish.UserName);
        if (!ofPlatform && !(account is { Account.Hash.IsEmpty: false } && pipeline.MayPublish(account, message.Topic, payload.Span)))
        {
            // MQTT 5 is told. MQTT 3.1.1 has no word for it, and a closed connection would take the rightful messages of a gateway with it: there it is acknowledged and counted.
            pipeline.RefuseNotAllowed(publish.UserName, message.Topic, payload, receivedAt);
            publish.ProcessPublish = false;
            publish.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
            return Task.CompletedTask;
        }

        if (account is not null && !TopicRights.MayBeForwarded(account, message.Topic))
        {
            // In a foreign format the same topics carry measurements and commands. Ingest has the message here; nobody else is to take it for a command.
            publish.ProcessPublish = false;
        }

        if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
        {
            var taking = pipeline.TakeAsync(new RawMessage(message.Topic, payload, receivedAt, Durable: false));
            return taking.IsCompletedSuccessfully ? Task.CompletedTask : taking.AsTask();
        }

        return TakeDurableAsync(publish, payload, receivedAt);
    }

    private async Task TakeDurableAsync(InterceptingPublishEventArgs publish, ReadOnlyMemory<byte> payload, DateTimeOffset receivedAt)
    {
        var message = publish.ApplicationMessage;
        if (!publish.CancellationToken.CanBeCanceled)
        {
            await TakeLastWillAsync(message, payload, receivedAt).ConfigureAwait(false);
            return;
        }

        var window = WindowOf(publish);
        await window.WaitForRoomAsync().ConfigureAwait(false);
        if (window.IsClosed || closing)
        {
            Drop(publish);
            return;
        }

        JournalBatch batch;
        try
        {
            batch = await AppendAsync(message, payload, receivedAt, publish.CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!publish.CancellationToken.IsCancellationRequested)
        {
            // The journal is full: the client must keep what we cannot.
            CloseStalled(window);
            Drop(publish);
            return;
        }

        window.Enter();
        publish.Response.UserProperties = new CommitTicket(window, batch, Stopwatch.GetTimestamp());
        await pipeline.TakeAsync(new RawMessage(message.Topic, payload, receivedAt, Durable: true, batch)).ConfigureAwait(false);
    }

    /// <summary>A last will: its connection is gone, nobody waits for an acknowledgement and nobody would send it again. That the device is gone is told also when the journal does not take it in time.</summary>
    private async Task TakeLastWillAsync(MqttApplicationMessage message, ReadOnlyMemory<byte> payload, DateTimeOffset receivedAt)
    {
        JournalBatch? place = null;
        try
        {
            place = await AppendAsync(message, payload, receivedAt, CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            metrics.CountLastWillPassing();
        }

        await pipeline.TakeAsync(new RawMessage(message.Topic, payload, receivedAt, Durable: place is not null, place)).ConfigureAwait(false);
    }

    private ValueTask<JournalBatch> AppendAsync(MqttApplicationMessage message, ReadOnlyMemory<byte> payload, DateTimeOffset receivedAt, CancellationToken connection)
    {
        if (journal.TryAppend(message.Topic, payload.Span, receivedAt, (byte)message.QualityOfServiceLevel) is { } batch)
        {
            return new(batch);
        }

        // The append itself ends with the deadline, or it would put a message into the journal that nobody takes any more.
        var limit = CancellationTokenSource.CreateLinkedTokenSource(connection);
        return AppendInTimeAsync(journal.AppendAsync(message.Topic, payload, receivedAt, (byte)message.QualityOfServiceLevel, limit.Token), limit);
    }

    private async ValueTask<JournalBatch> AppendInTimeAsync(ValueTask<JournalBatch> appending, CancellationTokenSource limit)
    {
        using (limit)
        await using (timers.CreateTimer(_ => limit.Cancel(), null, stallMax, Timeout.InfiniteTimeSpan).ConfigureAwait(false))
        {
            return await appending.ConfigureAwait(false);
        }
    }

    private static void Drop(InterceptingPublishEventArgs publish)
    {
        publish.ProcessPublish = false;
        publish.CloseConnection = true;
    }

    private ConnectionWindow WindowOf(InterceptingPublishEventArgs publish)
    {
        if (publish.SessionItems[WindowKey] is ConnectionWindow held && held.Connection == publish.CancellationToken)
        {
            return held;
        }

        var window = new ConnectionWindow(publish.ClientId, options.UnacknowledgedCountMax, publish.SessionItems, publish.CancellationToken);
        publish.SessionItems[WindowKey] = window;
        windows[window] = 0;
        publish.CancellationToken.Register(() => windows.TryRemove(window, out _));
        return window;
    }

    /// <summary>Holds a PUBACK or PUBREC until its message is durable. The receive loop goes on meanwhile; what else this connection is sent waits behind it.</summary>
    private Task OnSendingAsync(InterceptingPacketEventArgs sending)
    {
        var ticket = sending.Packet switch
        {
            MqttPubAckPacket acknowledged => acknowledged.UserProperties as CommitTicket,
            MqttPubRecPacket received => received.UserProperties as CommitTicket,
            _ => null,
        };
        if (ticket is null)
        {
            return Task.CompletedTask;
        }

        if (ticket.Window.Connection != sending.CancellationToken || ticket.Window.IsClosed)
        {
            // The answer belongs to a connection that is gone; on this one its packet id may mean another message.
            ticket.Window.Leave();
            sending.ProcessPacket = false;
            return Task.CompletedTask;
        }

        if (ticket.Batch.Committed.IsCompletedSuccessfully)
        {
            ticket.Window.Leave();
            return Task.CompletedTask;
        }

        return HoldAsync(sending, ticket);
    }

    private static async Task HoldAsync(InterceptingPacketEventArgs sending, CommitTicket ticket)
    {
        // No timer for each: one sweep over the connections finds the stalled ones, and their token ends the wait.
        ticket.Window.HeldSince = ticket.TakenTimestamp;
        await ticket.Batch.Committed.WaitAsync(sending.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ticket.Window.HeldSince = 0;
        ticket.Window.Leave();
        sending.ProcessPacket = ticket.Batch.Committed.IsCompletedSuccessfully && !ticket.Window.IsClosed;
    }

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(stallMax / 8, timers);
        while (await timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false) && !closing)
        {
            foreach (var window in windows.Keys)
            {
                if (window.HeldSince is var since and not 0 && Stopwatch.GetElapsedTime(since) > stallMax)
                {
                    CloseStalled(window);
                }
            }
        }
    }

    private void CloseStalled(ConnectionWindow window)
    {
        if (window.IsClosed)
        {
            return;
        }

        window.Close();
        metrics.CountStalledClose();
        LogStalled(window.ClientId, stallMax.TotalSeconds);

        // The broker disconnects by name, and a new connection may have taken the name over: that one is well.
        if (!window.Connection.IsCancellationRequested && ReferenceEquals(window.Session[WindowKey], window))
        {
            _ = DisconnectAsync(window.ClientId, MqttDisconnectReasonCode.ServerBusy);
        }
    }

    /// <summary>Ends the sessions of clients that are away for too long, and the oldest of those that are too many. The library keeps them for ever.</summary>
    private async Task SweepSessionsAsync()
    {
        try
        {
            var connected = (await server!.GetClientsAsync().ConfigureAwait(false)).Select(client => client.Id).ToHashSet(StringComparer.Ordinal);
            var away = (await server.GetSessionsAsync().ConfigureAwait(false)).Where(session => session.DisconnectedTimestamp is not null && !connected.Contains(session.Id))
                .OrderByDescending(session => session.DisconnectedTimestamp).ToArray();
            var oldest = timers.GetUtcNow().UtcDateTime.AddMinutes(-options.AwaySessionMinutes);
            for (var i = 0; i < away.Length; i++)
            {
                if (i >= options.AwaySessionCountMax || away[i].DisconnectedTimestamp < oldest)
                {
                    await away[i].DeleteAsync().ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure) when (failure is InvalidOperationException or ObjectDisposedException)
        {
            // The broker stops; its sessions go with it.
        }
    }

    private async Task DisconnectAsync(string clientId, MqttDisconnectReasonCode reason)
    {
        try
        {
            await server!.DisconnectClientAsync(clientId, new MqttServerClientDisconnectOptionsBuilder().WithReasonCode(reason).Build()).ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // It has gone by itself.
        }
    }
}
