using System.Globalization;
using IotIngest.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using StackExchange.Redis;

// Ingest as a process of its own: a client of the cluster and of an external broker. The embedded broker lives in the web process only.
const string ClusterName = "command-center";
try
{
    var builder = Host.CreateApplicationBuilder(args);
    var broker = IngestConfiguration.ReadBroker(builder.Configuration, builder.Environment.IsDevelopment());
    if (broker.Mode != BrokerMode.External)
    {
        throw IngestConfiguration.Refuse("Broker:Mode", "must be External in a process of its own; the embedded broker runs inside the web process");
    }

    if (!broker.Subscribe)
    {
        throw IngestConfiguration.Refuse("Broker:Subscribe", "must not be false in a process of its own, which is there for that");
    }

    // The web process keeps its own journal in the same place by default; two nodes never share one.
    builder.Configuration["Data:Directory"] = builder.Configuration["Data:Directory"] is { Length: > 0 } directory ? directory : Path.Combine("data", "ingest");
    if (IngestConfiguration.ReadMetricsPort(builder.Configuration) is { } metricsPort)
    {
        // Before everything else, so that a process that waits for its cluster can already be watched.
        builder.Services.AddHostedService(provider => new MetricsEndpoint(metricsPort, () => provider.GetRequiredService<IngestNode>().IsReady, provider.GetRequiredService<ILoggerFactory>()));
    }

    builder.UseOrleansClient(client => UseCluster(client, builder.Configuration));
    builder.Services.AddIotIngest(builder.Configuration, builder.Environment);
    await builder.Build().RunAsync();
    return 0;
}
catch (OptionsValidationException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 1;
}

static void UseCluster(IClientBuilder client, IConfiguration configuration)
{
    client.UseConnectionRetryFilter(async (_, cancellation) =>
    {
        // The cluster may start after this process; it is waited for.
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellation);
        return true;
    });
    switch (configuration["Cluster:Provider"] ?? "Localhost")
    {
        case var name when string.Equals(name, "Localhost", StringComparison.OrdinalIgnoreCase):
            client.UseLocalhostClustering(ReadPort(configuration, "Cluster:GatewayPort", 30_000), ClusterName, ClusterName);
            break;
        case var name when string.Equals(name, "Redis", StringComparison.OrdinalIgnoreCase):
            var address = configuration.GetConnectionString("Cluster");
            if (string.IsNullOrWhiteSpace(address))
            {
                throw IngestConfiguration.Refuse("ConnectionStrings:Cluster", "is missing for Cluster:Provider Redis");
            }

            client.UseRedisClustering(options => options.ConfigurationOptions = ConfigurationOptions.Parse(address));
            break;
        case var other:
            throw IngestConfiguration.Refuse("Cluster:Provider", $"\"{other}\" is not Localhost or Redis");
    }

    client.Configure<ClusterOptions>(options =>
    {
        options.ClusterId = ClusterName;
        options.ServiceId = ClusterName;
    });
}

static int ReadPort(IConfiguration configuration, string key, int otherwise)
{
    var text = configuration[key];
    if (string.IsNullOrEmpty(text))
    {
        return otherwise;
    }

    return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65_535
        ? port
        : throw IngestConfiguration.Refuse(key, $"\"{text}\" is not a port, 1 to 65535");
}
