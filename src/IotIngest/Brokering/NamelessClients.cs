using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Server;

namespace IotIngest.Brokering;

// MQTT 3.1.1 lets a client come without an identifier when it wants a clean session, and simple devices and mosquitto_pub do. MQTTnet refuses it,
// and gives identifiers of its own only to MQTT 5 clients, so the first packet of a connection is given one before the server sees it. The identifier of a client
// with an account is made the account's own there too; and a connection that does not say CONNECT in time ends.
internal sealed class NamelessClients(IMqttServerAdapter inner, TimeSpan connectMax, TimeProvider timers) : IMqttServerAdapter
{
    public Func<IMqttChannelAdapter, Task> ClientHandler { get; set; } = _ => Task.CompletedTask;

    public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger)
    {
        inner.ClientHandler = async connection =>
        {
            using var named = new NamedConnection(connection, connectMax, timers);
            await ClientHandler(named).ConfigureAwait(false);
        };
        return inner.StartAsync(options, logger);
    }

    public Task StopAsync() => inner.StopAsync();

    public void Dispose() => inner.Dispose();

    /// <summary>An identifier that no other connection has.</summary>
    public static string NewName() => "auto-" + Guid.CreateVersion7().ToString("N");

    private sealed class NamedConnection(IMqttChannelAdapter connection, TimeSpan connectMax, TimeProvider timers) : IMqttChannelAdapter
    {
        private bool seen;

        public long BytesReceived => connection.BytesReceived;

        public long BytesSent => connection.BytesSent;

        public X509Certificate2 ClientCertificate => connection.ClientCertificate;

        public EndPoint RemoteEndPoint => connection.RemoteEndPoint;

        public EndPoint LocalEndPoint => connection.LocalEndPoint;

        public bool IsSecureConnection => connection.IsSecureConnection;

        public MqttPacketFormatterAdapter PacketFormatterAdapter => connection.PacketFormatterAdapter;

        public Task ConnectAsync(CancellationToken cancellationToken) => connection.ConnectAsync(cancellationToken);

        public Task DisconnectAsync(CancellationToken cancellationToken) => connection.DisconnectAsync(cancellationToken);

        public Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken) =>
            seen ? connection.ReceivePacketAsync(cancellationToken) : ReceiveFirstAsync(cancellationToken);

        public void ResetStatistics() => connection.ResetStatistics();

        public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken) => connection.SendPacketAsync(packet, cancellationToken);

        // The handler that made the connection disposes it.
        public void Dispose()
        {
        }

        private async Task<MqttPacket> ReceiveFirstAsync(CancellationToken cancellationToken)
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            MqttPacket packet;
            await using (timers.CreateTimer(_ => late.Cancel(), null, connectMax, Timeout.InfiniteTimeSpan).ConfigureAwait(false))
            {
                packet = await connection.ReceivePacketAsync(late.Token).ConfigureAwait(false);
            }

            seen = true;
            if (packet is not MqttConnectPacket connect)
            {
                return packet;
            }

            if (connect.CleanSession && string.IsNullOrEmpty(connect.ClientId) && connection.PacketFormatterAdapter.ProtocolVersion != MqttProtocolVersion.V500)
            {
                connect.ClientId = NewName();
            }

            if (!string.IsNullOrEmpty(connect.ClientId))
            {
                connect.ClientId = Clients.IdOf(connect.Username, connect.ClientId);
            }

            return packet;
        }
    }
}
