using System.Net;
using IotIngest.Hosting;

namespace IotIngest.Brokering;

/// <summary>One connection at the gate.</summary>
internal sealed class GateTicket(IPAddress address, Action abort)
{
    public IPAddress Address { get; } = address;
    public Action Abort { get; } = abort;

    /// <summary>Its CONNECT was accepted.</summary>
    public bool Accepted { get; set; }
    public LinkedListNode<GateTicket>? Waiting { get; set; }
}

/// <summary>Who may knock, before a byte is read: so many connections of one address, so many new ones in a second, and so few that have not yet said who they are. Where those are too many, the one that
/// is silent longest makes room: a client that says CONNECT at once gets through beside a stranger that opens thousands.</summary>
internal sealed class ConnectionGate(BrokerOptions options, IngestMetrics metrics, TimeProvider timers)
{
    /// <summary>Addresses remembered beside those that are connected; more are swept out.</summary>
    private const int QuietAddressesMax = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, AddressCounts> addresses = [];
    private readonly Dictionary<(EndPoint Remote, EndPoint? Local), GateTicket> tickets = [];

    /// <summary>Connections at this moment.</summary>
    public int Open
    {
        get
        {
            lock (gate)
            {
                return tickets.Count;
            }
        }
    }

    /// <summary>Null: the connection is to be closed.</summary>
    public GateTicket? TryEnter(EndPoint remote, EndPoint? local, Action abort)
    {
        var address = NetworkOf(remote);
        GateTicket? oldest = null;
        GateTicket ticket;
        lock (gate)
        {
            var counts = CountsOf(address);
            if (!counts.TakeToken(options.ConnectsPerSecondMax, timers) || counts.Open >= options.ConnectionsPerAddressMax)
            {
                metrics.CountRefusedConnection();
                return null;
            }

            if (counts.Waiting.Count >= options.UnnamedPerAddressMax)
            {
                oldest = counts.Waiting.First!.Value;
                StopWaiting(counts, oldest);
            }

            counts.Open++;
            ticket = new GateTicket(address, abort);
            ticket.Waiting = counts.Waiting.AddLast(ticket);
            tickets[(remote, local)] = ticket;
        }

        if (oldest is not null)
        {
            metrics.CountRefusedConnection();
            oldest.Abort();
        }

        return ticket;
    }

    /// <summary>The connection has said who it is, and may stay.</summary>
    public void Accept(EndPoint? remote, EndPoint? local)
    {
        lock (gate)
        {
            if (remote is not null && tickets.TryGetValue((remote, local), out var ticket))
            {
                ticket.Accepted = true;
                StopWaiting(addresses[ticket.Address], ticket);
            }
        }
    }

    public void Leave(EndPoint remote, EndPoint? local)
    {
        lock (gate)
        {
            if (tickets.Remove((remote, local), out var ticket))
            {
                var counts = addresses[ticket.Address];
                counts.Open--;
                StopWaiting(counts, ticket);
            }
        }
    }

    /// <summary>What counts as one address: of IPv6 the network, because a host has as many addresses there as it likes.</summary>
    internal static IPAddress NetworkOf(EndPoint remote)
    {
        if (remote is not IPEndPoint { Address: var address })
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private static void StopWaiting(AddressCounts counts, GateTicket ticket)
    {
        if (ticket.Waiting is { } place)
        {
            counts.Waiting.Remove(place);
            ticket.Waiting = null;
        }
    }

    private AddressCounts CountsOf(IPAddress address)
    {
        if (addresses.TryGetValue(address, out var counts))
        {
            return counts;
        }

        if (addresses.Count >= QuietAddressesMax + tickets.Count)
        {
            foreach (var quiet in addresses.Where(entry => entry.Value.Open == 0).Select(entry => entry.Key).ToList())
            {
                addresses.Remove(quiet);
            }
        }

        return addresses[address] = new AddressCounts(timers.GetTimestamp(), options.ConnectsPerSecondMax * 2);
    }

    private sealed class AddressCounts(long since, double tokens)
    {
        private long filledAt = since;
        private double tokensLeft = tokens;

        public int Open { get; set; }
        public LinkedList<GateTicket> Waiting { get; } = [];

        /// <summary>A bucket that holds two seconds of connections.</summary>
        public bool TakeToken(int perSecond, TimeProvider timers)
        {
            tokensLeft = Math.Min(perSecond * 2, tokensLeft + (timers.GetElapsedTime(filledAt).TotalSeconds * perSecond));
            filledAt = timers.GetTimestamp();
            if (tokensLeft < 1)
            {
                return false;
            }

            tokensLeft--;
            return true;
        }
    }
}
