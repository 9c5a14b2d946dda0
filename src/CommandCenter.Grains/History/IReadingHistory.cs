using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.History;

/// <summary>The engine behind <see cref="IReadingHistoryGrain"/>; a border because DuckDB and InfluxDB replace each other. Same promises as the grain.</summary>
internal interface IReadingHistory
{
    Task AppendAsync(IngestBatch batch, CancellationToken cancellation = default);
    Task<Page<HistoryPoint>> ReadRawAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, int limit, string? cursor, CancellationToken cancellation = default);
    Task<Page<HistoryInterval>> ReadEveryAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, TimeSpan every, int limit, string? cursor, CancellationToken cancellation = default);
    Task<HistoryImport> ImportAsync(ImmutableArray<Reading> readings, CancellationToken cancellation = default);
    IAsyncEnumerable<IngestBatch> ReadArrivalsAsync(AreaId street, DateTimeOffset receivedFrom, CancellationToken cancellation = default);
    IAsyncEnumerable<IngestBatch> ReadPastAsync(
        AreaId street, ImmutableArray<DeviceId> devices, ImmutableArray<QuantityId> quantities, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation = default);
}
