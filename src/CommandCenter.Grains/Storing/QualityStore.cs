using System.Collections.Immutable;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>Reads what alarm quality is reckoned from. Raised warnings come from their index alone; no document is opened.</summary>
internal sealed class QualityStore(OperationsDatabase database) : IQualityStore
{
    private const int IdsPerStatement = 1000;
    private const string Closed = "incident_closed";
    private const string Voided = "incident_voided";

    public Task<ImmutableArray<QualityRecord>> LoadRaisedAsync(
        ImmutableArray<AreaId> areas, Actor actor, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellation = default) =>
        LoadAsync(areas, actor, rows => rows.Where(row => row.RaisedAt >= from && row.RaisedAt < to), limit, cancellation);

    public Task<ImmutableArray<QualityRecord>> LoadStandingAsync(ImmutableArray<AreaId> areas, Actor actor, DateTimeOffset at, int limit, CancellationToken cancellation = default) =>
        LoadAsync(areas, actor, rows => rows.Where(row => row.RaisedAt < at && (row.ClearedAt == null || row.ClearedAt > at)), limit, cancellation);

    public async Task<ImmutableArray<IncidentEnding>> LoadEndingsAsync(IReadOnlyList<IncidentId> incidents, CancellationToken cancellation = default)
    {
        var endings = ImmutableArray.CreateBuilder<IncidentEnding>();
        foreach (var chunk in incidents.Select(incident => incident.Value).Distinct(StringComparer.Ordinal).Chunk(IdsPerStatement))
        {
            var rows = await database.ReadAsync(
                async (context, token) => await context.IncidentEvents
                    .Where(row => chunk.Contains(row.Incident) && (row.Type == Closed || row.Type == Voided))
                    .Select(row => new { row.Incident, row.Seq, row.Type, row.At, row.Data })
                    .ToListAsync(token),
                cancellation);
            endings.AddRange(rows.GroupBy(row => row.Incident, StringComparer.Ordinal).Select(group => group.MaxBy(row => row.Seq)!)
                .Select(row => new IncidentEnding(new(row.Incident), row.Type == Voided, ReasonOf(row.Data), row.At)));
        }

        return endings.ToImmutable();
    }

    private static string ReasonOf(string data)
    {
        using var document = JsonDocument.Parse(data);
        return document.RootElement.TryGetProperty("reason", out var reason) ? reason.GetString() ?? string.Empty : string.Empty;
    }

    private Task<ImmutableArray<QualityRecord>> LoadAsync(
        ImmutableArray<AreaId> areas, Actor actor, Func<IQueryable<WarningRow>, IQueryable<WarningRow>> span, int limit, CancellationToken cancellation) =>
        database.ReadAsync(
            async (context, token) =>
            {
                var rows = await span(context.Warnings.SeenBy(actor).In(areas))
                    .OrderBy(row => row.RaisedAt).ThenBy(row => row.Id)
                    .Take(limit)
                    .Select(row => new
                    {
                        row.Id, row.Area, row.Overlays, row.Rule, row.Subject, row.Class, row.PeakColour, row.RaisedAt, row.ClearedAt, row.Silenced, row.Inhibited, row.Drill, row.Incident,
                    })
                    .ToListAsync(token);
                return rows.Select(row => new QualityRecord(
                    new(row.Id), new(row.Area), row.Overlays, new(row.Rule), row.Subject, row.Class is null ? null : new ClassCode(row.Class), row.PeakColour ?? Colour.Blue,
                    row.RaisedAt!.Value, row.ClearedAt, row.Silenced, row.Inhibited, row.Drill, row.Incident is null ? null : new IncidentId(row.Incident))).ToImmutableArray();
            },
            cancellation);
}
