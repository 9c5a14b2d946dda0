using System.Collections.Immutable;

namespace CommandCenter.Grains.Storing;

/// <summary>Official documents by sender and identifier; each is one version, for an update is a document of its own.</summary>
internal sealed class CapStore(OperationsDatabase database) : ICapStore
{
    private readonly DocumentShelf shelf = new(database, "cap");

    public Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation = default) => shelf.LoadNewestAsync(cancellation);

    public Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation = default) => shelf.SaveAsync(document, audit, cancellation);
}
