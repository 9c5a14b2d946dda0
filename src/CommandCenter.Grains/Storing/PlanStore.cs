using System.Collections.Immutable;

namespace CommandCenter.Grains.Storing;

/// <summary>Every version of every plan; an incident goes on by the version with which it was dispatched.</summary>
internal sealed class PlanStore(OperationsDatabase database) : IPlanStore
{
    private readonly DocumentShelf shelf = new(database, "plan");

    public Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation = default) => shelf.LoadNewestAsync(cancellation);

    public Task<StoredDocument?> FindAsync(string id, int version, CancellationToken cancellation = default) => shelf.FindAsync(id, version, cancellation);

    public Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation = default) => shelf.SaveAsync(document, audit, cancellation);
}
