using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Warnings;

/// <summary>What quality is reckoned from, read once: what was raised in the span and a window before it, what stood at its end, and how incidents ended.</summary>
internal sealed record QualityData
{
    public required DateTimeOffset From { get; init; }
    public required DateTimeOffset To { get; init; }

    /// <summary>Raised within [From − window, To), by time.</summary>
    public required ImmutableArray<QualityRecord> Raised { get; init; }

    /// <summary>Raised before To and standing at it.</summary>
    public required ImmutableArray<QualityRecord> Standing { get; init; }

    /// <summary>Raised within the last seven days of the span and with an incident.</summary>
    public required ImmutableArray<QualityRecord> WithIncident { get; init; }
    public required ImmutableDictionary<IncidentId, IncidentEnding> Endings { get; init; }
    public bool Truncated { get; init; }
}

/// <summary>Alarm quality as plain functions over records (ISA-18.2 / IEC 62682, EEMUA 191).</summary>
internal static class QualityReckoning
{
    public const int ListedMax = 100;
    public const int TopMax = 10;
    public const int ChatteringTransitions = 3;
    public const int HandledLeast = 3;
    public static readonly TimeSpan StandingAfter = TimeSpan.FromHours(24);
    public static readonly TimeSpan FalseWindow = TimeSpan.FromDays(7);

    /// <summary>Words by which an ending says that there was nothing.</summary>
    private static readonly string[] FalseWords = ["误报", "虚警", "假警", "误触发", "false alarm", "false_alarm"];

    private static readonly QualityLimits Limits = QualityLimits.Standard;

    public static QualityReport Report(QualityData data, AreaId? area, IEnumerable<AreaId> seats, DateTimeOffset now, WarningsOptions options)
    {
        var own = data.Raised.Where(record => In(record, area)).ToList();
        var span = own.Where(record => record.RaisedAt >= data.From).ToList();
        var counted = span.Where(Counts).ToList();
        var hours = Hours(counted, data.From, data.To);
        var floods = Floods(own, data, options);
        var sources = Sources(counted, data.To);
        var standing = Standing(data, area);
        var length = (data.To - data.From).TotalHours;
        return new()
        {
            Area = area,
            From = data.From,
            To = data.To,
            At = now,
            Raised = counted.Count,
            PerHour = length > 0 ? counted.Count / length : 0,
            BusiestHour = hours.Length == 0 ? 0 : hours.Max(hour => hour.Raised),
            HoursAboveAcceptable = hours.Count(hour => hour.Raised > Limits.AcceptablePerHour),
            HoursAboveManageable = hours.Count(hour => hour.Raised > Limits.ManageablePerHour),
            Hours = hours,
            Floods = floods,
            FloodShare = Share(floods, data),
            Red = counted.Count(record => record.PeakColour == Colour.Red),
            Orange = counted.Count(record => record.PeakColour == Colour.Orange),
            Yellow = counted.Count(record => record.PeakColour == Colour.Yellow),
            Blue = counted.Count(record => record.PeakColour == Colour.Blue),
            Top = [.. sources.Take(TopMax)],
            Top10Share = sources.Take(TopMax).Sum(source => source.Share),
            Sources = sources.Count,
            Chattering = [.. sources.Where(source => source.Chatters).OrderByDescending(source => source.Transitions).ThenByDescending(source => source.Raised).Take(ListedMax)],
            ChatteringSources = sources.Count(source => source.Chatters),
            Standing = [.. standing.Take(ListedMax).Select(record => new QualityStanding(record.Id, record.Rule, record.Subject, null, record.Area, record.PeakColour, record.RaisedAt))],
            StandingCount = standing.Count,
            FalseAlarms = FalseAlarms(data, area),
            Drills = span.Count(record => record.Drill),
            InMaintenance = span.Count(record => !record.Drill && record.Silenced == SilenceWhy.Maintenance),
            Inhibited = span.Count(record => !record.Drill && record.Silenced != SilenceWhy.Maintenance && record.Inhibited),
            Seats = [.. seats.Select(seat => Seat(data, seat, options)).OrderByDescending(seat => seat.Raised).ThenBy(seat => seat.Area.Value, StringComparer.Ordinal)],
            Truncated = data.Truncated,
        };
    }

