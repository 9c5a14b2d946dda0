using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Incidents;

/// <summary>One incident in memory over its stored log: load, decide, commit, apply. Calls may interleave while they wait for the store: of two that decided upon the same event the store takes one, and an older picture never replaces a newer one.</summary>
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
        Take(IncidentLife.Replay(EventLog.Decode(id, rows)), [.. rows.Select(EventLog.ToTimeline)], rows.IsEmpty ? EventLog.Genesis : rows[^1].Hash);
    }

    /// <inheritdoc cref="CommitAsync(Func{Incident?, Task{Decision}}, Actor, DateTimeOffset, string, bool, string?)"/>
    public Task<Outcome<Incident>> CommitAsync(Func<Incident?, Decision> decide, Actor actor, DateTimeOffset now, string action, bool drill = false, string? firing = null) =>
        CommitAsync(state => Task.FromResult(decide(state)), actor, now, action, drill, firing);

    /// <summary>Decides, stores everything in one transaction, then applies. <see cref="Outcome{T}.Repeated"/>: there was nothing to do.</summary>
    /// <param name="firing">The clock whose falling due is decided here.</param>
    public async Task<Outcome<Incident>> CommitAsync(Func<Incident?, Task<Decision>> decide, Actor actor, DateTimeOffset now, string action, bool drill = false, string? firing = null)
    {
        for (var attempt = 0; attempt <= options.ConflictRetriesMax; attempt++)
        {
            var (known, timeline, hash) = (State, Timeline, lastHash);
            var decision = await decide(known);
            if (decision.Refusal is not null)
            {
                return decision.ToRefusal<Incident>();
            }

            if (decision.Events.IsEmpty)
            {
                return known is null ? Outcome.Refused<Incident>(Refusal.NotFound) : Outcome.Of(known, repeated: true);
            }

            var by = decision.By ?? actor.ToBy();
            var seq = known?.View.Version ?? 0;
            var stamped = decision.Events.Select((happened, index) => new StampedEvent(seq + index + 1, now, by, happened)).ToImmutableArray();
            var after = stamped.Aggregate(known, (state, happened) => IncidentLife.Apply(state, happened))!;
            var rows = EventLog.Encode(id, known?.View.Drill ?? drill, hash, stamped);
            var before = known is null ? ImmutableDictionary<string, DateTimeOffset>.Empty : IncidentLife.RunningClocks(known);
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
                Take(after, [.. timeline, .. rows.Select(EventLog.ToTimeline)], rows[^1].Hash);
                return Outcome.Of(after);
            }

            // Another writer was faster, or the source is taken, or a unit is full by now: what is stored decides.
            await LoadAsync();
        }

        return Outcome.Refused<Incident>(Refusal.Unavailable, "事件正被其他操作修改,请重试。");
    }

    private void Take(Incident? state, ImmutableArray<TimelineEntry> timeline, string hash)
    {
        if (State is null || state?.View.Version > State.View.Version)
        {
            State = state;
            Timeline = timeline;
            lastHash = hash;
        }
    }
}
