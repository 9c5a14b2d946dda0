using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Districts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>A case with several streets, or with rules of the district: every street is ticked each second and reports to the district, which answers with the causes elsewhere.</summary>
internal sealed class CaseCity
{
    public static readonly AreaId District = new("320404");

    private readonly CaseFile _file;
    private readonly SortedDictionary<string, StreetJudgement> _streets = new(StringComparer.Ordinal);
    private readonly DistrictJudgement _district;
    private readonly List<string> _changes = [];
    private readonly Dictionary<WarningId, WarningView> _known = [];

    public CaseCity(CaseFile file)
    {
        _file = file;
        var areas = file.Devices.Select(device => device.Street).Distinct().ToArray();
        foreach (var area in areas)
        {
            _streets[area.Value] = file.Make(area);
        }

        _district = new(
            District,
            [
                Describe(District, AreaKind.District), .. areas.Select(area => Describe(area, AreaKind.Street)),
                .. file.Devices.SelectMany(device => device.Areas).Distinct().Select(area => Describe(area, AreaKind.Overlay)),
            ],
            new(new()), new(), CaseFile.Start);
        _district.PutRules([.. file.Rules], CaseFile.Start);
    }

    public (List<string> Changes, List<WarningView> Final) Play()
    {
        var inputs = new Queue<(DateTimeOffset At, IngestBatch? Batch)>(_file.Inputs.OrderBy(input => input.At));
        for (var second = 0; second <= _file.Until; second++)
        {
            var now = CaseFile.Start.AddSeconds(second);
            while (inputs.TryPeek(out var input) && input.At <= now)
            {
                inputs.Dequeue();
                if (input.Batch is not { } batch)
                {
                    foreach (var acknowledged in _streets.Values)
                    {
                        CaseFile.Acknowledge(acknowledged, input.At);
                    }

                    continue;
                }

                var device = batch.Readings.Select(reading => reading.Device).Concat(batch.Events.Select(happened => happened.Device)).First();
                var street = _streets[_file.Devices.First(known => known.Id == device).Street.Value];
                street.Apply(batch);
                street.AdvanceHolds(input.At);
            }

            foreach (var street in _streets.Values)
            {
                street.Advance(now);
                Report(street, now);
            }

            _district.Advance(now, now);
            Note(_district.Warnings, now);
            foreach (var street in _streets.Values)
            {
                street.Inhibitor.PutForeign(_district.CausesBeside(street.Area));
                street.Inhibitor.Settle(now);
                Note(street.Warnings, now);
            }
        }

        return (_changes, [.. _known.Values.OrderBy(warning => warning.OnsetAt).ThenBy(warning => warning.Id.Value, StringComparer.Ordinal)]);
    }

    private void Report(StreetJudgement street, DateTimeOffset now)
    {
        var (from, facts, whole, covered) = street.Feed.Report(now.ToUnixTimeMilliseconds());
        var taken = _district.Take(
            new() { Street = street.Area, Epoch = "case", FromSeq = from, Facts = facts, Whole = whole, CoveredTo = covered, Shares = street.Shares(now), Causes = street.Inhibitor.Own }, now);
        street.Feed.Taken(taken.Seq, taken.WantsWhole);
    }

    private void Note(WarningBook book, DateTimeOffset now)
    {
        foreach (var id in book.DroppedUnsaved.Where(_known.ContainsKey))
        {
            _known.Remove(id, out var gone);
            Say(now, gone!, "dropped");
        }

        foreach (var warning in book.Unsaved.Values.OrderBy(warning => warning.OnsetAt).ThenBy(warning => warning.Id.Value, StringComparer.Ordinal))
        {
            var before = _known.GetValueOrDefault(warning.Id);
            _known[warning.Id] = warning;
            if (warning.State == WarningState.Cleared)
            {
                Say(now, warning, "cleared");
            }
            else if (before is null || before.State != warning.State || before.Colour != warning.Colour || before.InhibitedBy is null != warning.InhibitedBy is null)
            {
                Say(now, warning, $"{warning.State} {warning.Colour}");
            }
            else if (warning.RecoveredAt is not null && before.RecoveredAt is null)
            {
                Say(now, warning, "recovered");
            }
        }

        book.DroppedUnsaved.Clear();
        book.Unsaved.Clear();
    }

    private void Say(DateTimeOffset now, WarningView warning, string what)
    {
        if (_file.Only is null || warning.Rule.Value == _file.Only)
        {
            var held = warning.InhibitedBy is { } by && warning.State == WarningState.Raised ? " under " + _known.GetValueOrDefault(by)?.Rule.Value : string.Empty;
            _changes.Add(string.Create(CultureInfo.InvariantCulture, $"{(now - CaseFile.Start).TotalSeconds:0.###} {what.ToLowerInvariant()} {warning.Subject}{held}"));
        }
    }

    private static AreaDescription Describe(AreaId id, AreaKind kind) => new(id, new(id.Value, id.Value), kind, null, true, 119.9, 31.78);
}
