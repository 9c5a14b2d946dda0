using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

// Refused messages kept whole, what became of them when they were decoded again, and the devices whose clocks are wrong.
internal sealed partial class LedgerStore
{
    private const string KeptList = "kept";
    private const int BytesShownMax = 4_096;

    /// <summary>A device that was right for this long begins a new time of error.</summary>
    private const long ClockGapMs = 6 * 3_600_000;

    /// <summary>A device that brings a backlog is behind for a message or two and then right; one whose clock is behind stays so.</summary>
    private const int BehindCountMin = 3;

    private static readonly WhenThere AddClock = new(string.Create(CultureInfo.InvariantCulture, $"""
        DO UPDATE SET
            "since_at" = CASE WHEN excluded."since_at" - "wrong_clocks"."last_at" > {ClockGapMs} OR (excluded."offset_ms" > 0) <> ("wrong_clocks"."offset_ms" > 0) THEN excluded."since_at" ELSE "wrong_clocks"."since_at" END,
            "count" = CASE WHEN excluded."since_at" - "wrong_clocks"."last_at" > {ClockGapMs} OR (excluded."offset_ms" > 0) <> ("wrong_clocks"."offset_ms" > 0) THEN excluded."count" ELSE "wrong_clocks"."count" + excluded."count" END,
            "offset_ms" = excluded."offset_ms",
            "last_at" = excluded."last_at"
        """));

    public Task<Page<KeptMessage>> LoadKeptAsync(RejectionQuery query, CancellationToken cancellation = default)
    {
        Cursor.CheckLimit(query.Limit);
        var after = Cursor.Read(KeptList, query.Cursor);
        return database.ReadAsync(
            async (context, token) =>
            {
                var wanted = Matching(context, query).Where(row => row.Message != null).Select(row => row.Message);
                var rows = context.KeptMessages.Where(message => wanted.Contains(message.Id));
                if (after is { } place)
                {
                    rows = rows.Where(message => message.Seq > place.Number);
                }

                var found = await rows.OrderBy(message => message.Seq).Take(query.Limit + 1).ToListAsync(token);
                return Cursor.Cut(KeptList, found, query.Limit, Read, row => new Cursor(row.Seq, string.Empty));
            },
            cancellation);
    }

    /// <summary>A message keeps its place in the list: its rejections get the new reasons one by one, what is left over goes, and a message without any goes with them.</summary>
    public Task SettleKeptAsync(ImmutableArray<KeptOutcome> outcomes, CancellationToken cancellation = default) =>
        outcomes.IsDefaultOrEmpty ? Task.CompletedTask : database.WriteAsync(
            async (context, token) =>
            {
                foreach (var outcome in outcomes)
                {
                    if (outcome.Refusals.IsDefaultOrEmpty)
                    {
                        await context.Rejections.Where(row => row.Message == outcome.Message).ExecuteDeleteAsync(token);
                        await context.KeptMessages.Where(row => row.Id == outcome.Message).ExecuteDeleteAsync(token);
                        continue;
                    }

                    await ReplaceReasonsAsync(context, outcome, token);
                }
            },
            cancellation);

    public Task<ImmutableArray<WrongClock>> ListWrongClocksAsync(int limit, CancellationToken cancellation = default) => database.ReadAsync(
        async (context, token) =>
        {
            var rows = await context.WrongClocks.Where(row => row.OffsetMs > 0 || row.Count >= BehindCountMin).OrderByDescending(row => row.OffsetMs < 0 ? -row.OffsetMs : row.OffsetMs).ThenBy(row => row.Device).Take(limit).ToListAsync(token);
            return rows.Select(row => new WrongClock(new(row.Device), row.OffsetMs, row.SinceAt, row.LastAt, row.Count)).ToImmutableArray();
        },
        cancellation);

    private static IQueryable<RejectionRow> Matching(OperationsContext context, RejectionQuery query)
    {
        IQueryable<RejectionRow> rows = context.Rejections;
        if (!query.Reasons.IsDefaultOrEmpty)
        {
            var reasons = query.Reasons.ToArray();
            rows = rows.Where(row => reasons.Contains(row.Reason));
        }

        if (!query.Devices.IsDefaultOrEmpty)
        {
            var devices = query.Devices.Select(Upserts.Storable).ToArray();
            rows = rows.Where(row => row.Device != null && devices.Contains(row.Device));
        }

        if (query.Format is { } format)
        {
            rows = rows.Where(row => row.Format == format);
        }

        if (!query.Ids.IsDefaultOrEmpty)
        {
            var ids = query.Ids.Select(Upserts.Storable).ToArray();
            rows = rows.Where(row => ids.Contains(row.Id));
        }

        if (query.From is { } from)
        {
            rows = rows.Where(row => row.At >= from);
        }

        if (query.To is { } to)
        {
            rows = rows.Where(row => row.At < to);
        }

        return rows;
    }

