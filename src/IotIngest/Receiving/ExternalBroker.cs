using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CommandCenter.Grains.Contracts;
using IotIngest.Decoding;
using IotIngest.Delivering;
using IotIngest.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace IotIngest.Receiving;

// The client of a broker of its own. The session persists and a message is acknowledged only after it is delivered, so what this node holds in memory the broker holds too:
// there is no journal on this way. The receive maximum is the window.
internal sealed partial class ExternalBroker : IAsyncDisposable
{
    /// <summary>How long the broker keeps the session of a node that is away.</summary>
    private const uint SessionSeconds = 7 * 24 * 3600;

    /// <summary>How long this node steps back when another one came under its name, which only a copied data folder makes possible: each would take the session from the other without end.</summary>
    private static readonly TimeSpan TakenOverPause = TimeSpan.FromSeconds(30);

    /// <summary>Looks of 10 ms at acknowledgements under way while stopping: 2 s at most.</summary>
    private const int StopLooksMax = 200;

    private static readonly TimeSpan StateMax = TimeSpan.FromSeconds(2);

    private readonly BrokerOptions options;
    private readonly IngestPipeline pipeline;
    private readonly DomainClock clock;
    private readonly TimeProvider timers;
    private readonly ILogger<ExternalBroker> log;
    private readonly IMqttClient client;
    private readonly Func<DateTimeOffset, MqttClientOptions> connect;
    private readonly string stateTopic;
    private readonly MqttClientSubscribeOptions subscribe;
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim lost = new(0, 1);
    private readonly int retryFirstMs, retryLongestMs;
    private Task connecting = Task.CompletedTask;
    private volatile bool subscribed, takenOver;
    private int acknowledging;
    private DateTimeOffset stateAt;

    public ExternalBroker(
        BrokerOptions options, IngestOptions ingest, IngestPipeline pipeline, Decoders decoders, BatchNumbers numbers, DomainClock clock, TimeProvider timers, ILogger<ExternalBroker> log)
    {
        (this.options, this.pipeline, this.clock, this.timers, this.log) = (options, pipeline, clock, timers, log);
        (retryFirstMs, retryLongestMs) = (ingest.RetryFirstMs, ingest.RetryLongestMs);
        stateTopic = ingest.SparkplugHostId.Length > 0 && decoders.SessionFilters.Any() ? SparkplugMessages.StateTopic(ingest.SparkplugHostId) : string.Empty;
        connect = at => ConnectOptions(options, numbers.Node, stateTopic, at);
        subscribe = SubscribeOptions(options, decoders);
        client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += OnMessageAsync;
        client.DisconnectedAsync += OnDisconnectedAsync;
    }

    /// <summary>Connected, and the subscription holds: only from here on nothing passes this node by.</summary>
    public bool IsConnected => subscribed && client.IsConnected;

    /// <summary>Begins to connect and goes on for ever; a broker that is away does not hold up the start.</summary>
    public void Start() => connecting = ConnectAsync();

    public async Task StopAsync()
    {
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        await stopping.CancelAsync().ConfigureAwait(false);
        await connecting.ConfigureAwait(false);

        // What has been delivered is acknowledged before the line is cut, or it would come again; a broker that does not take it is not waited for.
        using (var look = new PeriodicTimer(TimeSpan.FromMilliseconds(10)))
        {
            for (var looks = 0; looks < StopLooksMax && Volatile.Read(ref acknowledging) > 0; looks++)
            {
                await look.WaitForNextTickAsync().ConfigureAwait(false);
            }
        }

        if (client.IsConnected)
        {
            try
            {
                await TellStateAsync(false).ConfigureAwait(false);
                await client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().WithSessionExpiryInterval(SessionSeconds).Build()).ConfigureAwait(false);
            }
            catch (Exception gone) when (gone is not OutOfMemoryException)
            {
                LogConnectionLost(gone, options.Host, options.Port);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        client.Dispose();
        stopping.Dispose();
        lost.Dispose();
    }

    /// <summary>Publishes a message of our own.</summary>
    public Task PublishAsync(BrokerAnswer answer, CancellationToken cancellation) =>
        client.PublishAsync(new MqttApplicationMessage { Topic = answer.Topic, PayloadSegment = answer.Payload }, cancellation);

    /// <summary>Tells Sparkplug nodes whether their host listens. The broker tells it for us when the connection breaks; will and state carry the same time.</summary>
    private async Task TellStateAsync(bool online)
    {
        if (stateTopic.Length == 0)
        {
            return;
        }

        try
        {
            using var limit = new CancellationTokenSource(StateMax, timers);
            await client.PublishAsync(
                new MqttApplicationMessage { Topic = stateTopic, PayloadSegment = SparkplugMessages.State(online, stateAt), Retain = true, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce },
                limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // A broker that does not let us say so still brings us everything.
            LogStateNotTold(failure, stateTopic);
        }
    }

    private static MqttClientOptions ConnectOptions(BrokerOptions options, string node, string stateTopic, DateTimeOffset stateAt)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(options.Host, options.Port)
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId("iot-ingest-" + node)
            .WithCleanStart(false)
            .WithSessionExpiryInterval(SessionSeconds)
            .WithReceiveMaximum((ushort)options.ReceiveMaximum)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(15));
        if (stateTopic.Length > 0)
        {
            builder = builder.WithWillTopic(stateTopic).WithWillPayload(SparkplugMessages.State(false, stateAt)).WithWillRetain().WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        }

        if (!string.IsNullOrEmpty(options.Username))
        {
            builder = builder.WithCredentials(options.Username, options.Password ?? string.Empty);
        }

        if (options.UseTls)
        {
            builder = builder.WithTlsOptions(tls =>
            {
                tls.UseTls();
                if (options.CaFile is { Length: > 0 } file)
                {
                    tls.WithTrustChain(LoadAuthorities(file)).WithRevocationMode(X509RevocationMode.NoCheck);
                }
            });
        }

        return builder.Build();
    }

