using System.Text;
using CsCheck;
using IotIngest.Decoding;
using IotIngest.Hosting;

namespace IotIngest.Tests.Decoding;

public sealed class Decoders_never_throw
{
    private static readonly string[] Topics =
    [
        "city/v1/320404002/wl-1/readings", "city/v1/320404002/wl-1/events", "city/v1/320404002/wl-1/position", "city/v1/320404002/wl-1/status", "city/v1/320404002/wl-1/commands",
        "city/v1/320404002/wl-1/other", "city/v1/", "city/v1//x/readings", "city/v1/a/b", "city/v1/a/b/", "application/1/device/2/event/up", "application/1/device/2/event/status", "application/1/device/2/event/location", "frigate/events", "nothing/at/all", "",
    ];

    private static readonly string[] Seeds =
    [
        """{"at":"2026-11-23T08:00:00.000+08:00","values":{"water_depth":152,"a":{"b":[1,2,{"c":3}]}},"units":{"water_depth":"mm"}}""",
        """[{"at":1795392000000,"values":{"x":1e308}},{"values":{}},null,[],"x"]""",
        """{"id":"e-1","at":"2026-11-23T08:00:00Z","type":"smoke","state":"start","confidence":0.9,"box":[0.1,0.2,0.3,0.4]}""",
        """{"lon":119.9,"lat":31.7,"speed":8.3,"heading":90,"crs":"gcj02"}""",
        """{"online":true,"at":null}""",
        """{"time":"2022-07-18T09:34:15.775023242","deviceInfo":{"devEui":"0101010101010101"},"object":{"distance_cm":15.2,"a":[true,{"b":null}]}}""",
        """{"deviceInfo":{"devEui":"\ud800"},"location":{"latitude":1,"longitude":2},"batteryLevel":1}""",
        """{"values":{"x":NaN,"y":-Infinity,"\u006b":"\ud800"}}""",
    ];

    [Fact]
    public void On_any_bytes() =>
        Gen.Select(Gen.OneOf(Topics), Gen.Byte.Array[0, 300]).Sample((topic, payload) => DecodesWithinBounds(topic, payload), iter: 20_000);

    [Fact]
    public void On_good_documents_with_bytes_changed_cut_or_added() =>
        Gen.Select(Gen.OneOf(Topics), Gen.OneOf(Seeds), Gen.Select(Gen.Int[0, 200], Gen.Byte).Array[0, 6], Gen.Int[0, 200])
            .Sample((topic, seed, changes, cut) =>
            {
                var bytes = Encoding.UTF8.GetBytes(seed).ToList();
                foreach (var (at, value) in changes)
                {
                    if (at % 3 == 0)
                    {
                        bytes.Insert(at % (bytes.Count + 1), value);
                    }
                    else
                    {
                        bytes[at % bytes.Count] = value;
                    }
                }

                DecodesWithinBounds(topic, [.. cut < bytes.Count / 2 ? bytes.Take(cut) : bytes]);
            }, iter: 20_000);

    [Fact]
    public void On_a_megabyte_of_one_byte()
    {
        foreach (var value in new byte[] { 0, (byte)'[', (byte)'{', (byte)'"', (byte)'1', 0xff })
        {
            DecodesWithinBounds(Topics[0], [.. Enumerable.Repeat(value, 1 << 20)]);
        }
    }

    private static void DecodesWithinBounds(string topic, byte[] payload)
    {
        var decoded = new DecodedMessage();
        new Decoders(new IngestOptions()).Decode(topic, payload, null, decoded);
        Assert.True(decoded.ValueCount <= DecodedMessage.ValuesMax);
        foreach (var item in decoded.Items)
        {
            Assert.True(item.Kind != ItemKind.Event || (item.EventId is { Length: > 0 } && item.EventType is { Length: > 0 }));
            Assert.True(item.Kind != ItemKind.Position || (double.IsFinite(item.Longitude) && double.IsFinite(item.Latitude)));
        }

        foreach (var value in decoded.Values)
        {
            Assert.True(value.Shape == ValueShape.NotANumber || double.IsFinite(value.Number));
        }
    }
}
