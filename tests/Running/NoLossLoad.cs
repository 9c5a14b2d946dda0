using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Protocol;

namespace Running;

/// <summary>What is offered: readings of QoS 1 with distinct times, one device for each connection, and events with ids of devices beside them.</summary>
internal sealed record NoLossPlan
{
    public int Connections { get; init; } = 50;
    public int MessagesPerSecond { get; init; } = 2_000;
    public int EventDevices { get; init; } = 30;

    /// <summary>One round of events of every event device in this time.</summary>
    public TimeSpan EventsEvery { get; init; } = TimeSpan.FromSeconds(4);
    public string Street { get; init; } = "320404002";
}

/// <summary>What became of it. Nothing may be lost, and nothing doubled.</summary>
internal sealed record NoLossCounts(long Acknowledged, long SentAgain, long Found, long Lost, long Doubled, long Events, long EventsFound, long EventsLost, long EventsDoubled)
{
    public bool IsPerfect => Lost == 0 && Doubled == 0 && EventsLost == 0 && EventsDoubled == 0;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"readings: {Acknowledged} acknowledged ({SentAgain} sent more than once), {Found} in history, {Lost} lost, {Doubled} doubled; events: {Events} acknowledged, {EventsFound} in the evidence of warnings, {EventsLost} lost, {EventsDoubled} doubled");
}

/// <summary>Devices that publish at a steady rate and, as QoS 1 asks of them, send a message again until it is acknowledged, whatever dies in between. Afterwards it counts, over HTTP only, what
/// of the acknowledged messages the platform has.</summary>
internal sealed class NoLossLoad : IAsyncDisposable
{
    private const int InFlightMax = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly NoLossPlan plan;
    private readonly int port;
    private readonly Sender[] senders;
    private readonly ConcurrentDictionary<string, byte> eventsAcknowledged = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource offering = new();
    private readonly DateTimeOffset from = TimeProvider.System.GetUtcNow().AddSeconds(-1);
    private long acknowledged, sentAgain;
    private Task running = Task.CompletedTask;

    public NoLossLoad(NoLossPlan plan, int port)
    {
        (this.plan, this.port) = (plan, port);
        senders = [.. Enumerable.Range(0, plan.Connections).Select(i => new Sender(this, $"loss-{i}"))];
    }

    public long Acknowledged => Interlocked.Read(ref acknowledged);

    /// <summary>Registers every device of the plan.</summary>
    public static async Task RegisterAsync(RunningCenter center, NoLossPlan plan)
    {
        for (var i = 0; i < plan.Connections; i++)
        {
            await center.SendAsync(HttpMethod.Put, $"api/v1/devices/loss-{i}", new { name = $"loss-{i}", kind = "weather", street = plan.Street, quantities = new[] { new { name = "temperature", unit = "Cel" } } });
        }

        for (var i = 0; i < plan.EventDevices; i++)
        {
            await center.SendAsync(HttpMethod.Put, $"api/v1/devices/alarm-{i}", new { name = $"alarm-{i}", kind = "elevator", street = plan.Street, lon = 119.93 + (i * 0.0001), lat = 31.76 });
        }
    }

    public void Start() => running = Task.WhenAll([.. senders.Select(sender => sender.RunAsync(offering.Token)), RaiseEventsAsync(offering.Token)]);

