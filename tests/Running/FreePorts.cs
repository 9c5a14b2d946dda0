using System.Net;
using System.Net.Sockets;

namespace Running;

/// <summary>Ports for programs under test.</summary>
internal static class FreePorts
{
    /// <summary>A port that was free a moment ago. It lies below those that the system gives out by itself: one of those may belong to a connection, or to the silo of the same program,
    /// before the program listens on it.</summary>
    public static int Next()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 29_900));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Somebody has it; the next one is another.
            }
        }
    }
}
