using System.Collections.Immutable;

namespace CommandCenter.Grains.Storing;

/// <summary>Every version of every maintenance window.</summary>
internal sealed class MaintenanceStore(OperationsDatabase database) : IMaintenanceStore
{
    private readonly DocumentShelf shelf = new(database, "maintenance");

    public Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation = default) => shelf.LoadNewestAsync(cancellation);

    public Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation = default) => shelf.SaveAsync(document, audit, cancellation);
}
