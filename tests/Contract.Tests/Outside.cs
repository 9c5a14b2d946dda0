using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Contract.Tests;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;
using MQTTnet.Protocol;
using Running;

[assembly: AssemblyFixture(typeof(Outside))]

namespace Contract.Tests;

/// <summary>The program as the outside sees it: HTTP, MQTT, hub. It runs at the address in <c>COMMANDCENTER_URL</c> and <c>COMMANDCENTER_MQTT</c>
/// (host:port) when they are set, else the built program is started once for all tests.</summary>
public sealed class Outside : IAsyncLifetime
{
    private RunningCenter? _own;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public HttpClient Http { get; private set; } = new();

    public string MqttHost { get; private set; } = "127.0.0.1";

    public int MqttPort { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("COMMANDCENTER_URL") is { Length: > 0 } url)
        {
            var mqtt = (Environment.GetEnvironmentVariable("COMMANDCENTER_MQTT") ?? "127.0.0.1:1883").Split(':');
            (Address, MqttHost, MqttPort) = (new Uri(url), mqtt[0], int.Parse(mqtt[1], CultureInfo.InvariantCulture));
        }
        else
        {
            _own = await RunningCenter.StartAsync();
            (Address, MqttPort) = (_own.Address, _own.MqttPort);
        }

        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }

    /// <summary>An id that no other run has used.</summary>
    public static string NewId(string prefix) => $"{prefix}-{Guid.NewGuid():N}"[..(prefix.Length + 13)];

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static string At(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, "/api/v1/" + path);
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            string json => new StringContent(json, Encoding.UTF8, "application/json"),
            _ => JsonContent.Create(body),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!);
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, path);
        Assert.True(status == HttpStatusCode.OK, $"GET {path}: {status} {body}");
        return body;
    }

    public async Task<JsonNode> PutDeviceAsync(string id, object? source = null, string street = "320404002", string kind = "water_level", double longitude = 119.934, double latitude = 31.766)
    {
        var (status, body) = await SendAsync(HttpMethod.Put, $"devices/{id}", new
        {
            name = "合同测试 " + id, kind, street, lon = longitude, lat = latitude, crs = "wgs84", domain = "urban", intervalSeconds = 60, tags = Array.Empty<string>(),
            areas = Array.Empty<string>(), quantities = new[] { new { name = "water_depth", unit = "mm" } }, source,
        });
        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Created, $"{status} {body}");
        return body;
    }

    public async Task<IMqttClient> ConnectAsync(int? port = null)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer(MqttHost, port ?? MqttPort).WithClientId(NewId("contract")).WithTimeout(TimeSpan.FromSeconds(20)).Build());
        return client;
    }

    public static Task PublishAsync(IMqttClient client, string topic, string payload) => PublishAsync(client, topic, Encoding.UTF8.GetBytes(payload));

    public static async Task PublishAsync(IMqttClient client, string topic, byte[] payload) => await client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

    /// <summary>Readings of one value, ten seconds apart, the last one at <paramref name="end"/>.</summary>
    public static string[] Depths(DateTimeOffset end, int count, double depthMm) =>
        [.. Enumerable.Range(0, count).Select(i => $$$"""{"at":"{{{At(end.AddSeconds(-10 * (count - 1 - i)))}}}","values":{"water_depth":{{{depthMm.ToString(CultureInfo.InvariantCulture)}}}}}""")];

    public async Task<JsonNode[]> WarningsOfAsync(string device, string rule = "R01") =>
        [.. (await GetAsync("warnings?limit=1000"))["items"]!.AsArray().Where(warning => (string?)warning!["subject"] == device && (string?)warning["rule"] == rule).Select(warning => warning!)];

    public HubConnection Hub(bool messagePack = true)
    {
        var builder = new HubConnectionBuilder().WithUrl(new Uri(Address, "/hubs/situation"));
        return (messagePack ? builder.AddMessagePackProtocol() : builder).Build();
    }

    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> look, Func<T, bool> holds, string what, int seconds = 20)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (holds(seen))
            {
                return seen;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(seconds), $"{what}: not within {seconds} s; last seen {JsonSerializer.Serialize(seen)}");
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            await pause.WaitForNextTickAsync();
        }
    }
}
