using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Streets;

// What the street tells its district of conditions that are judged there, and what it learns of causes elsewhere. Walked outside the street's turns; a report that
// is lost is told again by the next tick, and the district recognises what it has.
internal sealed partial class StreetGrain
{
    private bool _reporting;
    private bool _reportFailing;

    private void ReportConditions()
    {
        if (_reporting || _rebuilding is not null)
        {
            return;
        }

        _reporting = true;
        var now = _clock.Now;
        var (from, facts, whole, covered) = _judgement.Feed.Report(now.ToUnixTimeMilliseconds());
        ReportAsync(new()
        {
            Street = _area, Epoch = _publisher.Epoch, FromSeq = from, Facts = facts, Whole = whole, CoveredTo = covered, Shares = _judgement.Shares(now),
            Causes = _judgement.Inhibitor.Own,
        }).Ignore();
    }

    private async Task ReportAsync(AreaReport report)
    {
        try
        {
            var taken = await GrainFactory.GetGrain<IDistrictJudging>(_district).ReportConditionsAsync(report);
            _judgement.Feed.Taken(taken.Seq, taken.WantsWhole);
            _reportFailing = false;
            if (taken.CausesKnown && _judgement.Inhibitor.PutForeign(taken.Causes))
            {
                this.AsReference<IStreetSettling>().SettleAsync().Ignore();
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (report.Whole)
            {
                _judgement.Feed.TellAll();
            }

            if (!_reportFailing)
            {
                LogReportFailed(_logger, failure, _area.Value);
            }

            _reportFailing = true;
        }
        finally
        {
            _reporting = false;
        }
    }

    /// <summary>The incident of a warning that a graver one explains goes into the cause's, as long as nobody works on it and it tells of nothing else.</summary>
    private void JoinConsequences()
    {
        foreach (var (warning, (from, into)) in _judgement.Inhibitor.Joins.ToArray())
        {
            if (_underway.Count >= _options.HandOversMax)
            {
                return;
            }

            if (_underway.Add(warning))
            {
                JoinAsync(warning, from, into).Ignore();
            }
        }
    }

    private async Task JoinAsync(WarningId warning, IncidentId from, IncidentId into)
    {
        try
        {
            var incident = GrainFactory.GetGrain<IIncidentGrain>(from.Value);
            var view = await incident.GetAsync(Actor.System);
            var merged = view?.MergedInto == into;
            var free = view is { IsOpen: true, State: <= IncidentState.Filed, Reports.IsEmpty: true, Tasks.IsEmpty: true }
                && view.Warnings.All(id => _judgement.Warnings.Find(id) is { InhibitedBy: not null } held && held.Cause == _judgement.Warnings.Find(warning)?.Cause);
            if (free && !merged)
            {
                var outcome = await incident.ExecuteAsync(new MergeIncident(into), Actor.System);
                merged = outcome.Succeeded;
                if (!merged && outcome.Refusal is Refusal.Unavailable)
                {
                    // Tried again by the next tick.
                    return;
                }
            }

            _judgement.Inhibitor.Joins.Remove(warning);
            if (merged)
            {
                _linked.Add((warning, into));
                this.AsReference<IStreetSettling>().SettleAsync().Ignore();
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogHandOverFailed(_logger, failure, _area.Value, warning.Value);
        }
        finally
        {
            _underway.Remove(warning);
        }
    }
}
