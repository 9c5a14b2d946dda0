using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Registry;

/// <summary>Keeps the last word of every ingest node.</summary>
internal sealed class IngestHealthGrain(TimeProvider timers) : Grain, IIngestHealthGrain
{
    private const int NodesMax = 100;
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(1);

    private readonly Dictionary<string, (long HeardAt, IngestNodeHealth Health)> nodes = new(StringComparer.Ordinal);

    public Task ReportAsync(IngestNodeHealth health)
    {
        Forget();
        if (nodes.ContainsKey(health.Node) || nodes.Count < NodesMax)
        {
            nodes[health.Node] = (timers.GetTimestamp(), health);
        }

        return Task.CompletedTask;
    }

    public Task<ImmutableArray<IngestNodeHealth>> ListAsync()
    {
        Forget();
        return Task.FromResult<ImmutableArray<IngestNodeHealth>>([.. nodes.Values.Select(node => node.Health).OrderBy(health => health.Node, StringComparer.Ordinal)]);
    }

    private void Forget()
    {
        foreach (var silent in nodes.Where(node => timers.GetElapsedTime(node.Value.HeardAt) > ForgottenAfter).Select(node => node.Key).ToList())
        {
            nodes.Remove(silent);
        }
    }
}