    /// <summary>Waits until this many more readings are acknowledged.</summary>
    public async Task AcknowledgeAsync(long more, TimeSpan within)
    {
        var (wanted, started) = (Acknowledged + more, Stopwatch.GetTimestamp());
        while (Acknowledged < wanted)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < within, $"Only {Acknowledged} of {wanted} readings were acknowledged.");
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            await pause.WaitForNextTickAsync();
        }
    }

    /// <summary>Offers nothing new and waits until all that was offered is acknowledged.</summary>
    public async Task FinishAsync(TimeSpan within)
    {
        await offering.CancelAsync();
        await running.WaitAsync(within);
    }

    /// <summary>Waits until the platform has everything, or the time is up, and counts.</summary>
    public async Task<NoLossCounts> CountAsync(RunningCenter center, TimeSpan within)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var counts = await CountAsync(center);
            if (counts is { Lost: 0, EventsLost: 0 } || Stopwatch.GetElapsedTime(started) > within)
            {
                return counts;
            }

            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
            await pause.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await offering.CancelAsync();
        foreach (var sender in senders)
        {
            await sender.DisposeAsync();
        }

        offering.Dispose();
    }

    private async Task<NoLossCounts> CountAsync(RunningCenter center)
    {
        var (found, lost, doubled) = (0L, 0L, 0L);
        foreach (var sender in senders)
        {
            var times = await ReadTimesAsync(center, sender.Device);
            var distinct = times.ToHashSet();
            found += distinct.Count;
            doubled += times.Count - distinct.Count;
            lost += sender.AcknowledgedTimes.Count(at => !distinct.Contains(at));
        }

        var evidence = await ReadEvidenceAsync(center);
        return new(
            Acknowledged, Interlocked.Read(ref sentAgain), found, lost, doubled, eventsAcknowledged.Count, evidence.Keys.Count(eventsAcknowledged.ContainsKey),
            eventsAcknowledged.Keys.Count(id => !evidence.ContainsKey(id)), evidence.Values.Sum(count => (long)count - 1));
    }

    private async Task<List<long>> ReadTimesAsync(RunningCenter center, string device)
    {
        var times = new List<long>();
        string? cursor = null;
        var until = TimeProvider.System.GetUtcNow().AddMinutes(1);
        do
        {
            var page = await center.GetAsync(
                $"api/v1/devices/{device}/readings?quantity=temperature&from={from:yyyy-MM-ddTHH:mm:ss.fffZ}&to={until:yyyy-MM-ddTHH:mm:ss.fffZ}&limit=1000" + (cursor is null ? string.Empty : "&cursor=" + Uri.EscapeDataString(cursor)));
            times.AddRange(page.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        return times;
    }

    /// <summary>Every event id in the evidence of any warning, and how often it stands there.</summary>
    private static async Task<Dictionary<string, int>> ReadEvidenceAsync(RunningCenter center)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await center.GetAsync("api/v1/warnings?limit=1000" + (cursor is null ? string.Empty : "&cursor=" + Uri.EscapeDataString(cursor)));
            foreach (var evidence in page.GetProperty("items").EnumerateArray().SelectMany(warning => warning.GetProperty("evidence").EnumerateArray()))
            {
                if (evidence.GetProperty("event").GetString() is { } id)
                {
                    counts[id] = counts.GetValueOrDefault(id) + 1;
                }
            }

            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        return counts;
    }

    /// <summary>One event of each event device in a round, of a type that one rule alone judges: a rule over several devices would name the same event once more as its own evidence. A round ends when each is acknowledged, so that a device's events stay in order.</summary>
    private async Task RaiseEventsAsync(CancellationToken stop)
    {
        for (var round = 0; !stop.IsCancellationRequested; round++)
        {
            var started = Stopwatch.GetTimestamp();
            var at = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            var number = round;
            await Task.WhenAll(Enumerable.Range(0, plan.EventDevices).Select(async i =>
            {
                var id = $"e-{i}-{number}";
                await senders[i % senders.Length].SendAsync($"city/v1/{plan.Street}/alarm-{i}/events", $$"""{"id":"{{id}}","at":{{at}},"type":"elevator_trapped","state":"start"}""");
                eventsAcknowledged[id] = 0;
            }));
            while (!stop.IsCancellationRequested && Stopwatch.GetElapsedTime(started) < plan.EventsEvery)
            {
                using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
                await pause.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>One device on one connection.</summary>
    private sealed class Sender(NoLossLoad load, string device) : IAsyncDisposable
    {
        private readonly IMqttClient client = new MqttClientFactory().CreateMqttClient();
        private readonly SemaphoreSlim connecting = new(1, 1);
        private readonly SemaphoreSlim room = new(InFlightMax);
        private readonly ConcurrentQueue<long> acknowledgedTimes = new();
        private bool disposed;

        public string Device { get; } = device;

        public IReadOnlyCollection<long> AcknowledgedTimes => acknowledgedTimes;

        public async Task RunAsync(CancellationToken stop)
        {
            var perSecond = (double)load.plan.MessagesPerSecond / load.plan.Connections;
            var started = Stopwatch.GetTimestamp();
            var topic = $"city/v1/{load.plan.Street}/{Device}/readings";
            var under = new List<Task>();
            var lastAt = 0L;
            for (var number = 0; !stop.IsCancellationRequested; number++)
            {
                while (number > Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond && !stop.IsCancellationRequested)
                {
                    using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
                    await pause.WaitForNextTickAsync(CancellationToken.None);
                }

                await room.WaitAsync(CancellationToken.None);
                var at = lastAt = Math.Max(lastAt + 1, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
                var value = (number % 400) / 10.0;
                under.Add(DeliverAsync(topic, string.Create(CultureInfo.InvariantCulture, $"{{\"at\":{at},\"values\":{{\"temperature\":{value}}}}}"), at));
                if (under.Count > 4 * InFlightMax)
                {
                    under.RemoveAll(task => task.IsCompletedSuccessfully);
                }
            }

            await Task.WhenAll(under);
        }

        /// <summary>Sends until it is acknowledged.</summary>
        public async Task SendAsync(string topic, string payload)
        {
            var message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
            for (var attempt = 1; !disposed; attempt++)
            {
                try
                {
                    await ConnectAsync();
                    using var limit = new CancellationTokenSource(Patience);
                    var answer = await client.PublishAsync(message, limit.Token);
                    if (answer.IsSuccess)
                    {
                        return;
                    }
                }
                catch (Exception lost) when (lost is not OutOfMemoryException)
                {
                    if (attempt == 1)
                    {
                        Interlocked.Increment(ref load.sentAgain);
                    }

                    using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
                    await pause.WaitForNextTickAsync(CancellationToken.None);
                }
            }
        }

        public ValueTask DisposeAsync()
        {
            disposed = true;
            client.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task DeliverAsync(string topic, string payload, long at)
        {
            await SendAsync(topic, payload);
            if (!disposed)
            {
                acknowledgedTimes.Enqueue(at);
                Interlocked.Increment(ref load.acknowledged);
            }

            room.Release();
        }

        private async Task ConnectAsync()
        {
            if (client.IsConnected)
            {
                return;
            }

            await connecting.WaitAsync(CancellationToken.None);
            try
            {
                if (!client.IsConnected)
                {
                    await client.ConnectAsync(
                        new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", load.port).WithClientId(Device).WithCleanSession(false).WithTimeout(Patience).Build(), CancellationToken.None);
                }
            }
            finally
            {
                connecting.Release();
            }
        }
    }
}
