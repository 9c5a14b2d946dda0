using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Tests.Wall;
using MessagePack;
using Xunit;

namespace CommandCenter.Web.Tests.Client;

/// <summary>The frame that frame.test.ts reads is the one that the server writes.</summary>
public sealed class FrameGoldenTests
{
    private static readonly DateTimeOffset Now = PretendedCity.Now;

    private static readonly WarningView Official = PretendedCity.Warning("w-9", "cap-1/暴雨", "暴雨橙色预警", Colour.Orange, 10, rule: "R57", area: new("320404"), ruleName: "官方预警") with
    {
        Longitude = 119.85, Latitude = 31.75, Areas = [new("320404002"), new("320404004")], ExpiresAt = Now.AddHours(3), Rings = [[119.8, 31.7, 119.9, 31.7, 119.9, 31.8, 119.8, 31.7]],
    };

    private static readonly AreaFrame Frame = new()
    {
        Area = new("320404"), Epoch = "e-1", Seq = 812, At = Now,
        Devices =
        [
            new()
            {
                Id = new("wl-001"), State = DeviceState.Normal, Colour = Colour.Red, Longitude = 119.934, Latitude = 31.766, At = Now.AddSeconds(-1),
                Values = ImmutableSortedDictionary<string, double>.Empty.Add("water_depth", 262), Kind = "water_level", Name = "龙江路下穿 积水1", Street = new("320404002"),
            },
            new()
            {
                Id = new("cam-001"), State = DeviceState.Stale, Kind = "camera", Name = "摄像机1", Street = new("320404002"), Domain = GovernanceDomain.Social,
                Event = new("e-1", new("illegal_parking"), EventState.Start, 0.91, "https://camera.example/1.jpg", Now.AddMinutes(-1)),
            },
        ],
        Warnings = [PretendedCity.Warning("w-1", "wl-001", "龙江路下穿 积水1", Colour.Red, 3, acknowledged: true), Official],
        Incidents = [PretendedCity.Incident("inc-1", "龙江路下穿通道积水", Colour.Red, IncidentState.Dispatched, 6, [], 114)],
        Tasks = [PretendedCity.Task("inc-1", 4, "排水管理处泵车组", "清箅,泵车抽排", TaskState.Issued, 3)],
        Removed = new() { Devices = [new("gone-1")], Incidents = [new("inc-0")] },
        Counts = new()
        {
            Devices = new(274, 6, 9, 3, 2), LastReadingAt = Now.AddSeconds(-1), CanaryMs = 3,
            Seat = new() { Flood = true, Since = Now.AddMinutes(-2), Raised = 14, Peak = 14, Total = 14, Ring = new(Now.AddSeconds(-5), true), Calling = 12, AtShiftLeader = 2, AtDutyLeader = 1 },
            Children = [new() { Area = new("320404002"), Epoch = "s", Seq = 5, At = Now.AddMilliseconds(-500) }],
        },
    };

    private static string GoldenPath
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
            {
                folder = folder.Parent;
            }

            return Path.Combine(folder!.FullName, "tests", "CommandCenter.Web.Tests", "Client", "frame.golden.json");
        }
    }

    [Fact]
    public void The_frame_on_the_wire_holds_the_golden_frame_that_the_browser_reads()
    {
        var written = JsonNode.Parse(FrameWriter.ToJson(Frame, 0, 0))!;
        var golden = JsonNode.Parse(File.ReadAllText(GoldenPath, Encoding.UTF8))!;
        Assert.Empty(Missing(golden, written, "frame"));
    }

    /// <summary>What the golden frame has and the written one has not, or has otherwise. The contract grows by new members, so more is no difference.</summary>
    private static IEnumerable<string> Missing(JsonNode? golden, JsonNode? written, string path) => (golden, written) switch
    {
        (JsonObject wanted, JsonObject found) => wanted.SelectMany(member => found.ContainsKey(member.Key)
            ? Missing(member.Value, found[member.Key], $"{path}.{member.Key}")
            : [$"{path}.{member.Key} is not written"]),
        (JsonArray wanted, JsonArray found) when wanted.Count == found.Count => wanted.Zip(found).SelectMany((pair, index) => Missing(pair.First, pair.Second, $"{path}[{index}]")),
        _ => JsonNode.DeepEquals(golden, written) ? [] : [$"{path} is {written?.ToJsonString(ContractJson.Options)} and not {golden?.ToJsonString(ContractJson.Options)}"],
    };

    [Fact]
    public void Both_protocols_write_the_same_frame()
    {
        var json = JsonNode.Parse(FrameWriter.ToJson(Frame, 1, 3))!;
        var packed = JsonNode.Parse(MessagePackSerializer.ConvertToJson(FrameWriter.ToMessagePack(Frame, 1, 3), cancellationToken: TestContext.Current.CancellationToken))!;
        Assert.True(JsonNode.DeepEquals(json, packed), packed.ToJsonString(ContractJson.Options));
    }
}
