using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using CitySimulator;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History;
using CommandCenter.Grains.History.Influx;
using CommandCenter.Grains.Storing;
using IotIngest.Hosting;
using Microsoft.Extensions.Options;

namespace CommandCenter.Web.Hosting;

/// <summary>How the silos find each other.</summary>
public enum ClusterProvider { Localhost, Redis }

/// <summary>Whether one must sign in.</summary>
public enum AuthMode { Open, Required }

/// <summary>One address to listen on, from <c>Urls</c>.</summary>
internal sealed record ListenAddress(string Scheme, string Host, int Port)
{
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

/// <summary>A key that a machine sends as <c>X-Api-Key</c>, and whom it stands for.</summary>
internal sealed record ApiKeySetting(string Key, Actor Actor);

/// <summary>The demonstration (configuration section <c>Demo</c>).</summary>
internal sealed record DemoSettings(bool Enabled, int Devices, int Seed, string Scenario, double Speed);

/// <summary>Every option of the public contract as a typed value, read once at the start. What is wrong stops the start with one line.</summary>
internal sealed record StartSettings
{
    public required ImmutableArray<ListenAddress> Urls { get; init; }
    public required string DataDirectory { get; init; }
    public required MapSettings Map { get; init; }
    public required DemoSettings Demo { get; init; }
    public required BrokerOptions Broker { get; init; }
    public required StoreProvider StoreProvider { get; init; }
    public required string? StoreConnection { get; init; }
    public required HistoryOptions History { get; init; }
    public required ClusterProvider ClusterProvider { get; init; }
    public required string? ClusterConnection { get; init; }

    /// <summary>Ports of the silo and of its gateway, where clients such as an ingest process find it; null: 11111 and 30000 when they are free, else any.</summary>
    public required int? SiloPort { get; init; }
    public required int? GatewayPort { get; init; }
    public required AuthMode AuthMode { get; init; }
    public required string? AdminPassword { get; init; }
    public required ImmutableArray<ApiKeySetting> ApiKeys { get; init; }

    /// <summary>The web site is reachable from other machines; then the embedded broker is as well.</summary>
    public bool ListensBeyondLoopback => Urls.Any(url => !url.IsLoopback);

    /// <summary>Reads and checks. The settings are whole only when <paramref name="errors"/> is empty.</summary>
    public static StartSettings Read(IConfiguration configuration, bool development, string contentRoot, out IReadOnlyList<string> errors)
    {
        var reader = new SettingsReader(configuration);
        var root = FindSourceTree() ?? contentRoot;
        var urls = ReadUrls(reader);
        var loopback = urls.All(url => url.IsLoopback);
        var auth = reader.Word("Auth:Mode", development && loopback ? AuthMode.Open : AuthMode.Required);
        var demo = ReadDemo(reader, development);
        var settings = new StartSettings
        {
            Urls = urls,
            DataDirectory = Path.GetFullPath(reader.Text("Data:Directory") ?? "data", root),
            Map = new(
                Path.GetFullPath(reader.Text("Map:Directory") ?? "maps", root),
                reader.Text("Map:District") ?? "320404",
                reader.Text("Map:BaseMap"),
                reader.Text("Map:ApprovalNumber")),
            Demo = demo,
            Broker = ReadBroker(reader, configuration, development),
            StoreProvider = reader.Word("Store:Provider", StoreProvider.Sqlite),
            StoreConnection = reader.Text("ConnectionStrings:Store"),
            History = new HistoryOptions
            {
                Provider = reader.Word("History:Provider", HistoryProvider.DuckDb),
                Url = reader.Address("History:Url"),
                Database = reader.Text("History:Database") ?? "commandcenter",
                Token = reader.Text("History:Token"),
                RetentionDays = reader.Int("History:RetentionDays", 180, 1, 3650),
                SortRows = reader.Int("History:SortRows", 1_000_000, 1_000, 100_000_000),
                WriteApi = reader.Word("History:WriteApi", InfluxApi.Auto),
            },
            ClusterProvider = reader.Word("Cluster:Provider", ClusterProvider.Localhost),
            ClusterConnection = reader.Text("ConnectionStrings:Cluster"),
            SiloPort = reader.IsSet("Cluster:SiloPort") ? reader.Int("Cluster:SiloPort", 11_111, 1, 65_535) : null,
            GatewayPort = reader.IsSet("Cluster:GatewayPort") ? reader.Int("Cluster:GatewayPort", 30_000, 1, 65_535) : null,
            AuthMode = auth,
            AdminPassword = reader.Text("Auth:AdminPassword"),
            ApiKeys = ReadApiKeys(reader, configuration, development, reader.Text("Map:District") ?? "320404"),
        };
        settings.History.DataDirectory = settings.DataDirectory;
        RefuseImpossible(reader, settings, development, loopback);
        errors = reader.Errors;
        return settings;
    }

