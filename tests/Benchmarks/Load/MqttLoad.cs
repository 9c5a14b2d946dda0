using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Load;

/// <summary>What one load run sends.</summary>
/// <param name="Connections">MQTT connections, each with its own devices.</param>
/// <param name="Messages">Messages in all.</param>
/// <param name="QualityOfService">0 or 1.</param>
/// <param name="Window">Unacknowledged messages per connection with QoS 1.</param>
/// <param name="RatePerSecond">0: as fast as the receiver takes them.</param>
internal sealed record LoadPlan(int Connections, long Messages, int QualityOfService, int Window, double RatePerSecond);

/// <summary>How a load run went, as the sender saw it.</summary>
internal sealed record LoadResult(long Sent, long Acknowledged, TimeSpan Took)
{
    public double PerSecond => Sent / Took.TotalSeconds;
}

/// <summary>A bounded MQTT 3.1.1 load generator over plain sockets. Packets are encoded before the clock starts; while paced, "at" is stamped with the
/// time of sending, so that a receiver on the same machine can tell the latency. One message is four readings, about 110 bytes of JSON.</summary>
internal sealed class MqttLoad(int port)
{
    public const int DevicesPerConnection = 256;
    private static readonly string[] Streets = ["320404001", "320404002", "320404003", "320404004", "320404005", "320404006", "320404007", "320404116"];

    /// <summary>Device and street of one packet of one connection.</summary>
    public static (string Device, string Street) DeviceOf(int connection, int packet)
    {
        var number = (connection * DevicesPerConnection) + packet;
        return ($"bench-{number:000000}", Streets[number % Streets.Length]);
    }

    public async Task<LoadResult> RunAsync(LoadPlan plan, CancellationToken cancellation = default)
    {
        var senders = Enumerable.Range(0, plan.Connections).Select(index => new Sender(index, plan)).ToArray();
        try
        {
            foreach (var sender in senders)
            {
                await sender.ConnectAsync(port, cancellation);
            }

            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(senders.Select(sender => Task.Run(() => sender.SendAllAsync(started, cancellation), cancellation)));
            return new LoadResult(senders.Sum(sender => sender.Sent), senders.Sum(sender => sender.Acknowledged), Stopwatch.GetElapsedTime(started));
        }
        finally
        {
            foreach (var sender in senders)
            {
                sender.Dispose();
            }
        }
    }

    /// <summary>Sends until cancelled and tells what got out.</summary>
    public async Task<LoadResult> RunForAsync(LoadPlan plan, CancellationToken until)
    {
        var senders = Enumerable.Range(0, plan.Connections).Select(index => new Sender(index, plan)).ToArray();
        try
        {
            foreach (var sender in senders)
            {
                await sender.ConnectAsync(port, CancellationToken.None);
            }

            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(senders.Select(sender => Task.Run(() => sender.SendUntilAsync(started, until))));
            return new LoadResult(senders.Sum(sender => sender.Sent), 0, Stopwatch.GetElapsedTime(started));
        }
        finally
        {
            foreach (var sender in senders)
            {
                sender.Dispose();
            }
        }
    }

    private sealed class Sender(int index, LoadPlan plan) : IDisposable
    {
        private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly byte[][] packets = Encode(index, plan);
        private readonly SemaphoreSlim acknowledged = new(0);
        private int timeOffset;
        private int unsent;

        public long Sent { get; private set; }

        public long Acknowledged { get; private set; }

        private long Quota => (plan.Messages / plan.Connections) + (index < plan.Messages % plan.Connections ? 1 : 0);

        public async Task ConnectAsync(int port, CancellationToken cancellation)
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            var id = Encoding.ASCII.GetBytes($"load-{Environment.ProcessId}-{index}-{plan.QualityOfService}");
            byte[] connect = [0x10, (byte)(12 + id.Length), 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 2, 0, 0, 0, (byte)id.Length, .. id];
            await socket.SendAsync(connect, cancellation);
            var answer = new byte[4];
            for (var got = 0; got < 4;)
            {
                var n = await socket.ReceiveAsync(answer.AsMemory(got), cancellation);
                if (n == 0)
                {
                    throw new IOException("The broker closed the connection instead of answering CONNECT.");
                }

                got += n;
            }

            if (answer[3] != 0)
            {
                throw new IOException($"The broker refused the connection with code {answer[3]}.");
            }

            timeOffset = plan.RatePerSecond > 0 ? packets[0].AsSpan().IndexOf("\"at\":"u8) + 5 : 0;
        }