    private static async Task ReplaceReasonsAsync(OperationsContext context, KeptOutcome outcome, CancellationToken token)
    {
        var rows = await context.Rejections.AsNoTracking().Where(row => row.Message == outcome.Message).OrderBy(row => row.Seq).ToListAsync(token);
        var message = await context.KeptMessages.AsNoTracking().SingleOrDefaultAsync(row => row.Id == outcome.Message, token);
        if (rows.Count == 0 || message is null)
        {
            // The list has forgotten it meanwhile.
            return;
        }

        for (var i = 0; i < Math.Min(rows.Count, outcome.Refusals.Length); i++)
        {
            var (seq, refusal) = (rows[i].Seq, outcome.Refusals[i]);
            var (detail, device, format) = (Upserts.Storable(refusal.Detail), refusal.Device is null ? null : Upserts.Storable(refusal.Device), refusal.Format);
            await context.Rejections.Where(row => row.Seq == seq).ExecuteUpdateAsync(
                row => row.SetProperty(found => found.Reason, refusal.Reason).SetProperty(found => found.Detail, detail)
                    .SetProperty(found => found.Device, device).SetProperty(found => found.Format, format),
                token);
        }

        var surplus = rows.Skip(outcome.Refusals.Length).Select(row => row.Seq).ToArray();
        if (surplus.Length > 0)
        {
            await context.Rejections.Where(row => surplus.Contains(row.Seq)).ExecuteDeleteAsync(token);
        }

        var added = outcome.Refusals.Skip(rows.Count).Select((refusal, i) => new RejectionRow
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{outcome.Message}~{rows.Count + i}"),
            At = message.At,
            Topic = message.Topic,
            Format = refusal.Format,
            Device = refusal.Device,
            Reason = refusal.Reason,
            Detail = refusal.Detail,
            Bytes = message.Payload.Length <= BytesShownMax ? message.Payload : message.Payload[..BytesShownMax],
            Size = message.Payload.Length,
            Message = message.Id,
        }).ToList();
        await context.UpsertAsync(added, KeepById, token);
    }

    private async Task KeepMessagesAsync(OperationsContext context, LedgerReport report, CancellationToken token)
    {
        if (report.Messages.IsDefaultOrEmpty)
        {
            return;
        }

        var rows = report.Messages.DistinctBy(message => message.Id).Select(message => new KeptMessageRow
        {
            Id = message.Id, At = message.At, Topic = message.Topic, Format = message.Format, Retained = message.Retained, Size = message.Payload.Length, Payload = message.Payload,
        }).ToList();
        if (await context.UpsertAsync(rows, KeepById, token) == 0)
        {
            return;
        }

        // The newest stay, as many as both bounds allow. A rejection whose message went can be read, and no longer decoded.
        var (count, bytes) = (options.Value.KeptMessagesMax, options.Value.KeptBytesMax);
        await using var cut = context.Command(string.Create(CultureInfo.InvariantCulture, $"""
            DELETE FROM "kept_messages" WHERE "seq" IN (SELECT "seq" FROM (
                SELECT "seq", SUM("size") OVER (ORDER BY "seq" DESC) AS "bytes", ROW_NUMBER() OVER (ORDER BY "seq" DESC) AS "place" FROM "kept_messages") AS "kept"
                WHERE "bytes" > {bytes} OR "place" > {count})
            """));
        if (await cut.ExecuteNonQueryAsync(token) > 0)
        {
            await using var forget = context.Command("""
                UPDATE "rejections" SET "message" = NULL WHERE "message" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kept_messages" WHERE "id" = "rejections"."message")
                """);
            await forget.ExecuteNonQueryAsync(token);
        }
    }

    private async Task NoteClocksAsync(OperationsContext context, ImmutableArray<ClockSighting> clocks, CancellationToken token)
    {
        if (clocks.IsDefaultOrEmpty)
        {
            return;
        }

        var right = clocks.Where(clock => clock.OffsetMs is null).Select(clock => clock.Device.Value).ToArray();
        if (right.Length > 0)
        {
            await context.WrongClocks.Where(row => right.Contains(row.Device)).ExecuteDeleteAsync(token);
        }

        var wrong = clocks.Where(clock => clock.OffsetMs is not null).GroupBy(clock => clock.Device).Select(group => group.MaxBy(clock => clock.LastAt)!).Select(clock => new WrongClockRow
        {
            Device = clock.Device.Value, OffsetMs = clock.OffsetMs!.Value, SinceAt = clock.FirstAt, LastAt = clock.LastAt, Count = clock.Count,
        }).OrderBy(row => row.Device, StringComparer.Ordinal).ToList();
        if (await context.UpsertAsync(wrong, AddClock, token) > 0)
        {
            await using var cut = context.Command(string.Create(CultureInfo.InvariantCulture, $"""
                DELETE FROM "wrong_clocks" WHERE ("last_at", "device") <=
                    (SELECT "last_at", "device" FROM "wrong_clocks" ORDER BY "last_at" DESC, "device" DESC LIMIT 1 OFFSET {options.Value.WrongClocksMax})
                """));
            await cut.ExecuteNonQueryAsync(token);
        }
    }

    private static KeptMessage Read(KeptMessageRow row) => new()
    {
        Id = row.Id, At = row.At, Topic = row.Topic, Format = row.Format, Retained = row.Retained, Payload = row.Payload,
    };
}
