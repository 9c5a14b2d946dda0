using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>Versioned documents of one kind. A version once stored is never changed.</summary>
internal sealed class DocumentShelf(OperationsDatabase database, string shelf)
{
    public Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation) =>
        database.ReadAsync(
            async (context, token) =>
            {
                var rows = await context.Documents
                    .Where(row => row.Shelf == shelf)
                    .Where(row => !context.Documents.Any(newer => newer.Shelf == shelf && newer.Id == row.Id && newer.Version > row.Version))
                    .OrderBy(row => row.Id)
                    .ToListAsync(token);
                return rows.Select(Read).ToImmutableArray();
            },
            cancellation);

    public Task<StoredDocument?> FindAsync(string id, int version, CancellationToken cancellation) =>
        database.ReadAsync(
            async (context, token) => await context.Documents.SingleOrDefaultAsync(row => row.Shelf == shelf && row.Id == id && row.Version == version, token) is { } row ? Read(row) : null,
            cancellation);

    /// <summary>Throws when the version is already there.</summary>
    public Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation)
    {
        var row = Row(shelf, document);
        return database.WriteAsync(
            async (context, token) =>
            {
                if (await context.UpsertAsync([row], WhenThere.Keep, token) == 0)
                {
                    throw new InvalidOperationException($"Version {document.Version} of {shelf} {document.Id} is already stored.");
                }

                await AuditStore.WriteAsync(context, [audit], token);
            },
            cancellation);
    }

    /// <summary>Every version of one document, the newest first.</summary>
    public Task<ImmutableArray<StoredDocument>> LoadVersionsAsync(string id, CancellationToken cancellation) =>
        database.ReadAsync<ImmutableArray<StoredDocument>>(
            async (context, token) =>
                [.. (await context.Documents.Where(row => row.Shelf == shelf && row.Id == id).OrderByDescending(row => row.Version).ToListAsync(token)).Select(Read)],
            cancellation);

    public static DocumentRow Row(string shelf, StoredDocument document) => new()
    {
        Shelf = shelf, Id = document.Id, Version = document.Version, Document = document.Json, At = document.At, By = document.By, ByName = document.ByName, Why = document.Why,
    };

    private static StoredDocument Read(DocumentRow row) => new(row.Id, row.Version, row.Document, row.At, row.By) { ByName = row.ByName, Why = row.Why };
}
