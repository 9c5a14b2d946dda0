using MQTTnet;

namespace CitySimulator;

/// <summary>Publishes a recorded series as a device would have sent it, with the times moved to now.</summary>
internal static class Replay
{
    /// <summary>The publishes of the series when it begins at <paramref name="start"/>: same distances, divided by the speed.</summary>
    public static IEnumerable<(SimulatedPublish Publish, RecordedValue Source)> Plan(RecordedSeries series, ReplayOrder order, DateTimeOffset start)
    {
        var from = series.Values[0].Offset;
        foreach (var item in series.Values)
        {
            var at = start + ((item.Offset - from) / order.Speed);
            var payload = Payloads.Readings(at, [(order.Quantity, item.Value, order.Unit ?? string.Empty)], order.Unit is not null);
            yield return (new(at, $"city/v1/{order.Street}/{order.Device}/readings", payload, AtLeastOnce: true), item);
        }
    }

    /// <summary>Waits for each moment and hands the publish on. Returns how many were handed on.</summary>
    public static async Task<int> RunAsync(
        RecordedSeries series, ReplayOrder order, TimeProvider clock, Func<SimulatedPublish, CancellationToken, Task> send, Action<string> report, CancellationToken cancellation)
    {
        var published = 0;
        DateTimeOffset? reported = null;
        foreach (var (publish, source) in Plan(series, order, clock.GetUtcNow()))
        {
            var wait = publish.At - clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, clock, cancellation);
            }

            await send(publish, cancellation);
            published++;
            if (reported is null || publish.At - reported >= TimeSpan.FromSeconds(1) || published == series.Values.Count)
            {
                reported = publish.At;
                report(FormattableString.Invariant($"{published}/{series.Values.Count}  {source.RecordedAt}  {order.Quantity} = {source.Value}{(order.Unit is null ? string.Empty : " " + order.Unit)}"));
            }
        }

        return published;
    }

    /// <summary>The same over a broker; a lost connection is made again, and the value it was lost on is sent again.</summary>
    public static async Task<int> RunAsync(RecordedSeries series, ReplayOrder order, CityOptions broker, Action<string> report, CancellationToken cancellation)
    {
        const int attemptsMax = 10;
        var client = await SimulatedCity.ConnectAsync(broker, cancellation);
        try
        {
            return await RunAsync(series, order, broker.Timers, SendAsync, report, cancellation);
        }
        finally
        {
            client.Dispose();
        }

        async Task SendAsync(SimulatedPublish publish, CancellationToken cancel)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await client.PublishAsync(SimulatedCity.ToMessage(publish), cancel);
                    return;
                }
                catch (Exception failure) when (attempt < attemptsMax && !cancel.IsCancellationRequested)
                {
                    report($"lost the broker ({failure.Message}); trying again");
                    await Task.Delay(TimeSpan.FromSeconds(attempt), broker.Timers, cancel);
                    client.Dispose();
                    client = await ReconnectAsync(cancel);
                }
            }
        }

        async Task<IMqttClient> ReconnectAsync(CancellationToken cancel)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await SimulatedCity.ConnectAsync(broker, cancel);
                }
                catch (Exception) when (attempt < attemptsMax && !cancel.IsCancellationRequested)
                {
                    await Task.Delay(TimeSpan.FromSeconds(attempt), broker.Timers, cancel);
                }
            }
        }
    }
}
