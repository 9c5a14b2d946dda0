using IotIngest.Receiving;
using MQTTnet.Packets;

namespace IotIngest.Brokering;

/// <summary>Rides on a PUBACK or PUBREC from the publish to the moment it would be sent, and holds it until the message's commit. The broker hands the list of user properties
/// from the publish's answer to that very packet and writes nothing for an empty one, so the packet itself knows what it waits for: no table by packet id, and no doubt
/// whose packet it is when a client comes back under the same name.</summary>
internal sealed class CommitTicket(ConnectionWindow window, JournalBatch batch, long takenTimestamp) : List<MqttUserProperty>(0)
{
    public ConnectionWindow Window { get; } = window;
    public JournalBatch Batch { get; } = batch;
    public long TakenTimestamp { get; } = takenTimestamp;
}
