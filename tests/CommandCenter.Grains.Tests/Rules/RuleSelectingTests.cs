using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Tests.Rules;

public sealed class RuleSelectingTests
{
    [Fact]
    public void A_preview_counts_by_street_and_kind_and_says_who_is_kept_out_or_overridden()
    {
        var rule = Rule("""
            {"kind":"threshold","quantity":"water_depth","levels":{"red":{"value":250}},"select":{"kinds":["water_level","river_gauge"],"notTags":["underpass"]},
             "overrides":{"wl-1":{"red":300},"tag:low":{"red":200},"nobody":{"red":1}}}
            """);

        var found = RuleSelecting.Of(rule, [Device("wl-2", tags: ["low"]), Device("wl-1", tags: ["low"]), Device("wl-3", "320404003"), Device("rg-1", kind: "river_gauge"), Device("wl-9", tags: ["underpass"]), Device("cam-1", kind: "camera"), Device("wl-own") with { Internal = true }]);

        Assert.Equal((4, 1, 2, 0), (found.Selected, found.Excluded, found.Overridden, found.WithoutReference));
        Assert.Equal([new("320404002", 3), new("320404003", 1)], found.Streets);
        Assert.Equal([new("river_gauge", 1), new("water_level", 3)], found.Kinds);
        Assert.Equal(["rg-1", "wl-1", "wl-2", "wl-3"], found.Devices.Select(device => device.Id.Value));
        Assert.Equal([null, "wl-1", "tag:low", null], found.Devices.Select(device => device.Override));
        Assert.Equal(["wl-9"], found.ExcludedDevices.Select(device => device.Id.Value));
        Assert.Equal([new("tag:low", 1), new("wl-1", 1)], found.Overrides);
        Assert.Equal(["nobody"], found.UnusedOverrides);
    }

    [Fact]
    public void A_relative_rule_says_how_many_devices_lack_a_reference()
    {
        var found = RuleSelecting.Of(RulePack.Shipped["R06"], [Device("rg-1", kind: "river_gauge"), Device("river-example-01", kind: "river_gauge"), Device("rg-2", kind: "river_gauge", tags: ["warning_level_400"])]);

        Assert.Equal((3, 1, 2), (found.Selected, found.WithoutReference, found.Overridden));
    }

    [Fact]
    public void A_rule_over_several_devices_selects_what_its_parts_look_at()
    {
        var rule = Rule("""
            {"kind":"composite","parameters":{"per":"street","when":{"all":[{"condition":{"kind":"threshold","quantity":"water_depth","levels":{"blue":{"value":1}},"select":{"kinds":["water_level"]}}},
             {"condition":{"kind":"threshold","quantity":"rainfall","levels":{"blue":{"value":1}},"select":{"kinds":["rain_gauge"]}}}]}},"levels":{"red":{}}}
            """);

        Assert.Equal(2, RuleSelecting.Count(rule, [Device("wl-1"), Device("rain-1", kind: "rain_gauge"), Device("cam-1", kind: "camera")]));
    }

    [Fact]
    public void At_most_two_hundred_devices_are_listed_and_all_are_counted()
    {
        var found = RuleSelecting.Of(RulePack.Shipped["R01"], [.. Enumerable.Range(0, 500).Select(n => Device($"wl-{n:000}"))]);

        Assert.Equal((500, RuleSelection.ListedMax, "wl-199"), (found.Selected, found.Devices.Length, found.Devices[^1].Id.Value));
    }

    private static RuleDefinition Rule(string document) => RuleParsing.Parse(new("R90"), document, 1) is var parsed && parsed.Rule is { } rule
        ? rule : throw new InvalidOperationException(string.Join("; ", parsed.Errors.Select(error => error.Key + " " + error.Value[0])));

    private static DeviceRegistration Device(string id, string street = "320404002", string kind = "water_level", string[]? tags = null) =>
        new() { Id = new(id), Name = id, Kind = kind, Street = new(street), Tags = [.. tags ?? []] };
}
