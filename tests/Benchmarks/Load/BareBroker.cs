using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MQTTnet.AspNetCore;
using MQTTnet.Server;

namespace Benchmarks.Load;

/// <summary>The yardstick: the same broker library on the same transport, which counts what it receives and does nothing else.
/// Runs as a process of its own: <c>Benchmarks bare-broker MQTTPORT HTTPPORT</c>; <c>GET /count</c> answers the messages so far.</summary>
internal static class BareBroker
{
    private static long count;

    public static async Task RunAsync(int mqttPort, int httpPort)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(mqttPort, listen => listen.UseMqtt());
            kestrel.ListenLocalhost(httpPort);
        });
        builder.Services.AddHostedMqttServer(options => options.WithoutDefaultEndpoint());
        builder.Services.AddMqttConnectionHandler();
        var app = builder.Build();
        app.UseMqttServer(server => server.InterceptingPublishAsync += args =>
        {
            Interlocked.Increment(ref count);
            args.ProcessPublish = false;
            return Task.CompletedTask;
        });
        app.MapGet("/count", () => Results.Text(Interlocked.Read(ref count).ToString(CultureInfo.InvariantCulture)));
        await app.RunAsync();
    }
}
