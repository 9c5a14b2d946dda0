using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace IotIngest.Hosting;

/// <summary>What an ingest process of its own shows to whoever watches it: <c>GET /metrics</c> (Prometheus) and <c>GET /healthz/ready</c>, on loopback only.
/// Inside the web process the web site serves both.</summary>
internal sealed class MetricsEndpoint(int port, Func<bool> isReady, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    private WebApplication? listener;

    /// <summary>The port that really listens; 0 before the start.</summary>
    public int Port { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Configuration.Sources.Clear();
        builder.Services.AddSingleton<ILoggerFactory>(new InnerHostLoggers(loggers));
        builder.Services.AddSingleton<IHostLifetime, InnerHostLifetime>();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("IotIngest*").AddMeter("Microsoft.Orleans").AddMeter("System.Runtime").AddPrometheusExporter());
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        listener = builder.Build();
        listener.MapPrometheusScrapingEndpoint("/metrics");
        listener.MapGet("/healthz/ready", context =>
        {
            context.Response.StatusCode = isReady() ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        try
        {
            await listener.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException taken)
        {
            throw IngestConfiguration.Refuse("Metrics:Port", $"the port cannot be opened ({taken.Message})");
        }

        Port = BindingAddress.Parse(listener.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public Task StopAsync(CancellationToken cancellationToken) => listener?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (listener is not null)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }
    }
}
