using System.Collections.Immutable;

namespace CommandCenter.Grains.Storing;

/// <summary>Every version of every rule.</summary>
internal sealed class RuleStore(OperationsDatabase database) : IRuleStore
{
    private readonly DocumentShelf shelf = new(database, "rule");

    public Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation = default) => shelf.LoadNewestAsync(cancellation);

    public Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation = default) => shelf.SaveAsync(document, audit, cancellation);
}
