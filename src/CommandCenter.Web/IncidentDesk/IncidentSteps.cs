using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.IncidentDesk;

/// <summary>A command that the desk offers as a button.</summary>
/// <param name="Key">Name of its text.</param>
/// <param name="NeedsText">The command carries a reason or comment.</param>
/// <param name="Make">Makes the command from the typed text and the version on the screen.</param>
public sealed record DeskCommand(string Key, bool NeedsText, Func<string, long, IncidentCommand> Make);

/// <summary>What the desk offers for an incident in its state. The grain decides; this only keeps buttons away that would be refused.</summary>
public static class IncidentSteps
{
    /// <summary>The steps of a case in order, as the bar over it shows them.</summary>
    public static ImmutableArray<IncidentState> Chain { get; } =
    [
        IncidentState.Reported, IncidentState.Received, IncidentState.Filed, IncidentState.Dispatched, IncidentState.Accepted,
        IncidentState.Arrived, IncidentState.Handled, IncidentState.Verified, IncidentState.Closed,
    ];

    public static ImmutableArray<DeskCommand> For(IncidentView incident)
    {
        ArgumentNullException.ThrowIfNull(incident);
        if (incident.MergedInto is not null)
        {
            return [];
        }

        if (incident.Suspended)
        {
            return [new("resume", false, static (_, version) => new ResumeIncident { ExpectedVersion = version })];
        }

        return [.. Forward(incident.State), .. Aside(incident)];
    }

    private static IEnumerable<DeskCommand> Forward(IncidentState state) => state switch
    {
        IncidentState.Reported => [new("receive", false, static (_, version) => new ReceiveIncident { ExpectedVersion = version })],
        IncidentState.Received => [new("file", false, static (_, version) => new FileIncident(null, null) { ExpectedVersion = version })],
        IncidentState.Handled =>
        [
            new("verify_passed", false, static (text, version) => new VerifyIncident(true, text) { ExpectedVersion = version }),
            new("verify_failed", true, static (text, version) => new VerifyIncident(false, text) { ExpectedVersion = version }),
        ],
        IncidentState.Verified => [new("close", true, static (text, version) => new CloseIncident(text) { ExpectedVersion = version })],
        _ => [],
    };

    private static IEnumerable<DeskCommand> Aside(IncidentView incident)
    {
        if (!incident.IsOpen)
        {
            if (incident.State == IncidentState.Closed)
            {
                yield return new("reopen", true, static (text, version) => new ReopenIncident(text) { ExpectedVersion = version });
            }

            yield break;
        }

        if (incident.State is >= IncidentState.Dispatched and <= IncidentState.Arrived)
        {
            yield return new("urge", false, static (text, version) => new UrgeIncident(text) { ExpectedVersion = version });
        }

        if (!incident.Supervised)
        {
            yield return new("supervise", true, static (text, version) => new SuperviseIncident(text) { ExpectedVersion = version });
        }

        yield return new("suspend", true, static (text, version) => new SuspendIncident(text) { ExpectedVersion = version });
        if (incident.State is IncidentState.Reported or IncidentState.Received or IncidentState.Filed)
        {
            yield return new("void", true, static (text, version) => new VoidIncident(text) { ExpectedVersion = version });
        }
    }
}