    /// <summary>The records behind a figure of the report, newest first: as many as the figure says.</summary>
    public static List<QualityRecord> Records(QualityData data, QualityRecordQuery query, WarningsOptions options)
    {
        var own = data.Raised.Where(record => In(record, query.Span.Area)).ToList();
        var span = own.Where(record => record.RaisedAt >= data.From);
        var chosen = query.Measure switch
        {
            QualityMeasure.Raised => span.Where(Counts),
            QualityMeasure.Red => span.Where(record => Counts(record) && record.PeakColour == Colour.Red),
            QualityMeasure.Orange => span.Where(record => Counts(record) && record.PeakColour == Colour.Orange),
            QualityMeasure.Yellow => span.Where(record => Counts(record) && record.PeakColour == Colour.Yellow),
            QualityMeasure.Blue => span.Where(record => Counts(record) && record.PeakColour == Colour.Blue),
            QualityMeasure.Flood => InFloods(span, Floods(own, data, options)),
            QualityMeasure.Top => Of(span, Sources([.. span.Where(Counts)], data.To).Take(TopMax)),
            QualityMeasure.Chattering => Of(span, Sources([.. span.Where(Counts)], data.To).Where(source => source.Chatters)),
            QualityMeasure.Standing => Standing(data, query.Span.Area),
            QualityMeasure.False => data.WithIncident.Where(record => In(record, query.Span.Area) && Counts(record) && IsFalse(data, record) == true),
            QualityMeasure.Drills => span.Where(record => record.Drill),
            QualityMeasure.InMaintenance => span.Where(record => !record.Drill && record.Silenced == SilenceWhy.Maintenance),
            QualityMeasure.Inhibited => span.Where(record => !record.Drill && record.Silenced != SilenceWhy.Maintenance && record.Inhibited),
            _ => throw new InvalidOperationException($"Unknown measure {query.Measure}."),
        };
        return
        [
            .. chosen.Where(record => (query.Rule is not { } rule || record.Rule == rule) && (query.Subject is not { } subject || record.Subject == subject))
                .Where(record => query.Hour is not { } hour || (record.RaisedAt >= hour && record.RaisedAt < hour.AddHours(1)))
                .OrderByDescending(record => record.RaisedAt).ThenBy(record => record.Id.Value, StringComparer.Ordinal),
        ];
    }

    /// <summary>It was presented to a person.</summary>
    public static bool Counts(QualityRecord record) => !record.Drill && record.Silenced != SilenceWhy.Maintenance && !record.Inhibited;

    private static bool In(QualityRecord record, AreaId? area) =>
        area is not { } seat || record.Area == seat || record.Overlays.Contains($"|{seat.Value}|", StringComparison.Ordinal);

    // Whole hours of the clock, the first and the last one perhaps cut by the span.
    private static ImmutableArray<QualityHour> Hours(List<QualityRecord> counted, DateTimeOffset from, DateTimeOffset to)
    {
        var byHour = counted.ToLookup(record => HourOf(record.RaisedAt));
        var hours = ImmutableArray.CreateBuilder<QualityHour>();
        for (var hour = HourOf(from); hour < to; hour = hour.AddHours(1))
        {
            var own = byHour[hour].ToList();
            int Of(Colour colour) => own.Count(record => record.PeakColour == colour);
            hours.Add(new(hour, own.Count, Of(Colour.Red), Of(Colour.Orange), Of(Colour.Yellow), Of(Colour.Blue)));
        }

        return hours.ToImmutable();
    }

    private static DateTimeOffset HourOf(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds() / 3600 * 3600);

    private static ImmutableArray<QualityFlood> Floods(List<QualityRecord> own, QualityData data, WarningsOptions options)
    {
        List<DateTimeOffset> raised = [.. own.Where(Counts).Select(record => record.RaisedAt)];
        var window = TimeSpan.FromMinutes(options.FloodWindowMinutes);
        return
        [
            .. FloodDeciding.Spans(raised, data.From, data.To, options).Select(span => new QualityFlood(
                span.From, span.To, raised.Count(at => at >= span.From && at <= span.To), PeakWithin(raised, span, window))),
        ];
    }

    private static int PeakWithin(List<DateTimeOffset> raised, (DateTimeOffset From, DateTimeOffset To) span, TimeSpan window)
    {
        var (peak, start) = (0, 0);
        for (var end = 0; end < raised.Count && raised[end] <= span.To; end++)
        {
            while (raised[end] - raised[start] >= window)
            {
                start++;
            }

            peak = raised[end] >= span.From ? Math.Max(peak, end - start + 1) : peak;
        }

        return peak;
    }

    private static double Share(ImmutableArray<QualityFlood> floods, QualityData data) =>
        data.To > data.From ? floods.Sum(flood => (flood.To - flood.From).TotalSeconds) / (data.To - data.From).TotalSeconds : 0;