    private static X509Certificate2Collection LoadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (CryptographicException broken)
        {
            throw IngestConfiguration.Refuse("Broker:CaFile", $"\"{file}\" holds no certificate ({broken.Message})");
        }

        return authorities.Count > 0 ? authorities : throw IngestConfiguration.Refuse("Broker:CaFile", $"\"{file}\" holds no certificate");
    }

    private static MqttClientSubscribeOptions SubscribeOptions(BrokerOptions options, Decoders decoders)
    {
        var prefix = string.IsNullOrEmpty(options.ShareGroup) ? string.Empty : $"$share/{options.ShareGroup}/";
        var builder = new MqttClientSubscribeOptionsBuilder();
        foreach (var filter in decoders.Filters)
        {
            // A format whose messages build on each other must reach every node of the group whole.
            var topic = decoders.SessionFilters.Contains(filter) ? filter : prefix + filter;
            builder = builder.WithTopicFilter(new MqttTopicFilter { Topic = topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce, RetainHandling = MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly });
        }

        return builder.Build();
    }

    private async Task ConnectAsync()
    {
        var pauseMs = retryFirstMs;
        var failing = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                // A line that broke before anybody waited for it has left its signal.
                while (lost.Wait(0))
                {
                }

                stateAt = clock.Now;
                var answer = await client.ConnectAsync(connect(stateAt), stopping.Token).ConfigureAwait(false);
                if (answer.ResultCode != MqttClientConnectResultCode.Success)
                {
                    throw new InvalidOperationException($"The broker answers {answer.ResultCode}.");
                }

                var granted = await client.SubscribeAsync(subscribe, stopping.Token).ConfigureAwait(false);
                if (granted.Items.FirstOrDefault(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } denied)
                {
                    // Connected and deaf would look healthy.
                    await client.DisconnectAsync(new MqttClientDisconnectOptions(), CancellationToken.None).ConfigureAwait(false);
                    throw new InvalidOperationException($"The broker denies the subscription of {denied.TopicFilter.Topic}: {denied.ResultCode}.");
                }

                subscribed = true;
                LogConnected(options.Host, options.Port);
                await TellStateAsync(true).ConfigureAwait(false);
                failing = false;
                pauseMs = retryFirstMs;
                await lost.WaitAsync(stopping.Token).ConfigureAwait(false);
                if (takenOver)
                {
                    takenOver = false;
                    await Task.Delay(TakenOverPause, timers, stopping.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (!failing)
                {
                    LogCannotConnect(failure, options.Host, options.Port);
                }

                failing = true;
                await Task.Delay(TimeSpan.FromMilliseconds(pauseMs), timers, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pauseMs = Math.Min(pauseMs * 2, retryLongestMs);
            }
        }
    }

    private Task OnDisconnectedAsync(MqttClientDisconnectedEventArgs disconnected)
    {
        subscribed = false;
        if (disconnected.ClientWasConnected && !stopping.IsCancellationRequested)
        {
            takenOver = disconnected.Reason == MqttClientDisconnectReason.SessionTakenOver;
            if (takenOver)
            {
                LogTakenOver(client.Options.ClientId);
            }

            LogConnectionLost(disconnected.Exception, options.Host, options.Port);
            if (lost.CurrentCount == 0)
            {
                lost.Release();
            }
        }

        return Task.CompletedTask;
    }

    private Task OnMessageAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        var message = received.ApplicationMessage;
        var payload = message.Payload.IsSingleSegment ? message.Payload.First : (ReadOnlyMemory<byte>)message.Payload.ToArray();
        var receivedAt = clock.Now;
        if (payload.Length > options.MaxPayloadBytes)
        {
            pipeline.RefuseTooLarge(message.Topic, payload, null, receivedAt);
            return Task.CompletedTask;
        }

        if (message.Topic.StartsWith(SparkplugMessages.StateTopic(string.Empty), StringComparison.Ordinal))
        {
            // Hosts talk of themselves. The will of an older connection, or of a node with the same name that went away, is set right: this one still listens.
            return message.Topic == stateTopic && payload.Span.IndexOf("false"u8) >= 0 && subscribed && !stopping.IsCancellationRequested ? TellStateAsync(true) : Task.CompletedTask;
        }

        if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
        {
            return pipeline.TakeAsync(new RawMessage(message.Topic, payload, receivedAt, Durable: false, Retained: message.Retain)).AsTask();
        }

        received.AutoAcknowledge = false;
        var receipt = new DeliveryReceipt(() => AcknowledgeAsync(received));
        return pipeline.TakeAsync(new RawMessage(message.Topic, payload, receivedAt, Durable: true, receipt, Retained: message.Retain)).AsTask();
    }

    private async Task AcknowledgeAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        Interlocked.Increment(ref acknowledging);
        try
        {
            await received.AcknowledgeAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is not OutOfMemoryException)
        {
            // The connection broke in between: the broker sends the message again, and a repeat changes nothing.
            LogNotAcknowledged(gone);
        }
        finally
        {
            Interlocked.Decrement(ref acknowledging);
        }
    }

    /// <summary>One message on its way; the broker gets its acknowledgement when the last part is delivered.</summary>
    private sealed class DeliveryReceipt(Func<Task> acknowledge) : IReceipt
    {
        private int parts = 1;

        public bool CanBeReadAgain => false;

        public void Add(int more) => Interlocked.Add(ref parts, more);

        public void Release(int done)
        {
            if (Interlocked.Add(ref parts, -done) == 0)
            {
                _ = acknowledge();
            }
        }
    }
}