        public async Task SendAllAsync(long started, CancellationToken cancellation)
        {
            var reading = plan.QualityOfService == 1 ? ReadAcknowledgementsAsync(cancellation) : Task.CompletedTask;
            var quota = Quota;
            var chunk = ArrayPool<byte>.Shared.Rent(64 * 1024);
            try
            {
                for (; Sent < quota; cancellation.ThrowIfCancellationRequested())
                {
                    var due = quota - Sent;
                    if (plan.RatePerSecond > 0)
                    {
                        var allowed = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * plan.RatePerSecond / plan.Connections);
                        due = Math.Min(due, allowed - Sent);
                        if (due <= 0)
                        {
                            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellation);
                            continue;
                        }
                    }

                    if (plan.QualityOfService == 1)
                    {
                        while (Sent - Acknowledged >= plan.Window)
                        {
                            await acknowledged.WaitAsync(cancellation);
                        }

                        due = Math.Min(due, plan.Window - (Sent - Acknowledged));
                    }

                    var filled = 0;
                    while (due > 0 && filled + packets[0].Length <= 64 * 1024)
                    {
                        var packet = packets[(int)(Sent % packets.Length)];
                        if (timeOffset > 0)
                        {
                            var ms = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                            ms.TryFormat(packet.AsSpan(timeOffset), out _, default, CultureInfo.InvariantCulture);
                        }

                        packet.CopyTo(chunk, filled);
                        filled += packet.Length;
                        Sent++;
                        due--;
                    }

                    unsent = filled / packets[0].Length;
                    for (var offset = 0; offset < filled;)
                    {
                        // A chunk goes out whole, or the last message of a cancelled run would be half a message.
                        offset += await socket.SendAsync(chunk.AsMemory(offset, filled - offset), CancellationToken.None);
                    }

                    unsent = 0;
                }

                await reading;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(chunk);
            }
        }

        public async Task SendUntilAsync(long started, CancellationToken until)
        {
            try
            {
                await SendAllAsync(started, until);
            }
            catch (OperationCanceledException)
            {
                // What was filled into a chunk but not sent is not counted as sent.
                Sent -= unsent;
            }
        }

        public void Dispose()
        {
            socket.Dispose();
            acknowledged.Dispose();
        }

        private async Task ReadAcknowledgementsAsync(CancellationToken cancellation)
        {
            var buffer = new byte[4096];
            var rest = 0;
            while (Acknowledged < Quota)
            {
                var n = await socket.ReceiveAsync(buffer, cancellation);
                if (n == 0)
                {
                    throw new IOException($"The broker closed the connection after {Acknowledged} acknowledgements.");
                }

                // A PUBACK of MQTT 3.1.1 is four bytes.
                Acknowledged += (n + rest) / 4;
                rest = (n + rest) % 4;
                acknowledged.Release();
            }
        }

        private static byte[][] Encode(int index, LoadPlan plan)
        {
            var packets = new byte[DevicesPerConnection][];
            for (var m = 0; m < packets.Length; m++)
            {
                var (device, street) = DeviceOf(index, m);
                var topic = Encoding.ASCII.GetBytes($"city/v1/{street}/{device}/readings");
                var at = plan.RatePerSecond > 0 ? "\"at\":1000000000000," : string.Empty;
                var payload = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
                    $"{{{at}\"values\":{{\"pm25\":{10 + (m % 30)}.5,\"laeq\":{50 + (m % 40)}.2,\"temperature\":{10 + (m % 10)}.1,\"power\":{100 + (m % 60)}.3}}}}"));
                var remaining = 2 + topic.Length + (plan.QualityOfService == 1 ? 2 : 0) + payload.Length;
                using var packet = new MemoryStream();
                packet.WriteByte((byte)(0x30 | (plan.QualityOfService << 1)));
                for (; remaining >= 128; remaining >>= 7)
                {
                    packet.WriteByte((byte)((remaining & 127) | 128));
                }

                packet.WriteByte((byte)remaining);
                packet.WriteByte(0);
                packet.WriteByte((byte)topic.Length);
                packet.Write(topic);
                if (plan.QualityOfService == 1)
                {
                    packet.WriteByte((byte)((m + 1) >> 8));
                    packet.WriteByte((byte)(m + 1));
                }

                packet.Write(payload);
                packets[m] = packet.ToArray();
            }

            return packets;
        }
    }
}
