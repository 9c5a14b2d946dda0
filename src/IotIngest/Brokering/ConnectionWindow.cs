using System.Collections;

namespace IotIngest.Brokering;

/// <summary>The unacknowledged publishes of one connection. A new connection has a new window, also when it takes over the session of an old one.</summary>
internal sealed class ConnectionWindow(string clientId, int countMax, IDictionary session, CancellationToken connection)
{
    private readonly Lock gate = new();
    private int unacknowledged;
    private long heldSince;
    private TaskCompletionSource? room;

    /// <summary>The connection's own token: what tells it from every other one.</summary>
    public CancellationToken Connection { get; } = connection;

    public string ClientId { get; } = clientId;

    /// <summary>When the publish was taken whose acknowledgement is held back right now; 0: none is.</summary>
    public long HeldSince
    {
        get => Volatile.Read(ref heldSince);
        set => Volatile.Write(ref heldSince, value);
    }

    /// <summary>The session's items, where the window of its current connection stands.</summary>
    public IDictionary Session { get; } = session;

    public int Unacknowledged => Volatile.Read(ref unacknowledged);

    /// <summary>A commit stalled: nothing of this connection is taken or acknowledged any more.</summary>
    public bool IsClosed { get; private set; }

    public void Enter()
    {
        lock (gate)
        {
            unacknowledged++;
        }
    }

    public void Leave()
    {
        TaskCompletionSource? granted;
        lock (gate)
        {
            unacknowledged--;
            granted = room;
            room = null;
        }

        granted?.TrySetResult();
    }

    public void Close()
    {
        TaskCompletionSource? granted;
        lock (gate)
        {
            IsClosed = true;
            granted = room;
            room = null;
        }

        granted?.TrySetResult();
    }

    /// <summary>Ends when one more publish may be read.</summary>
    public ValueTask WaitForRoomAsync()
    {
        lock (gate)
        {
            return unacknowledged < countMax || IsClosed ? ValueTask.CompletedTask : new(WaitAsync());
        }
    }

    private async Task WaitAsync()
    {
        while (true)
        {
            Task signal;
            lock (gate)
            {
                if (unacknowledged < countMax || IsClosed)
                {
                    return;
                }

                signal = (room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await signal.WaitAsync(Connection).ConfigureAwait(false);
        }
    }
}
