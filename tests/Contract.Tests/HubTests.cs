using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Contract.Tests;

public sealed class HubTests(Outside outside)
{
    private static readonly string[] FrameKeys = ["area", "epoch", "seq", "at", "heartbeat", "devices", "warnings", "incidents", "tasks", "removed", "counts"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Screen_gets_a_snapshot_and_then_frames_without_a_gap(bool messagePack)
    {
        var device = Outside.NewId("wl");
        await outside.PutDeviceAsync(device, street: "320404005", longitude: 119.9, latitude: 31.79);
        await using var hub = outside.Hub(messagePack);
        var said = Listen(hub, messagePack);
        await hub.StartAsync(TestContext.Current.CancellationToken);
        await hub.InvokeAsync("Subscribe", "320404005", TestContext.Current.CancellationToken);

        var (method, first) = await NextAsync(said);
        Assert.Equal("Snapshot", method);
        Assert.Equal([.. FrameKeys, "part", "parts"], first.AsObject().Select(member => member.Key));
        var seq = (long)first["seq"]!;
        for (var part = 2L; part <= (long)first["parts"]!; part++)
        {
            await NextAsync(said);
        }

        using var client = await outside.ConnectAsync();
        await Outside.PublishAsync(client, $"city/v1/320404005/{device}/readings", $$$"""{"at":"{{{Outside.At(Outside.Now)}}}","values":{"water_depth":42}}""");
        var (heartbeat, change) = (false, false);
        for (var i = 0; i < 100 && !(heartbeat && change); i++)
        {
            (method, var frame) = await NextAsync(said);
            Assert.Equal("Frame", method);
            Assert.Equal(FrameKeys, frame.AsObject().Select(member => member.Key));
            Assert.Equal(((string)first["epoch"]!, ++seq), ((string)frame["epoch"]!, (long)frame["seq"]!));
            heartbeat |= (bool)frame["heartbeat"]!;
            change |= frame["devices"]!.AsArray().Any(found => (string?)found!["id"] == device && (double?)found["values"]!["water_depth"] == 42 && (string?)found["state"] == "normal");
        }

        Assert.True(heartbeat && change, $"heartbeat {heartbeat}, change {change}");
    }

    [Fact]
    public async Task Area_that_does_not_exist_is_refused()
    {
        await using var hub = outside.Hub();
        await hub.StartAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<HubException>(() => hub.InvokeAsync("Subscribe", "nowhere", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task District_shows_its_streets_as_children_and_the_canary_returns()
    {
        var situation = await Outside.EventuallyAsync(() => outside.GetAsync("situation/320404"), found => found["canaryMs"] is not null, "a canary", seconds: 40);
        Assert.Contains("320404002", situation["children"]!.AsArray().Select(child => (string?)child!["area"]));
        Assert.Equal("320404", (string?)situation["area"]);
    }

    private static Channel<(string Method, JsonNode Frame)> Listen(HubConnection hub, bool messagePack)
    {
        var said = Channel.CreateUnbounded<(string, JsonNode)>();
        foreach (var method in (string[])["Snapshot", "Frame", "Revoked"])
        {
            if (messagePack)
            {
                hub.On<object>(method, frame => said.Writer.TryWrite((method, JsonNode.Parse(ToNode(frame)!.ToJsonString())!)));
            }
            else
            {
                hub.On<JsonElement>(method, frame => said.Writer.TryWrite((method, JsonNode.Parse(frame.GetRawText())!)));
            }
        }

        return said;
    }

    private static JsonNode? ToNode(object? value) => value switch
    {
        null => null,
        IDictionary<object, object> map => new JsonObject(map.Select(member => KeyValuePair.Create((string)member.Key, ToNode(member.Value)))),
        object[] list => new JsonArray([.. list.Select(ToNode)]),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        float or double => JsonValue.Create(Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)),
    };

    private static async Task<(string Method, JsonNode Frame)> NextAsync(Channel<(string, JsonNode)> said) =>
        await said.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
}