    private static void RefuseImpossible(SettingsReader reader, StartSettings settings, bool development, bool loopback)
    {
        if (reader.Errors.Count > 0)
        {
            return;
        }

        var redis = settings.ClusterProvider == ClusterProvider.Redis;
        if (settings.AuthMode == AuthMode.Open && !(development && loopback))
        {
            reader.Refuse("Auth:Mode", "Open is allowed only in Development and on loopback addresses");
        }
        else if (settings.AuthMode == AuthMode.Required && settings.AdminPassword is null && settings.ApiKeys.IsEmpty)
        {
            reader.Refuse("Auth:AdminPassword", "must be set when Auth:Mode is Required and there is no API key");
        }

        if (redis && settings.ClusterConnection is null)
        {
            reader.Refuse("ConnectionStrings:Cluster", "must be set when Cluster:Provider is Redis");
        }

        if (redis && settings.StoreProvider == StoreProvider.Sqlite)
        {
            reader.Refuse("Store:Provider", "Sqlite is one file of one silo and cannot serve Cluster:Provider Redis; use PostgreSql");
        }

        if (redis && settings.History.Provider == HistoryProvider.DuckDb)
        {
            reader.Refuse("History:Provider", "DuckDb is one file of one silo and cannot serve Cluster:Provider Redis; use InfluxDb");
        }

        if (settings.StoreProvider == StoreProvider.PostgreSql && settings.StoreConnection is null)
        {
            reader.Refuse("ConnectionStrings:Store", "must be set when Store:Provider is PostgreSql");
        }

        if (settings.History.Provider == HistoryProvider.InfluxDb && settings.History.Url is null)
        {
            reader.Refuse("History:Url", "must be set when History:Provider is InfluxDb");
        }

        if (settings.Broker.Mode == BrokerMode.Embedded && settings.Urls.FirstOrDefault(url => url.Port == settings.Broker.Port) is { } same)
        {
            reader.Refuse("Broker:Port", string.Create(CultureInfo.InvariantCulture, $"{same.Port} is already used by Urls"));
        }
    }

    private static ImmutableArray<ListenAddress> ReadUrls(SettingsReader reader)
    {
        var text = reader.Text("Urls") ?? "http://localhost:5080";
        var addresses = ImmutableArray.CreateBuilder<ListenAddress>();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // "*" and "+" are hosts here and not in a Uri.
            var any = part.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
            if (Uri.TryCreate(any, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/"
                && (uri.Host == "localhost" || IPAddress.TryParse(uri.Host.Trim('[', ']'), out _)))
            {
                addresses.Add(new(uri.Scheme, uri.Host, uri.Port));
            }
            else
            {
                reader.Refuse("Urls", $"must be addresses such as http://localhost:5080 with localhost, * or an IP address, separated by ';', was '{part}'");
            }
        }

        return addresses.ToImmutable();
    }

