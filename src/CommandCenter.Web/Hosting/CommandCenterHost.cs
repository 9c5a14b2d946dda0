using System.Net;
using System.Net.Sockets;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.History;
using CommandCenter.Grains.Hosting;
using CommandCenter.Grains.Storing;
using CommandCenter.Web.Api;
using CommandCenter.Web.Components;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Operators;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orleans.Configuration;

namespace CommandCenter.Web.Hosting;

// The one program: broker, ingest, silo, web site and, when asked for, the pretended city. Services start in the order they are added: the silo,
// then ingest with the replay of its journal, and last the listening ports, so that nobody is served before everything is ready.
internal static class CommandCenterHost
{
    public static async Task<int> RunAsync(string[] args)
    {
        WebApplication app;
        try
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = FindContentRoot() });
            var settings = StartSettings.Read(builder.Configuration, builder.Environment.IsDevelopment(), builder.Environment.ContentRootPath, out var errors);
            if (errors.Count > 0)
            {
                await Console.Error.WriteLineAsync(errors[0]);
                return 2;
            }

            Directory.CreateDirectory(settings.DataDirectory);
            Configure(builder, settings);
            app = builder.Build();
            Map(app, settings);
        }
        catch (Exception failure) when (RefusalOf(failure) is { } line)
        {
            await Console.Error.WriteLineAsync(line);
            return 2;
        }

        await using (app)
        {
            try
            {
                await app.RunAsync();
                return 0;
            }
            catch (Exception failure) when (RefusalOf(failure) is { } line)
            {
                await Console.Error.WriteLineAsync(line);
                return 2;
            }
        }
    }

    /// <summary>One line for what the operator can mend: a wrong option, a port in use, a bad map; null: a bug, to be shown whole.</summary>
    internal static string? RefusalOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case Microsoft.Extensions.Options.OptionsValidationException wrong:
                    return wrong.Failures.First();
                case Microsoft.AspNetCore.Connections.AddressInUseException:
                case SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }:
                    return $"Urls or Broker:Port: {failure.Message}";
                case SettingRefusedException refused:
                    return refused.Message;
            }
        }

        return null;
    }

    private static void Configure(WebApplicationBuilder builder, StartSettings settings)
    {
        var services = builder.Services;
        var clock = DemoClockFile.Open(TimeProvider.System, settings.DataDirectory, settings.Demo);
        services.AddSingleton(settings);
        services.AddSingleton(settings.Map);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(clock);
        services.AddSingleton<CommandCenter.Web.Api.ReadingImports>();
        services.AddSingleton(new DemoState(settings.Demo.Enabled, clock.Speed));

        // The addresses are listened to by explicit calls below; left here as well, Kestrel would warn that it overrides them.
        builder.Configuration["urls"] = string.Empty;
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, settings));
        builder.Host.ConfigureHostOptions(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));

        AddSilo(builder, settings);
        Ingesting.Add(builder, settings);
        services.AddFeed();
        services.AddSignIn(settings);
        services.AddScreens();
        services.AddWatching();
        services.AddProblemDetails();
        services.AddOpenApi("v1", openApi => openApi.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "City operations command center";
            document.Info.Version = "v1";
            return Task.CompletedTask;
        }));
        services.ConfigureHttpJsonOptions(json => ContractJson.Apply(json.SerializerOptions));
        services.AddHostedService<Canary>();
        services.AddSingleton<IngestWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<IngestWatch>());
        if (settings.Demo.Enabled)
        {
            services.AddHostedService<DemoCity>();
        }

        if (clock.Provider is ScaledTime)
        {
            services.AddHostedService<DemoClockWriter>();
        }
    }

    private static void AddSilo(WebApplicationBuilder builder, StartSettings settings)
    {
        var services = builder.Services;
        services.Configure<StoringOptions>(storing =>
        {
            storing.Provider = settings.StoreProvider;
            storing.ConnectionString = settings.StoreConnection;
            storing.DataDirectory = settings.DataDirectory;
        });
        services.Configure<HistoryOptions>(history =>
        {
            history.Provider = settings.History.Provider;
            history.Url = settings.History.Url;
            history.Database = settings.History.Database;
            history.Token = settings.History.Token;
            history.RetentionDays = settings.History.RetentionDays;
            history.SortRows = settings.History.SortRows;
            history.WriteApi = settings.History.WriteApi;
            history.DataDirectory = settings.DataDirectory;
        });
        services.Configure<GeographyOptions>(geography =>
        {
            geography.Directory = settings.Map.Directory;
            geography.District = settings.Map.District;
        });
        builder.UseOrleans(silo =>
        {
            var (siloPort, gatewayPort) = (settings.SiloPort ?? FreePort(11_111), settings.GatewayPort ?? FreePort(30_000));
            if (settings.ClusterProvider == ClusterProvider.Redis)
            {
                silo.UseRedisClustering(settings.ClusterConnection!);
                silo.Configure<ClusterOptions>(cluster =>
                {
                    cluster.ClusterId = "command-center";
                    cluster.ServiceId = "command-center";
                });
                silo.ConfigureEndpoints(IPAddress.Loopback, siloPort, gatewayPort);
            }
            else
            {
                silo.UseLocalhostClustering(siloPort, gatewayPort, serviceId: "command-center", clusterId: "command-center");
            }
        });

        // After the silo, because the rooms' own services call grains as soon as they start; stores and maps open before anything starts.
        services.AddCommandCenterRooms();
    }

    private static void Map(WebApplication app, StartSettings settings)
    {
        app.UseExceptionHandler(Failures.Handler);
        app.UseContentSecurity(settings.Map);
        app.UseSameSite(loopbackOnly: settings.AuthMode == AuthMode.Open);
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseMapFiles(settings.Map);
        app.MapLoginPage();
        app.MapHealth();
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapDemoSnapshots();
        app.MapFeed();
        app.MapApi();
        app.MapScreens();
    }

    private static void Listen(KestrelServerOptions kestrel, StartSettings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 80 * 1024 * 1024;
        foreach (var url in settings.Urls)
        {
            ListenAt(kestrel, url.Host, url.Port, listen =>
            {
                if (url.Scheme == "https")
                {
                    listen.UseHttps();
                }
            });
        }
    }

    private static void ListenAt(KestrelServerOptions kestrel, string host, int port, Action<ListenOptions> configure)
    {
        if (host == "localhost")
        {
            kestrel.ListenLocalhost(port, configure);
        }
        else if (IPAddress.TryParse(host.Trim('[', ']'), out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
        {
            kestrel.Listen(address, port, configure);
        }
        else
        {
            kestrel.ListenAnyIP(port, configure);
        }
    }

    /// <summary>The wanted port when it is free, else any free one, so that several programs run side by side on one machine.</summary>
    private static int FreePort(int wanted)
    {
        foreach (var port in (ReadOnlySpan<int>)[wanted, 0])
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.ExclusiveAddressUse = true;
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // In use: any other port does as well.
            }
        }

        throw new SettingRefusedException("Cluster:Provider: no free port for the silo");
    }

    // "dotnet run" sets the project's folder; started from elsewhere, settings and files lie beside the program.
    private static string FindContentRoot()
    {
        var here = Directory.GetCurrentDirectory();
        return File.Exists(Path.Combine(here, "appsettings.json")) ? here : AppContext.BaseDirectory;
    }
}

/// <summary>An option that cannot work, found after the start began. The message names the key and is shown alone.</summary>
internal sealed class SettingRefusedException(string message) : Exception(message);
