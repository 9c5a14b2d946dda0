using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Pushing;

/// <summary>Sends frames to observers in order, one at a time each: the runtime lets one-way calls overtake each other, and an overtaken frame looks like a lost one.
/// A dead observer holds up nobody but itself. Lives in the owner's scheduler, so it needs no locks.</summary>
internal sealed class FramePumps(int waitingMax)
{
    private readonly Dictionary<IAreaObserver, Queue<AreaFrame>> _waiting = [];

    /// <summary>Frames that did not reach their observer: not answered, or too many waiting.</summary>
    public long LostCount { get; private set; }

    public void Send(IAreaObserver observer, AreaFrame frame)
    {
        if (!_waiting.TryGetValue(observer, out var queue))
        {
            _waiting[observer] = queue = new();
            _ = PumpAsync(observer, frame, queue);
        }
        else if (queue.Count < waitingMax)
        {
            queue.Enqueue(frame);
        }
        else
        {
            LostCount++;
        }
    }

    private async Task PumpAsync(IAreaObserver observer, AreaFrame frame, Queue<AreaFrame> queue)
    {
        try
        {
            await observer.ShowAsync(frame);
            while (queue.TryDequeue(out var next))
            {
                await observer.ShowAsync(next);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The observer sees the gap and asks again, or is gone and its lease ends.
            LostCount += 1 + queue.Count;
        }
        finally
        {
            _waiting.Remove(observer);
        }
    }
}
