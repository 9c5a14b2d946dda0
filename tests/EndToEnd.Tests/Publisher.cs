using System.Text.Json;
using MQTTnet;
using MQTTnet.Protocol;

namespace EndToEnd.Tests;

/// <summary>A device as it is in the street: a real MQTT client that waits for its acknowledgements.</summary>
internal sealed class Publisher : IAsyncDisposable
{
    private readonly IMqttClient client = new MqttClientFactory().CreateMqttClient();

    public static async Task<Publisher> ConnectAsync(int port, string? username = null, string? secret = null)
    {
        var publisher = new Publisher();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithTimeout(TimeSpan.FromSeconds(10));
        await publisher.client.ConnectAsync((username is null ? options : options.WithCredentials(username, secret)).Build());
        return publisher;
    }

    public async Task PublishAsync(string topic, object payload)
    {
        var result = await client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(JsonSerializer.SerializeToUtf8Bytes(payload))
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build());
        Assert.True(result.IsSuccess, $"{topic}: {result.ReasonCode}");
    }

    /// <summary>A series of one quantity whose times lie 10 s apart and end now, oldest first, as a device sends that was out of reach for a while.</summary>
    public async Task PublishSeriesAsync(string street, string device, string quantity, double value, int count, DateTimeOffset end)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            await PublishAsync($"city/v1/{street}/{device}/readings", new Dictionary<string, object>
            {
                ["at"] = end.AddSeconds(-10 * i).ToUnixTimeMilliseconds(),
                ["values"] = new Dictionary<string, double> { [quantity] = value },
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisconnectAsync();
        client.Dispose();
    }
}
