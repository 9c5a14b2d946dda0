using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;

namespace Benchmarks.Load;

/// <summary>Node-RED beside the command center under the same load: MQTT → threshold → a client that sees every change. The peer reads from mosquitto and writes
/// to a WebSocket; the command center reads with its own broker, does all its work, and pushes to a client of its hub.</summary>
internal static class PeerRun
{
    private static readonly int[] Rates = [1_000, 5_000, 10_000, 12_500, 15_000, 20_000];

    public static async Task RunAsync(int seconds)
    {
        await using (var mosquitto = await LocalServer.StartMosquittoAsync())
        await using (var peer = await LocalServer.StartNodeRedAsync(Path.Combine(Center.FindRoot(), "tests", "Benchmarks", "NodeRed"), mosquitto.Port))
        {
            foreach (var rate in Rates)
            {
                if (!await MeasurePeerAsync(mosquitto, peer, rate, seconds))
                {
                    break;
                }
            }
        }

        await using var center = await Center.StartAsync();
        await center.RegisterAsync(10);
        await new MqttLoad(center.MqttPort).RunAsync(new LoadPlan(10, 200_000, 0, 0, 0));
        foreach (var rate in new[] { 1_000, 5_000, 10_000, 50_000, 100_000 })
        {
            Console.WriteLine($"command center at {rate}/s: {await center.MeasureFramesAsync(rate, seconds)} device changes");
        }
    }

    private static async Task<bool> MeasurePeerAsync(LocalServer mosquitto, LocalServer peer, int rate, int seconds)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{peer.Port}/ws"), CancellationToken.None);
        var ages = new Percentiles();
        using var over = new CancellationTokenSource();
        var receiving = ReceiveAsync(socket, ages, over.Token);
        await new MqttLoad(mosquitto.Port).RunAsync(new LoadPlan(10, rate * 3L, 0, 0, rate));
        ages.Clear();
        var sent = await new MqttLoad(mosquitto.Port).RunAsync(new LoadPlan(10, (long)rate * seconds, 0, 0, rate));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        var share = (double)ages.Count / sent.Sent;
        await over.CancelAsync();
        await receiving;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Node-RED at {rate}/s: {100 * share:0.0} % within the run and one second, {ages.Tell()} messages"));
        return share > 0.9;
    }

    private static async Task ReceiveAsync(ClientWebSocket socket, Percentiles ages, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var got = await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                ages.Add(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - AtOf(buffer.AsSpan(0, got.Count)));
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // The run is over.
        }
    }

    private static long AtOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("at"u8))
            {
                reader.Read();
                return reader.GetInt64();
            }
        }

        throw new InvalidOperationException("A message of the peer carries no time.");
    }
}