    private static IEnumerable<QualityRecord> InFloods(IEnumerable<QualityRecord> span, ImmutableArray<QualityFlood> floods) =>
        span.Where(record => Counts(record) && floods.Any(flood => record.RaisedAt >= flood.From && record.RaisedAt <= flood.To));

    private static List<QualitySource> Sources(List<QualityRecord> counted, DateTimeOffset to) =>
    [
        .. counted.GroupBy(record => (record.Rule, record.Subject))
            .Select(group =>
            {
                var transitions = Transitions([.. group], to);
                return new QualitySource
                {
                    Rule = group.Key.Rule, Subject = group.Key.Subject, Raised = group.Count(), Share = (double)group.Count() / counted.Count,
                    Transitions = transitions, Chatters = transitions >= ChatteringTransitions,
                };
            })
            .OrderByDescending(source => source.Raised).ThenBy(source => source.Rule.Value, StringComparer.Ordinal).ThenBy(source => source.Subject, StringComparer.Ordinal),
    ];

    private static IEnumerable<QualityRecord> Of(IEnumerable<QualityRecord> span, IEnumerable<QualitySource> sources)
    {
        var wanted = sources.Select(source => (source.Rule, source.Subject)).ToHashSet();
        return span.Where(record => Counts(record) && wanted.Contains((record.Rule, record.Subject)));
    }

    // Raised or cleared, the most within ten minutes.
    private static int Transitions(List<QualityRecord> records, DateTimeOffset to)
    {
        var times = records.Select(record => record.RaisedAt).Concat(records.Select(record => record.ClearedAt).OfType<DateTimeOffset>().Where(at => at < to)).Order().ToList();
        var (most, start) = (0, 0);
        for (var end = 0; end < times.Count; end++)
        {
            while (times[end] - times[start] >= TimeSpan.FromMinutes(10))
            {
                start++;
            }

            most = Math.Max(most, end - start + 1);
        }

        return most;
    }

    private static List<QualityRecord> Standing(QualityData data, AreaId? area) =>
        [.. data.Standing.Where(record => In(record, area) && Counts(record) && data.To - record.RaisedAt > StandingAfter).OrderBy(record => record.RaisedAt).ThenBy(record => record.Id.Value, StringComparer.Ordinal)];

    private static ImmutableArray<QualityFalse> FalseAlarms(QualityData data, AreaId? area) =>
    [
        .. data.WithIncident.Where(record => In(record, area) && Counts(record))
            .Select(record => (Record: record, False: IsFalse(data, record)))
            .Where(judged => judged.False is not null)
            .GroupBy(judged => (judged.Record.Rule, judged.Record.Subject))
            .Select(group =>
            {
                var (handled, wrong) = (group.Count(), group.Count(judged => judged.False == true));
                var rate = (double)wrong / handled;
                return new QualityFalse
                {
                    Rule = group.Key.Rule, Subject = group.Key.Subject, Handled = handled, False = wrong, Rate = rate,
                    SuggestsMute = handled >= HandledLeast && rate > Limits.FalseRate,
                };
            })
            .Where(source => source.False > 0)
            .OrderByDescending(source => source.SuggestsMute).ThenByDescending(source => source.Rate).ThenByDescending(source => source.False).ThenBy(source => source.Subject, StringComparer.Ordinal)
            .Take(ListedMax),
    ];

    // Null: its incident has not ended, or was voided for another reason, so nobody has judged.
    private static bool? IsFalse(QualityData data, QualityRecord record)
    {
        if (record.Incident is not { } incident || !data.Endings.TryGetValue(incident, out var ending))
        {
            return null;
        }

        var wrong = FalseWords.Any(word => ending.Reason.Contains(word, StringComparison.OrdinalIgnoreCase));
        return wrong ? true : ending.Voided ? null : false;
    }

    private static QualitySeat Seat(QualityData data, AreaId seat, WarningsOptions options)
    {
        var own = data.Raised.Where(record => In(record, seat)).ToList();
        var counted = own.Where(record => record.RaisedAt >= data.From && Counts(record)).ToList();
        var hours = counted.CountBy(record => HourOf(record.RaisedAt)).Select(hour => hour.Value).ToList();
        var floods = Floods(own, data, options);
        var length = (data.To - data.From).TotalHours;
        return new(seat, counted.Count, length > 0 ? counted.Count / length : 0, hours.Count == 0 ? 0 : hours.Max(), floods.Length, Share(floods, data));
    }

}
