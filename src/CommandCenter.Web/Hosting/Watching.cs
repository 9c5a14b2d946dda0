using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using IotIngest.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry.Metrics;

namespace CommandCenter.Web.Hosting;

/// <summary>Health and metrics for those who watch the platform.</summary>
internal static class Watching
{
    private const string Ready = "ready";

    public static IServiceCollection AddWatching(this IServiceCollection services)
    {
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("CommandCenter.*")
            .AddMeter("IotIngest*")
            .AddMeter("Microsoft.Orleans")
            .AddMeter("Microsoft.AspNetCore.Hosting")
            .AddMeter("Microsoft.AspNetCore.Http.Connections")
            .AddMeter("System.Runtime")
            .AddPrometheusExporter());
        services.AddHealthChecks().AddCheck<SiloAnswers>("silo", tags: [Ready]);
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/healthz/live", new() { Predicate = _ => false }).AllowAnonymous();
        routes.MapHealthChecks("/healthz/ready", new() { Predicate = check => check.Tags.Contains(Ready) }).AllowAnonymous();
    }

    // The ports open only after the silo is up and its store is migrated; what remains is that grains answer, that the feed knows its areas, and that
    // ingest has replayed its journal and opened.
    private sealed class SiloAnswers(IClusterClient cluster, SituationFeed feed, IngestNode ingest, TimeProvider machine) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (!feed.Ready.IsCompleted)
            {
                return HealthCheckResult.Unhealthy("The feed waits for the silo.");
            }

            if (!ingest.IsReady)
            {
                return HealthCheckResult.Unhealthy("Ingest replays its journal or is not connected to its broker.");
            }

            try
            {
                await cluster.GetGrain<IRecordsGrain>(0).ListAreasAsync().WaitAsync(TimeSpan.FromSeconds(5), machine, cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception failure) when (failure is TimeoutException or Orleans.Runtime.OrleansException)
            {
                return HealthCheckResult.Unhealthy("The silo does not answer.", failure);
            }
        }
    }
}
