using System.Net;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Running;

namespace Contract.Tests;

/// <summary>A program whose broker asks for an account, as it does outside Development.</summary>
public sealed class CredentialTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credential_is_shown_once_binds_the_device_to_itself_and_is_worth_nothing_after_a_new_one()
    {
        await using var center = await RunningCenter.StartAsync(
            "--Broker:Anonymous=false", "--Auth:ApiKeys:0:Key=duty-key", "--Auth:ApiKeys:0:Role=duty", "--Auth:ApiKeys:1:Key=security-key", "--Auth:ApiKeys:1:Role=security");
        foreach (var id in new[] { "wl-1", "wl-2" })
        {
            await center.SendAsync(HttpMethod.Put, $"api/v1/devices/{id}", new
            {
                name = id, kind = "water_level", street = "320404002", lon = 119.934, lat = 31.766, quantities = new[] { new { name = "water_depth", unit = "mm" } },
            });
        }

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(center, HttpMethod.Post, "wl-1", "duty-key"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(center, HttpMethod.Post, "wl-9", "security-key"));
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, await TryAsync(center, null, null));

        using var answer = await center.SendRawAsync(HttpMethod.Post, "api/v1/devices/wl-1/credential", new { });
        Assert.Equal((HttpStatusCode.Created, "no-store"), (answer.StatusCode, answer.Headers.CacheControl!.ToString()));
        var issued = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(("wl-1", "wl-1", 1), (issued.GetProperty("device").GetString(), issued.GetProperty("username").GetString(), issued.GetProperty("version").GetInt32()));
        Assert.Equal(JsonValueKind.Null, issued.GetProperty("gateway").ValueKind);
        var secret = issued.GetProperty("secret").GetString()!;

        using var device = new MqttClientFactory().CreateMqttClient();
        Assert.Equal(MqttClientConnectResultCode.Success, (await device.ConnectAsync(Options(center, "wl-1", secret), Cancellation)).ResultCode);
        Assert.True((await PublishAsync(device, "wl-1", 111)).IsSuccess);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await PublishAsync(device, "wl-2", 222)).ReasonCode);
        Assert.Equal(
            MqttClientSubscribeResultCode.NotAuthorized,
            (await device.SubscribeAsync("city/v1/#", MqttQualityOfServiceLevel.AtLeastOnce, Cancellation)).Items.Single().ResultCode);
        await center.EventuallyAsync(
            () => center.GetAsync("api/v1/rejections?limit=100"), list => list.GetProperty("byReason").TryGetProperty("not_allowed", out var count) && count.GetInt32() == 1, "the rejection");
        await center.EventuallyAsync(
            () => center.GetAsync("api/v1/devices/wl-1"), document => document.GetProperty("latest").TryGetProperty("water_depth", out var latest) && latest.GetProperty("value").GetDouble() == 111,
            "the own reading");
        Assert.Empty((await center.GetAsync("api/v1/devices/wl-2")).GetProperty("latest").EnumerateObject());

        // The hash outlives the process, the secret is nowhere.
        await center.KillAsync();
        await center.StartAgainAsync();
        Assert.Equal(MqttClientConnectResultCode.Success, await TryAsync(center, "wl-1", secret));
        foreach (var file in Directory.EnumerateFiles(center.DataDirectory, "operations.db*"))
        {
            Assert.DoesNotContain(secret, await ReadAsync(file), StringComparison.Ordinal);
        }

        using var connected = new MqttClientFactory().CreateMqttClient();
        await connected.ConnectAsync(Options(center, "wl-1", secret), Cancellation);
        var second = await center.SendAsync(HttpMethod.Post, "api/v1/devices/wl-1/credential", new { gateway = new { topics = Array.Empty<string>(), devices = new[] { "wl-2" } } });
        Assert.Equal((2, "wl-2"), (second.GetProperty("version").GetInt32(), second.GetProperty("gateway").GetProperty("devices")[0].GetString()));
        await center.EventuallyAsync(() => Task.FromResult(connected.IsConnected), still => !still, "the old connection is cut", TimeSpan.FromSeconds(5));
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, await TryAsync(center, "wl-1", secret));
        using var gateway = new MqttClientFactory().CreateMqttClient();
        await gateway.ConnectAsync(Options(center, "wl-1", second.GetProperty("secret").GetString()!), Cancellation);
        Assert.True((await PublishAsync(gateway, "wl-2", 333)).IsSuccess);

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(center, HttpMethod.Delete, "wl-1", "security-key"));
        await center.EventuallyAsync(() => Task.FromResult(gateway.IsConnected), still => !still, "the withdrawn account is cut", TimeSpan.FromSeconds(5));
        using var wrong = await center.SendRawAsync(HttpMethod.Post, "api/v1/devices/wl-1/credential", new { gateway = new { topics = new[] { "a/#/b" }, devices = new[] { "wl-9" } } });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(
            ["gateway.devices[0]", "gateway.topics[0]"],
            JsonElement.Parse(await wrong.Content.ReadAsStringAsync(Cancellation)).GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
    }

    private static MqttClientOptions Options(RunningCenter center, string? name, string? secret)
    {
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", center.MqttPort).WithProtocolVersion(MqttProtocolVersion.V500).WithTimeout(TimeSpan.FromSeconds(20));
        return (name is null ? options : options.WithCredentials(name, secret)).Build();
    }

    private static async Task<MqttClientConnectResultCode> TryAsync(RunningCenter center, string? name, string? secret)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        return (await client.ConnectAsync(Options(center, name, secret), Cancellation)).ResultCode;
    }

    private static Task<MqttClientPublishResult> PublishAsync(IMqttClient client, string device, int depth) => client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic($"city/v1/320404002/{device}/readings").WithPayload($$$"""{"values":{"water_depth":{{{depth}}}}}""")
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
        Cancellation);

    private static async Task<HttpStatusCode> StatusAsync(RunningCenter center, HttpMethod method, string device, string key)
    {
        using var request = new HttpRequestMessage(method, $"api/v1/devices/{device}/credential");
        request.Headers.Add("X-Api-Key", key);
        using var answer = await center.Http.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }

    private static async Task<string> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return await reader.ReadToEndAsync(Cancellation);
    }
}
