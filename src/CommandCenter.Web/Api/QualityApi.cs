using System.Globalization;
using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/quality</c>: how good the alarms are, and the records behind each figure.</summary>
internal static class QualityApi
{
    private const int RowsMax = 100_000;
    private const int PageMax = 1_000;

    public static void MapQuality(this RouteGroupBuilder api)
    {
        var quality = api.MapGroup("/quality").WithTags("quality");
        quality.MapGet("", async (HttpContext context, IClusterClient cluster, DomainClock clock) =>
        {
            var query = new QueryReader(context.Request.Query);
            var span = Span(query, clock);
            return query.Refusal() ?? Answers.From(await cluster.GetGrain<IQualityGrain>(0).ReportAsync(span, context.ActorOf()), report => Answers.Document(report));
        }).WithSummary("Alarm quality of a seat: rate, floods, chattering, standing, sources, priorities, false alarms.");
        quality.MapGet("/records", RecordsAsync).WithSummary("The warnings behind a figure, as JSON or CSV (format=csv).");
    }

    /// <summary>The last seven days when the address names no span.</summary>
    private static QualityQuery Span(QueryReader query, DomainClock clock)
    {
        var to = query.Time("to") ?? clock.Now;
        var from = query.Time("from") ?? to.AddDays(-7);
        query.CheckRange(from, to);
        return new() { Area = query.Text("area") is { } area ? new AreaId(area) : null, From = from, To = to };
    }

    private static async Task<IResult> RecordsAsync(HttpContext context, IClusterClient cluster, DomainClock clock)
    {
        var query = new QueryReader(context.Request.Query);
        var measures = query.WordList<QualityMeasure>("measure");
        var start = 0;
        if (query.Cursor() is { } cursor && (!int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out start) || start < 0))
        {
            query.Refuse("cursor", "is not a cursor of this list");
        }

        var wanted = new QualityRecordQuery
        {
            Span = Span(query, clock),
            Measure = measures.IsEmpty ? QualityMeasure.Raised : measures[0],
            Rule = query.Text("rule") is { } rule ? new RuleId(rule) : null,
            Subject = query.Text("subject"),
            Hour = query.Time("hour"),
            Skip = start,
            Limit = query.Limit(),
        };
        var csv = query.Text("format") == "csv";
        if (query.Refusal() is { } refusal)
        {
            return refusal;
        }

        var grain = cluster.GetGrain<IQualityGrain>(0);
        if (csv)
        {
            var all = await grain.RecordsAsync(wanted with { Skip = 0, Limit = RowsMax }, context.ActorOf());
            return Answers.From(all, page => Csv(page, wanted));
        }

        return Answers.From(await grain.RecordsAsync(wanted with { Limit = Math.Min(wanted.Limit, PageMax) }, context.ActorOf()), page => Answers.Document(new
        {
            page.Total, page.Items, Next = start + page.Items.Length < page.Total ? (start + page.Items.Length).ToString(CultureInfo.InvariantCulture) : null,
        }));
    }

    /// <summary>A table that Excel opens: a byte order mark, and no cell that it would take for a formula.</summary>
    private static IResult Csv(QualityItems page, QualityRecordQuery wanted)
    {
        var text = new StringBuilder("\uFEFFid,rule,subject,name,area,peakColour,raisedAt,clearedAt,incident\r\n");
        foreach (var item in page.Items)
        {
            text.AppendJoin(',', (string[])
            [
                Cell(item.Id.Value), Cell(item.Rule.Value), Cell(item.Subject), Cell(item.SubjectName), Cell(item.Area.Value), Words.Of(item.PeakColour), ContractJson.Format(item.RaisedAt),
                item.ClearedAt is { } cleared ? ContractJson.Format(cleared) : string.Empty, Cell(item.Incident?.Value),
            ]).Append("\r\n");
        }

        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", $"quality-{Words.Of(wanted.Measure)}.csv");
    }

    private static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return string.Empty;
        }

        var safe = value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + value : value;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
