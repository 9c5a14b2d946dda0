using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>The rule book: every version of every rule, and on shelves beside them the proposals, signatures and shadow runs, so that one act is one transaction.</summary>
internal sealed class RuleBookStore(OperationsDatabase database) : IRuleBookStore
{
    public Task<ImmutableArray<StoredDocument>> LoadNewestAsync(RuleShelf shelf, CancellationToken cancellation = default) => Shelf(shelf).LoadNewestAsync(cancellation);

    public Task<ImmutableArray<StoredDocument>> LoadVersionsAsync(RuleId rule, CancellationToken cancellation = default) =>
        Shelf(RuleShelf.Rules).LoadVersionsAsync(rule.Value, cancellation);

    public Task<StoredDocument?> FindVersionAsync(RuleId rule, int version, CancellationToken cancellation = default) =>
        Shelf(RuleShelf.Rules).FindAsync(rule.Value, version, cancellation);

    public Task<bool> CommitAsync(
        IReadOnlyList<(RuleShelf Shelf, StoredDocument Document)> documents, IReadOnlyList<AuditRow> audit, CancellationToken cancellation = default)
    {
        var rows = documents.Select(document => DocumentShelf.Row(Name(document.Shelf), document.Document)).ToList();
        return database.WriteAsync(
            async (context, token) =>
            {
                if (await context.UpsertAsync(rows, WhenThere.Keep, token) < rows.Count)
                {
                    await context.Database.RollbackTransactionAsync(token);
                    return false;
                }

                await AuditStore.WriteAsync(context, audit, token);
                return true;
            },
            cancellation);
    }

    public Task<ImmutableArray<WarningView>> LoadWarningsAsync(
        RuleId rule, DateTimeOffset from, DateTimeOffset to, int limit, Actor actor, CancellationToken cancellation = default) =>
        database.ReadAsync<ImmutableArray<WarningView>>(
            async (context, token) => [.. (await context.Warnings.SeenBy(actor)
                .Where(row => row.Rule == rule.Value && row.RaisedAt != null && row.RaisedAt < to && (row.ClearedAt == null || row.ClearedAt >= from))
                .OrderBy(row => row.RaisedAt).ThenBy(row => row.Id).Take(limit)
                .Select(row => row.Document).ToListAsync(token)).Select(Documents.Read<WarningView>)],
            cancellation);

    private DocumentShelf Shelf(RuleShelf shelf) => new(database, Name(shelf));

    private static string Name(RuleShelf shelf) => shelf switch
    {
        RuleShelf.Rules => "rule",
        RuleShelf.Proposals => "rule-proposal",
        RuleShelf.Signatures => "rule-signature",
        RuleShelf.Shadows => "rule-shadow",
        _ => throw new ArgumentOutOfRangeException(nameof(shelf), shelf, null),
    };
}
