using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Storing;

/// <summary>What ingest refused: bounded samples, complete totals, and the devices that wait to be registered.</summary>
internal sealed partial class LedgerStore(OperationsDatabase database, IOptions<StoringOptions> options) : ILedgerStore
{
    private const string RejectionsList = "rejections";
    private const string UnregisteredList = "unregistered";

    private static readonly WhenThere KeepById = new("DO NOTHING", "id");
    private static readonly WhenThere Add = new("""DO UPDATE SET "count" = "rejection_totals"."count" + excluded."count" """);

    /// <summary>Reports of several nodes may come out of order, so the newest payload is told by its time and not by its arrival.</summary>
    private static readonly WhenThere AddSighting = new("""
        DO UPDATE SET "count" = "unregistered"."count" + excluded."count",
            "first_seen_at" = CASE WHEN excluded."first_seen_at" < "unregistered"."first_seen_at" THEN excluded."first_seen_at" ELSE "unregistered"."first_seen_at" END,
            "last_topic" = CASE WHEN excluded."last_seen_at" >= "unregistered"."last_seen_at" THEN excluded."last_topic" ELSE "unregistered"."last_topic" END,
            "last_payload" = CASE WHEN excluded."last_seen_at" >= "unregistered"."last_seen_at" THEN excluded."last_payload" ELSE "unregistered"."last_payload" END,
            "suggestion" = CASE WHEN excluded."last_seen_at" >= "unregistered"."last_seen_at" THEN excluded."suggestion" ELSE "unregistered"."suggestion" END,
            "last_seen_at" = CASE WHEN excluded."last_seen_at" >= "unregistered"."last_seen_at" THEN excluded."last_seen_at" ELSE "unregistered"."last_seen_at" END
        """);

    public Task AppendAsync(LedgerReport report, CancellationToken cancellation = default)
    {
        var rejectionsMax = options.Value.RejectionsMax;
        var unregisteredMax = options.Value.UnregisteredMax;
        var rejections = report.Rejections.DistinctBy(rejection => rejection.Id).TakeLast(rejectionsMax).Select(Row).ToList();
        var totals = report.Counts.Where(count => count.Value != 0).OrderBy(count => count.Key)
            .Select(count => new RejectionTotalRow { Reason = count.Key, Count = count.Value }).ToList();
        var unregistered = report.Unregistered.GroupBy(device => (device.Format, device.Key)).Select(Sum)
            .OrderBy(row => row.Format, StringComparer.Ordinal).ThenBy(row => row.Key, StringComparer.Ordinal).ToList();
        return database.WriteAsync(
            async (context, token) =>
            {
                await context.UpsertAsync(totals, Add, token);
                await KeepMessagesAsync(context, report, token);
                await NoteClocksAsync(context, report.Clocks, token);
                if (await context.UpsertAsync(rejections, KeepById, token) > 0)
                {
                    await using var cut = context.Command(string.Create(CultureInfo.InvariantCulture, $"""
                        DELETE FROM "rejections" WHERE "seq" <= (SELECT "seq" FROM "rejections" ORDER BY "seq" DESC LIMIT 1 OFFSET {rejectionsMax})
                        """));
                    await cut.ExecuteNonQueryAsync(token);
                }

                if (await context.UpsertAsync(unregistered, AddSighting, token) > 0)
                {
                    await using var cut = context.Command(string.Create(CultureInfo.InvariantCulture, $"""
                        DELETE FROM "unregistered" WHERE ("last_seen_at", "format", "key") <=
                            (SELECT "last_seen_at", "format", "key" FROM "unregistered" ORDER BY "last_seen_at" DESC, "format" DESC, "key" DESC LIMIT 1 OFFSET {unregisteredMax})
                        """));
                    await cut.ExecuteNonQueryAsync(token);
                }
            },
            cancellation);
    }

    public Task<RejectionList> ListRejectionsAsync(int limit, string? cursor, CancellationToken cancellation = default) =>
        QueryRejectionsAsync(new RejectionQuery { Limit = limit, Cursor = cursor }, cancellation);

