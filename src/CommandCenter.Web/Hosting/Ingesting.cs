using IotIngest.Hosting;

namespace CommandCenter.Web.Hosting;

/// <summary>Ingest in this process: its services and its broker, which opens its own port when the journal is replayed.</summary>
internal static class Ingesting
{
    /// <summary>Call after the silo was added: services start in the order in which they are added.</summary>
    public static void Add(WebApplicationBuilder builder, StartSettings settings)
    {
        // Ingest reads the same keys; what follows from the whole of the settings is put there, so that both speak of one folder and one address.
        builder.Configuration["Data:Directory"] = settings.DataDirectory;
        if (settings.ListensBeyondLoopback && string.IsNullOrWhiteSpace(builder.Configuration["Broker:Host"]) && IsEmbedded(builder.Configuration))
        {
            builder.Configuration["Broker:Host"] = "*";
        }

        builder.Services.AddIotIngest(builder.Configuration, builder.Environment);
    }

    /// <summary>Where a client inside this process finds the broker.</summary>
    public static (string Host, int Port) BrokerOf(IngestNode node, BrokerOptions broker) =>
        broker.Mode == BrokerMode.Embedded ? ("127.0.0.1", node.BrokerPort) : (broker.Host, broker.Port);

    /// <summary>The account under which a client inside this process speaks to the broker; null: none is needed.</summary>
    public static (string Name, string Password)? AccountOf(IngestNode node, BrokerOptions broker) =>
        node.BrokerAccount ?? (string.IsNullOrEmpty(broker.Username) ? null : (broker.Username, broker.Password ?? string.Empty));

    private static bool IsEmbedded(ConfigurationManager configuration) =>
        !string.Equals(configuration["Broker:Mode"], nameof(BrokerMode.External), StringComparison.OrdinalIgnoreCase);
}
