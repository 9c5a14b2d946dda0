using System.Text;
using CommandCenter.Grains.Contracts;
using IotIngest.Receiving;

namespace IotIngest.Tests.Decoding;

/// <summary>What foreign messages become for registered devices: identities, units that the message names, and units that only the format's documentation names.</summary>
public sealed class Foreign_mappings
{
    [Theory]
    [InlineData("senml", "urn:dev:ow:10e2073a01080063:", "senml/x", """[{"bn":"urn:dev:ow:10e2073a01080063:","n":"water_depth","u":"m","v":0.152}]""")]
    [InlineData("senml", "urn:dev:ow:10e2073a01080063", "senml/x", """[{"bn":"urn:dev:ow:10e2073a01080063:","n":"water_depth","u":"m","v":0.152}]""")]
    [InlineData("senml", "urn:dev:ow:10e2073a01080063:", "senml/x", """[{"n":"urn:dev:ow:10e2073a01080063:water_depth","u":"m","v":0.152}]""")]
    [InlineData("the-things-stack", "0004A30B001C0530", "v3/a/devices/dev1/up", """{"end_device_ids":{"device_id":"dev1","dev_eui":"0004A30B001C0530"},"uplink_message":{"decoded_payload":{"water_depth":152}}}""")]
    [InlineData("the-things-stack", "dev1", "v3/a/devices/dev1/up", """{"end_device_ids":{"device_id":"dev1","dev_eui":"0004A30B001C0530"},"uplink_message":{"decoded_payload":{"water_depth":152}}}""")]
    [InlineData("ngsi", "urn:ngsi-ld:Device:7", "ngsi/x", """{"id":"urn:ngsi-ld:WaterObserved:1","type":"WaterObserved","refDevice":{"type":"Relationship","object":"urn:ngsi-ld:Device:7"},"water_depth":{"type":"Property","value":15.2,"unitCode":"CMT"}}""")]
    [InlineData("ngsi", "wl-1", "ngsi/x", """{"id":"wl-1","type":"Device","water_depth":{"type":"Number","value":15.2,"metadata":{"unitCode":{"type":"Text","value":"CMT"}}}}""")]
    [InlineData("zigbee2mqtt", "cellar/level 1", "zigbee2mqtt/cellar/level 1", """{"water_depth":152}""")]
    public async Task A_device_is_found_by_each_of_its_identities_and_the_unit_of_the_message_counts(string format, string key, string topic, string payload)
    {
        var mapped = Assert.Single(await MapAsync(format, key, topic, payload, new DeviceQuantity { Name = new("water_depth"), Unit = "mm" }));
        Assert.Equal(("water_depth", 152.0, "mm"), (mapped.Quantity.Value, mapped.Value, mapped.Unit));
    }

    [Fact]
    public async Task Usual_units_count_where_the_document_names_neither_unit_nor_scale()
    {
        var mapped = await MapAsync("zigbee2mqtt", "a", "zigbee2mqtt/a", """{"pressure":1008.8,"power":52}""", new DeviceQuantity { Name = new("power"), Unit = "kW" });
        Assert.Equal([("power", 0.052), ("pressure", 0.10088)], mapped.Select(one => (one.Quantity.Value, one.Value)).Order());
    }

    [Fact]
    public async Task A_scale_in_the_document_is_written_for_the_unit_that_it_means()
    {
        var mapped = await MapAsync("zigbee2mqtt", "a", "zigbee2mqtt/a", """{"power":52}""", new DeviceQuantity { Name = new("power"), Unit = "kW", Scale = 0.001 });
        Assert.Equal(0.052, Assert.Single(mapped).Value, 12);
    }

    [Fact]
    public async Task A_name_that_only_sounds_like_the_vocabulary_is_left_alone()
    {
        // Traccar calls the volts of the vehicle's battery "power".
        Assert.Empty(await MapAsync("traccar", "4", "traccar/x", """{"deviceId":4,"valid":false,"attributes":{"power":12.4}}""", new DeviceQuantity { Name = new("water_depth"), Unit = "mm" }));
    }

    [Fact]
    public async Task Fahrenheit_and_millimetres_of_mercury_are_what_the_message_says()
    {
        var mapped = await MapAsync(
            "tasmota", "t1", "tele/t1/SENSOR", """{"Time":"2026-11-23T08:00:00","BME280":{"Temperature":50,"Pressure":750.061682704},"PressureUnit":"mmHg","TempUnit":"F"}""",
            new DeviceQuantity { Name = new("temperature"), Unit = "Cel", From = "BME280.Temperature" }, new DeviceQuantity { Name = new("pressure"), Unit = "MPa", From = "BME280.Pressure" });
        Assert.Equal([("pressure", 0.1), ("temperature", 10.0)], mapped.Select(one => (one.Quantity.Value, Math.Round(one.Value, 6))).Order());
    }

    [Fact]
    public async Task Smoke_begins_once_goes_on_and_ends_under_one_id()
    {
        var device = FakeCity.Device("sm-1") with { Source = new("zigbee2mqtt", "smoke 1") };
        var city = new FakeCity(device);
        await using var node = await TestNode.StartAsync(city, time: new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 0, 31, 0, TimeSpan.Zero)));
        foreach (var (smoke, at) in new[] { (false, "08:00:00"), (true, "08:01:00"), (true, "08:09:00"), (false, "08:10:00"), (false, "08:20:00"), (true, "08:30:00") })
        {
            var payload = $$"""{"smoke":{{(smoke ? "true" : "false")}},"last_seen":"2026-11-23T{{at}}"}""";
            await node.Pipeline.AcceptAsync("zigbee2mqtt", "zigbee2mqtt/smoke 1", Encoding.UTF8.GetBytes(payload), TestContext.Current.CancellationToken);
        }

        await FakeCity.UntilAsync(() => city.Events.Length >= 6, "every word about smoke reaches the street");
        var heard = city.Events.OrderBy(one => one.ObservedAt).ToArray();
        Assert.Equal([EventState.End, EventState.Start, EventState.Update, EventState.End, EventState.End, EventState.Start], heard.Select(one => one.State));
        Assert.Equal(heard[1].EventId, heard[2].EventId);
        Assert.Equal(heard[1].EventId, heard[3].EventId);
        Assert.NotEqual(heard[1].EventId, heard[5].EventId);
    }

    private static async Task<IReadOnlyList<TryMapped>> MapAsync(string format, string key, string topic, string payload, params DeviceQuantity[] quantities)
    {
        await using var node = await TestNode.StartAsync(new FakeCity(FakeCity.Device("d-1", quantities: quantities) with { Source = new(format, key) }));
        var answer = node.Pipeline.Try(format, topic, Encoding.UTF8.GetBytes(payload));
        Assert.Empty(answer.Rejections);
        return [.. answer.Items.OfType<TryReading>().SelectMany(item => item.Readings ?? [])];
    }
}
