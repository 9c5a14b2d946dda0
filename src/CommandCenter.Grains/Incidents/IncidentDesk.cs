using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Incidents;

/// <summary>One incident in memory over its stored log: load, decide, commit, apply. The grain gives it turns; it has no other caller at a time.</summary>
internal sealed class IncidentDesk(IncidentId id, IIncidentStore store, IncidentSetting setting, IncidentsOptions options)
{
    private string lastHash = EventLog.Genesis;

    public IncidentId Id => id;
    public IncidentSetting Setting => setting;

    /// <summary>Null: no event yet.</summary>
    public Incident? State { get; private set; }

    public ImmutableArray<TimelineEntry> Timeline { get; private set; } = [];

    public IncidentView ViewWithTimeline => (State ?? throw new InvalidOperationException($"{id} has not been reported.")).View with { Timeline = Timeline };

    /// <summary>Reads the log and checks its chain.</summary>
    public async Task LoadAsync(CancellationToken cancellation = default)
    {
        var rows = await store.LoadEventsAsync(id, cancellation);
        State = IncidentLife.Replay(EventLog.Decode(id, rows));
        Timeline = [.. rows.Select(EventLog.ToTimeline)];
        lastHash = rows.IsEmpty ? EventLog.Genesis : rows[^1].Hash;
    }

    /// <summary>Decides, stores everything in one transaction, then applies. <see cref="Outcome{T}.Repeated"/>: there was nothing to do.</summary>
    /// <param name="firing">The clock whose falling due is decided here.</param>
    public async Task<Outcome<Incident>> CommitAsync(Func<Incident?, Decision> decide, Actor actor, DateTimeOffset now, string action, bool drill = false, string? firing = null)
    {
        for (var attempt = 0; attempt <= options.ConflictRetriesMax; attempt++)
        {
            var decision = decide(State);
            if (decision.Refusal is not null)
            {
                return decision.ToRefusal<Incident>();
            }

            if (decision.Events.IsEmpty)
            {
                return State is null ? Outcome.Refused<Incident>(Refusal.NotFound) : Outcome.Of(State, repeated: true);
            }

            var by = decision.By ?? actor.ToBy();
            var seq = State?.View.Version ?? 0;
            var stamped = decision.Events.Select((happened, index) => new StampedEvent(seq + index + 1, now, by, happened)).ToImmutableArray();
            var after = stamped.Aggregate(State, (state, happened) => IncidentLife.Apply(state, happened))!;
            var rows = EventLog.Encode(id, State?.View.Drill ?? drill, lastHash, stamped);
            var before = State is null ? ImmutableDictionary<string, DateTimeOffset>.Empty : IncidentLife.RunningClocks(State);
            var running = IncidentLife.RunningClocks(after);

            var result = await store.CommitAsync(new IncidentCommit
            {
                Incident = id,
                Drill = after.View.Drill,
                ExpectedSeq = seq,
                Events = rows,
                View = after.View,
                Sources = decision.Sources,
                Outbox = decision.Outbox,
                Audit = [new AuditRow(now, actor.ToBy(), action, id.Value, null)],
                ClocksSet = [.. running.Where(clock => !before.TryGetValue(clock.Key, out var due) || due != clock.Value).Select(clock => new DueClock(id.Value, clock.Key, clock.Value, null))],
                // A clock that moved is not cancelled: its old time fires into nothing, its new one is set above. The one that fires now stays, to be marked as fired.
                ClocksCancelled = [.. before.Keys.Where(clock => clock != firing && !running.ContainsKey(clock)).Select(clock => (id.Value, clock))],
                Persons = decision.Persons,
            });
            if (result == CommitResult.Committed)
            {
                State = after;
                Timeline = [.. Timeline, .. rows.Select(EventLog.ToTimeline)];
                lastHash = rows[^1].Hash;
                return Outcome.Of(after);
            }

            // Another writer was faster, or the source is taken: what is stored decides.
            await LoadAsync();
        }

        return Outcome.Refused<Incident>(Refusal.Unavailable, "事件正被其他操作修改,请重试。");
    }
}
