using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;

namespace CommandCenter.Web.IncidentDesk;

// What an officer does to warnings: one, a group, or those that were ticked.
public sealed partial class Desk
{
    /// <summary>Consequences that are listed beneath one line; the rest is counted.</summary>
    private const int ConsequencesShown = 50;

    private readonly HashSet<WarningId> picked = [];

    /// <summary>Lines whose consequences are unfolded.</summary>
    private readonly HashSet<string> unfolded = new(StringComparer.Ordinal);
    private WorkMode mode = WorkMode.Waiting;
    private QueueItem? group;
    private string comment = string.Empty;
    private bool muted;

    /// <summary>The ring that the browser sounds when it is a newer one than the last it knows.</summary>
    private string? ringMark => picture.Counts.Seat.Ring is { } ring ? $"{ring.At.ToUnixTimeMilliseconds()} {(ring.Grave ? "red" : "orange")}" : picture.Seq == 0 ? null : "0 none";

    /// <summary>The warnings of the lines in the list: what "all shown" means.</summary>
    private ImmutableArray<WarningId> Listed => [.. queue.Take(WorkList.RowsMax).SelectMany(item => item.Warnings).Where(item => item is { State: WarningState.Raised, Acknowledged: null }).Select(item => item.Id)];

    private void ShowMode(WorkMode wanted)
    {
        mode = wanted;
        picked.Clear();
        queue = WorkList.From(picture, mode);
    }

    private bool IsPicked(QueueItem item) => item.Warnings.Any() && item.Warnings.All(member => picked.Contains(member.Id));

    private void Pick(QueueItem item)
    {
        var ids = item.Warnings.Select(member => member.Id).ToArray();
        if (Array.TrueForAll(ids, picked.Contains))
        {
            picked.ExceptWith(ids);
        }
        else
        {
            picked.UnionWith(ids);
        }
    }

    private void Fold(string key)
    {
        if (!unfolded.Remove(key))
        {
            unfolded.Add(key);
        }
    }

    /// <summary>What a warning is a consequence of, in words; the name of its document when the cause lies outside of what this desk sees.</summary>
    private string CauseOf(WarningView held) => (held.InhibitedBy ?? held.Cause) is not { } id ? string.Empty
        : picture.Warnings.FirstOrDefault(item => item.Id == id) is { } cause ? $"{cause.SubjectName ?? cause.Subject} · {(cause.RuleName is { } name ? Text(name) : cause.Rule.Value)}"
        : D["warning.cause_elsewhere"];

    /// <summary>The same in so few words that they stand in a line of the list.</summary>
    private string NameOfCause(WarningView held) => picture.Warnings.FirstOrDefault(item => item.Id == (held.InhibitedBy ?? held.Cause)) is { } cause ? cause.SubjectName ?? cause.Subject : D["warning.cause_elsewhere"];

    private Task SelectCauseAsync(WarningView held) =>
        (held.InhibitedBy ?? held.Cause) is { } id && picture.Warnings.Any(item => item.Id == id) ? SelectAsync(WorkList.KeyOf(id)) : Task.CompletedTask;

    private void PickAll() => picked.UnionWith(Listed);

    private Task AcknowledgeAsync(string said) => warning is { } shown ? AcknowledgeAsync([shown.Id], said) : Task.CompletedTask;

    private Task AcknowledgePickedAsync() => AcknowledgeAsync([.. picked], comment);

    /// <summary>Acknowledges each that nobody has; who was faster is said, and nothing is acknowledged twice.</summary>
    private Task AcknowledgeAsync(ImmutableArray<WarningId> ids, string said) => BusyAsync(async () =>
    {
        var command = new AcknowledgeWarning(string.IsNullOrWhiteSpace(said) ? null : said.Trim());
        var (done, before, refused) = (0, new List<string>(), 0);
        Outcome<WarningView>? last = null;
        foreach (var chunk in ids.Chunk(WarningGroups.IdsMax))
        {
            foreach (var outcome in await WarningGroups.ExecuteAsync(Grains, chunk, command, actor!))
            {
                last = outcome;
                if (outcome.Value is not { } after)
                {
                    refused++;
                }
                else if (outcome.Repeated)
                {
                    before.Add(after.Acknowledged?.By ?? string.Empty);
                }
                else
                {
                    done++;
                }

                warning = outcome.Value is { } newest && warning?.Id == newest.Id ? newest : warning;
            }
        }

        picked.ExceptWith(ids);
        comment = string.Empty;
        if (ids.Length == 1 && last is { Refusal: { } refusal })
        {
            Refuse(refusal, last.Detail);
        }
        else if (before.Count > 0 || refused > 0)
        {
            Say(D["said.acknowledged_some", done, before.Count, string.Join("、", before.Where(by => by.Length > 0).Distinct().Take(3)), refused]);
        }
        else
        {
            Say(done == 1 ? D["said.acknowledged"] : D["said.acknowledged_many", done]);
        }
    });

    private Task ShelveAsync(WarningCommand command) => BusyAsync(async () =>
    {
        if (warning is not { } shown)
        {
            return;
        }

        var outcome = await Grains.ExecuteOnAsync(shown, command, actor!);
        if (outcome.Value is { } after)
        {
            warning = warning?.Id == after.Id ? after : warning;
            Say(after switch
            {
                { Shelved: { } shelved } => D["said.shelved", Parts.Times.Moment(shelved.Until, now)],
                { ShelveRequested: not null } => D["said.shelve_requested"],
                _ => D["said.unshelved"],
            });
        }
        else
        {
            Refuse(outcome.Refusal, outcome.Errors.IsEmpty ? outcome.Detail : string.Join(" ", outcome.Errors.Select(error => $"{error.Key}: {string.Join(", ", error.Value)}")));
        }
    });

    private ImmutableArray<WarningId> UnseenOfIncident => [.. warningsOfIncident.Where(item => item is { State: WarningState.Raised, Acknowledged: null }).Select(item => item.Id)];
}
