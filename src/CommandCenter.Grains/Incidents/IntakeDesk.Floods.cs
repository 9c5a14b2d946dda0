using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Incidents;

// Many warnings at once. The open incidents are read once, each warning chooses as it would alone, and those that chose the same incident join it in one commit:
// thirty thousand in a minute would else be thirty thousand commits, each after reading every open incident.
internal sealed partial class IntakeDesk
{
    /// <summary>One answer for each warning, in order; the same as if they had come one after the other.</summary>
    public async Task<ImmutableArray<Outcome<IncidentId>>> SubmitWarningsAsync(ImmutableArray<WarningView> warnings, DateTimeOffset now)
    {
        var answers = new Dictionary<WarningId, Outcome<IncidentId>>();
        var taken = await incidents.FindBySourcesAsync([.. warnings.Select(warning => IncidentIds.SourceOf(warning.Id))]);
        var open = new Dictionary<bool, List<IncidentView>>();
        var joining = new Dictionary<IncidentId, List<WarningView>>();
        foreach (var warning in warnings)
        {
            if (answers.ContainsKey(warning.Id))
            {
                continue;
            }

            if (taken.ContainsKey(IncidentIds.SourceOf(warning.Id)))
            {
                // Merges are followed by the way of a single one.
                answers[warning.Id] = await SubmitWarningAsync(warning, now);
                continue;
            }

            if (!open.TryGetValue(warning.Drill, out var known))
            {
                open[warning.Drill] = known = [.. await standing.LoadAsync(ClassGroup.Members(group), now.AddDays(-options.MergeLookBackDays), warning.Drill)];
            }

            var at = warning.RaisedAt ?? warning.OnsetAt;
            if (MergeRule.Choose(known, warning.Longitude, warning.Latitude, at, warning.Drill, options) is not { } target)
            {
                answers[warning.Id] = await OpenAsync(warning, now, known);
                continue;
            }

            if (!joining.TryGetValue(target.Id, out var sources))
            {
                joining[target.Id] = sources = [];
            }

            // Counted at once, so that the next one meets the incident as it will be.
            sources.Add(warning);
            known[known.FindIndex(view => view.Id == target.Id)] = target with
            {
                Warnings = target.Warnings.Add(warning.Id), LastSourceAt = at > target.LastSourceAt ? at : target.LastSourceAt,
            };
        }

        foreach (var (id, sources) in joining)
        {
            await JoinAsync(id, sources, answers, now);
        }

        return [.. warnings.Select(warning => answers[warning.Id])];
    }

    private async Task<Outcome<IncidentId>> OpenAsync(WarningView warning, DateTimeOffset now, List<IncidentView> known)
    {
        var (view, _, refusal) = await PlaceNewAsync(new IncidentSource { Warning = warning }, IncidentIds.SourceOf(warning.Id), now, Actor.System);
        if (view is null)
        {
            return Refuse<IncidentId>(refusal!);
        }

        known.Add(view);
        return Outcome.Of(view.Id);
    }

    private async Task JoinAsync(IncidentId id, List<WarningView> sources, Dictionary<WarningId, Outcome<IncidentId>> answers, DateTimeOffset now)
    {
        if (sources.Count > 1)
        {
            var joined = await JoinAsync(id, new IncidentSource { Linked = [.. sources] }, Actor.System);
            if (joined is { Succeeded: true, Value: { } view })
            {
                foreach (var source in sources)
                {
                    answers[source.Id] = Outcome.Of(view.Id);
                }

                return;
            }
        }

        // Alone, or it has ended meanwhile, or one of them went elsewhere: each by itself.
        foreach (var source in sources)
        {
            answers[source.Id] = await SubmitWarningAsync(source, now);
        }
    }
}
