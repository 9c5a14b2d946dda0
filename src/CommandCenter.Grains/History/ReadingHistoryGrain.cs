using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using Orleans.Concurrency;

namespace CommandCenter.Grains.History;

/// <summary>The door to the one writer of the history. It holds no state of its own, so its calls interleave: the writer turns those that wait together into one commit.</summary>
[Reentrant]
internal sealed class ReadingHistoryGrain(IReadingHistory history) : Grain, IReadingHistoryGrain
{
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // The file is locked by whoever has it open; another silo may be the next to serve it.
        if (history is DuckDbHistory file)
        {
            await file.CloseAsync();
        }
    }

    public Task AppendAsync(IngestBatch batch) => history.AppendAsync(batch);

    public Task<Page<HistoryPoint>> ReadRawAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, int limit, string? cursor) =>
        history.ReadRawAsync(device, quantity, from, to, limit, cursor);

    public Task<Page<HistoryInterval>> ReadEveryAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, TimeSpan every, int limit, string? cursor) =>
        history.ReadEveryAsync(device, quantity, from, to, every, limit, cursor);

    public Task<HistoryImport> ImportAsync(ImmutableArray<Reading> readings) => history.ImportAsync(readings);

    public IAsyncEnumerable<IngestBatch> ReadArrivalsAsync(AreaId street, DateTimeOffset receivedFrom) => history.ReadArrivalsAsync(street, receivedFrom);

    public IAsyncEnumerable<IngestBatch> ReadPastAsync(AreaId street, ImmutableArray<DeviceId> devices, ImmutableArray<QuantityId> quantities, DateTimeOffset from, DateTimeOffset to) =>
        history.ReadPastAsync(street, devices, quantities, from, to);
}