    public Task<RejectionList> QueryRejectionsAsync(RejectionQuery query, CancellationToken cancellation = default)
    {
        Cursor.CheckLimit(query.Limit);
        var after = Cursor.Read(RejectionsList, query.Cursor);
        return database.ReadAsync(
            async (context, token) =>
            {
                var matching = Matching(context, query);
                var rows = after is { } place ? matching.Where(row => row.Seq < place.Number) : matching;
                var found = await rows.OrderByDescending(row => row.Seq).Take(query.Limit + 1).ToListAsync(token);
                var totals = await context.RejectionTotals.ToListAsync(token);
                var page = Cursor.Cut(RejectionsList, found, query.Limit, Read, row => new Cursor(row.Seq, string.Empty));
                return new RejectionList
                {
                    Items = page.Items,
                    Next = page.Next,
                    ByReason = totals.ToImmutableSortedDictionary(total => JsonNamingPolicy.SnakeCaseLower.ConvertName(total.Reason.ToString()), total => total.Count, StringComparer.Ordinal),
                    Total = totals.Sum(total => total.Count),
                    KeptMessages = await matching.Where(row => row.Message != null).Select(row => row.Message).Distinct().LongCountAsync(token),
                };
            },
            cancellation);
    }

    /// <summary>The latest to appear first; the order of those already there does not change while they speak on.</summary>
    public Task<Page<UnregisteredDevice>> ListUnregisteredAsync(int limit, string? cursor, CancellationToken cancellation = default)
    {
        Cursor.CheckLimit(limit);
        var after = Cursor.Read(UnregisteredList, cursor);
        return database.ReadAsync(
            async (context, token) =>
            {
                IQueryable<UnregisteredRow> rows = context.Unregistered;
                if (after is { } place)
                {
                    var split = place.Text.IndexOf('\n', StringComparison.Ordinal);
                    var (format, key) = (place.Text[..Math.Max(split, 0)], place.Text[(split + 1)..]);
                    rows = rows.Before(place.At, format, key, row => row.FirstSeenAt, row => row.Format, row => row.Key);
                }

                var found = await rows.OrderByDescending(row => row.FirstSeenAt).ThenByDescending(row => row.Format).ThenByDescending(row => row.Key).Take(limit + 1).ToListAsync(token);
                return Cursor.Cut(UnregisteredList, found, limit, Read, row => new Cursor(row.FirstSeenAt.ToUnixTimeMilliseconds(), $"{row.Format}\n{row.Key}"));
            },
            cancellation);
    }

    public Task ForgetUnregisteredAsync(string format, string key, CancellationToken cancellation = default)
    {
        var (storedFormat, storedKey) = (Upserts.Storable(format), Upserts.Storable(key));
        return database.WriteAsync(
            (context, token) => context.Unregistered.Where(row => row.Format == storedFormat && row.Key == storedKey).ExecuteDeleteAsync(token), cancellation);
    }

    private static UnregisteredRow Sum(IEnumerable<UnregisteredDevice> sightings)
    {
        var all = sightings.ToList();
        var newest = all.MaxBy(device => device.LastSeenAt)!;
        return new()
        {
            Format = newest.Format,
            Key = newest.Key,
            Count = all.Sum(device => device.Count),
            FirstSeenAt = all.Min(device => device.FirstSeenAt),
            LastSeenAt = newest.LastSeenAt,
            LastTopic = newest.LastTopic,
            LastPayload = newest.LastPayload,
            Suggestion = newest.Suggestion is null ? null : Documents.Write(newest.Suggestion),
        };
    }

    private static RejectionRow Row(Rejection rejection) => new()
    {
        Id = rejection.Id,
        At = rejection.At,
        Topic = rejection.Topic,
        Format = rejection.Format,
        Device = rejection.Device,
        Reason = rejection.Reason,
        Detail = rejection.Detail,
        Bytes = rejection.Bytes,
        Size = rejection.Size,
        Message = rejection.Message,
    };

    private static Rejection Read(RejectionRow row) => new()
    {
        Id = row.Id,
        At = row.At,
        Topic = row.Topic,
        Format = row.Format,
        Device = row.Device,
        Reason = row.Reason,
        Detail = row.Detail,
        Bytes = row.Bytes,
        Size = row.Size,
        Message = row.Message,
    };

    private static UnregisteredDevice Read(UnregisteredRow row) => new()
    {
        Format = row.Format,
        Key = row.Key,
        Count = row.Count,
        FirstSeenAt = row.FirstSeenAt,
        LastSeenAt = row.LastSeenAt,
        LastTopic = row.LastTopic,
        LastPayload = row.LastPayload,
        Suggestion = row.Suggestion is null ? null : Documents.Read<DeviceRegistration>(row.Suggestion),
    };
}