    private static DemoSettings ReadDemo(SettingsReader reader, bool development)
    {
        var enabled = reader.Bool("Demo:Enabled", development);
        var speed = reader.Number("Demo:Speed", 1, 1, 60);
        if (speed > 1 && !enabled)
        {
            reader.Refuse("Demo:Speed", "only with Demo:Enabled=true");
        }

        var scenario = reader.Text("Demo:Scenario") ?? SimulatedCity.Storm;
        if (!SimulatedCity.Scenarios.Contains(scenario))
        {
            reader.Refuse("Demo:Scenario", $"must be {string.Join(" or ", SimulatedCity.Scenarios)}, was '{scenario}'");
        }

        return new(enabled, reader.Int("Demo:Devices", CityPlan.DefaultDevices, 1, CityPlan.DevicesMax), reader.Int("Demo:Seed", 320_404, 0, int.MaxValue), scenario, speed);
    }

    // The broker's own keys are ingest's; the words and numbers that anyone may mistype are looked at here first, so that every refusal reads alike.
    private static BrokerOptions ReadBroker(SettingsReader reader, IConfiguration configuration, bool development)
    {
        var before = reader.Errors.Count;
        var mode = reader.Word("Broker:Mode", BrokerMode.Embedded);
        reader.Int("Broker:Port", 1883, 1, 65535);
        reader.Int("Broker:TlsPort", 8883, 1, 65535);
        reader.Int("Broker:MaxPayloadBytes", 262_144, 1, 16_777_216);
        reader.Bool("Broker:UseTls", false);
        reader.Bool("Broker:Subscribe", true);
        reader.Bool("Broker:Anonymous", false);
        reader.ExistingFile("Broker:CertificateFile");
        reader.ExistingFile("Broker:CaFile");
        if (mode == BrokerMode.External && !reader.IsSet("Broker:Host"))
        {
            reader.Refuse("Broker:Host", "must be set when Broker:Mode is External");
        }

        if (reader.Errors.Count > before)
        {
            return new BrokerOptions();
        }

        try
        {
            return IngestConfiguration.ReadBroker(configuration, development);
        }
        catch (OptionsValidationException wrong)
        {
            reader.RefuseLine(wrong.Failures.First());
            return new BrokerOptions();
        }
    }

    private static ImmutableArray<ApiKeySetting> ReadApiKeys(SettingsReader reader, IConfiguration configuration, bool development, string district)
    {
        var keys = ImmutableArray.CreateBuilder<ApiKeySetting>();
        foreach (var section in configuration.GetSection("Auth:ApiKeys").GetChildren())
        {
            var path = $"Auth:ApiKeys:{section.Key}";
            var key = reader.Text($"{path}:Key");
            if (key is null)
            {
                reader.Refuse($"{path}:Key", "must be set");
                continue;
            }

            if (!reader.IsSet($"{path}:Role"))
            {
                reader.Refuse($"{path}:Role", $"must be {string.Join(" or ", Enum.GetNames<Role>())}");
                continue;
            }

            var role = reader.Word($"{path}:Role", Role.Duty);
            if (role == Role.Admin && !development)
            {
                reader.Refuse($"{path}:Role", "Admin is allowed only in Development");
            }

            if (keys.Any(other => other.Key == key))
            {
                reader.Refuse($"{path}:Key", "must differ from the other keys");
            }

            var area = reader.Text($"{path}:Area");
            var unit = reader.Text($"{path}:Unit");
            keys.Add(new(key, new Actor
            {
                Id = unit ?? $"key-{section.Key}",
                Name = unit ?? $"key-{section.Key}",
                Kind = unit is null ? ActorKind.User : ActorKind.Unit,
                Roles = [role],
                Areas = area is null || area == district ? [] : [new AreaId(area)],
                Units = unit is null ? [] : [new ResponseUnitId(unit)],
                SeesWholeDistrict = area is null || area == district,
            }));
        }

        return keys.ToImmutable();
    }

    /// <summary>The root of the repository when the program runs from its source tree, so that one data folder serves every way to start it.</summary>
    private static string? FindSourceTree()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
