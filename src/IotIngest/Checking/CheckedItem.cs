using CommandCenter.Grains.Contracts;

namespace IotIngest.Checking;

/// <summary>What is left of one decoded item after every check. One instance per thread is used again and again.</summary>
internal sealed class CheckedItem
{
    private Reading[] readings = new Reading[32];
    private int count;

    /// <summary>Older than 24 h: the readings are for history only.</summary>
    public bool Late { get; set; }
    public DeviceEvent? Event { get; set; }
    public DevicePosition? Position { get; set; }
    public DeviceStatus? Status { get; set; }
    public bool HasOccurrence => Event is not null || Position is not null || Status is not null;
    public ReadOnlySpan<Reading> Readings => readings.AsSpan(0, count);

    public void Clear()
    {
        count = 0;
        Late = false;
        (Event, Position, Status) = (null, null, null);
    }

    public void Add(in Reading reading)
    {
        if (count == readings.Length)
        {
            Array.Resize(ref readings, count * 2);
        }

        readings[count++] = reading;
    }
}

/// <summary>Where refusals go: the ledger, or the answer of a trial.</summary>
internal interface IRefusals
{
    void Refuse(RejectionReason reason, string detail);
}
