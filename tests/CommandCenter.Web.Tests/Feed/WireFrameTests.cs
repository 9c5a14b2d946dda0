using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using MessagePack;

namespace CommandCenter.Web.Tests.Feed;

public sealed class WireFrameTests
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "Feed", "Golden");

    [Fact]
    public void Frame_on_the_json_protocol_is_the_golden_document() =>
        Compare("frame.json", Indent(new WireFrame(Sample()).Json));

    [Fact]
    public void Frame_on_the_message_pack_protocol_is_the_golden_bytes() =>
        Compare("frame.msgpack.hex", Convert.ToHexStringLower(new WireFrame(Sample()).MessagePack.Span));

    [Fact]
    public void Both_protocols_say_the_same()
    {
        var wire = new WireFrame(Sample(), part: 2, parts: 3);
        var json = JsonNode.Parse(wire.Json.Span);
        var messagePack = JsonNode.Parse(MessagePackSerializer.ConvertToJson(new ReadOnlySequence<byte>(wire.MessagePack), cancellationToken: TestContext.Current.CancellationToken));
        Assert.True(JsonNode.DeepEquals(json, messagePack), $"{json}\n{messagePack}");
        Assert.Equal(2, (int)json!["part"]!);
        Assert.Equal(3, (int)json["parts"]!);
    }

    // What was made is left beside the golden file of the output, so that a wanted change can be reviewed and copied.
    private static void Compare(string name, string made)
    {
        File.WriteAllText(Path.Combine(Golden, name + ".made"), made + "\n");
        Assert.Equal(File.ReadAllText(Path.Combine(Golden, name)).Trim(), made);
    }

    private static string Indent(ReadOnlyMemory<byte> json) =>
        JsonNode.Parse(json.Span)!.ToJsonString(new JsonSerializerOptions(ContractJson.Options) { WriteIndented = true, NewLine = "\n" });

    private static AreaFrame Sample()
    {
        var at = new DateTimeOffset(2026, 11, 23, 0, 0, 0, 250, TimeSpan.Zero);
        return new AreaFrame
        {
            Area = new AreaId("320404"),
            Epoch = "19ab",
            Seq = 813,
            At = at,
            Devices =
            [
                new DeviceSituation
                {
                    Id = new DeviceId("wl-017"), State = DeviceState.Normal, Colour = Colour.Red, Longitude = 119.934, Latitude = 31.766, At = at,
                    Values = ImmutableSortedDictionary<string, double>.Empty.Add("battery", 87.5).Add("water_depth", 300),
                    Kind = "water_level", Name = "龙江路下穿 积水1", Areas = [new AreaId("320404400")], Street = new AreaId("320404002"), Domain = GovernanceDomain.Urban,
                },
                new DeviceSituation
                {
                    Id = new DeviceId("cam-3"), State = DeviceState.Unknown, Kind = "camera", Name = "摄像机3", Street = new AreaId("320404003"), Domain = GovernanceDomain.Safety,
                    Heading = 90, Event = new EventSituation("e-1", new EventTypeId("illegal_parking"), EventState.Start, 0.91, "/demo/snapshots/illegal_parking.svg", at),
                },
            ],
            Warnings =
            [
                new WarningView
                {
                    Id = new WarningId("w-1"), Rule = new RuleId("R01"), RuleVersion = 3, Subject = "wl-017", Area = new AreaId("320404002"), Longitude = 119.934, Latitude = 31.766,
                    Quantity = new QuantityId("water_depth"), Value = 300, Unit = "mm", Colour = Colour.Red, PeakColour = Colour.Red, State = WarningState.Raised,
                    OnsetAt = at.AddSeconds(-60), RaisedAt = at, Class = new ClassCode("SJ-04-06"), Plan = new PlanId("P01"), Reason = "水深 300 mm ≥ 250 mm 持续 60 s",
                    Evidence = [new Evidence(new DeviceId("wl-017"), at, 300, null, null)], IncidentPolicy = IncidentPolicy.Open, SubjectName = "龙江路下穿 积水1",
                    RuleName = new Label("道路积水", "Water on the road"), Version = 2,
                },
            ],
            Removed = new Removed { Tasks = [new TaskId("inc-1.P01-2.1")] },
            Counts = new AreaCounts { Devices = new(1, 0, 0, 1, 0), Warnings = new(1, 0, 0, 0, 1), LastReadingAt = at, CanaryMs = 3 },
        };
    }
}
