using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Officials;
using CommandCenter.Grains.Tests.Geography;

namespace CommandCenter.Grains.Tests.Officials;

public sealed class CapDecidingTests
{
    private static readonly AreaMap Map = AreaMap.Load(new GeographyOptions { Directory = MapFolder.Shipped });
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 0, 30, 0, TimeSpan.Zero);

    [Fact]
    public void An_alert_for_the_district_code_covers_every_street_and_overlay()
    {
        var warning = Assert.Single(Decide(CapSamples.Alert()).Warnings);
        Assert.Equal(Map.Areas.Where(area => area.Kind is AreaKind.Street or AreaKind.Overlay).Select(area => area.Id).OrderBy(id => id.Value, StringComparer.Ordinal), warning.Streets);
        Assert.Equal(("暴雨", Colour.Orange, new PlanId("P01"), false), (warning.Name, warning.Colour, warning.Plan!.Value, warning.Drill));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 6, 0, 0, TimeSpan.Zero), warning.ExpiresAt);
    }

    [Theory]
    [InlineData("320400", true)]
    [InlineData("320000000000", true)]
    [InlineData("320404000000", true)]
    [InlineData("320402", false)]
    [InlineData("330000", false)]
    [InlineData("110000", false)]
    public void A_code_of_the_city_or_the_province_covers_the_district(string code, bool ours) =>
        Assert.Equal(ours, Decide(CapSamples.Alert(area: $"<geocode><valueName>x</valueName><value>{code}</value></geocode>")).Warnings.Length == 1);

    [Fact]
    public void A_polygon_covers_the_streets_that_it_touches_and_is_turned_for_the_map()
    {
        // Around the label point of 南大街街道.
        var warning = Assert.Single(Decide(CapSamples.Alert(area: "<polygon>31.777,119.946 31.777,119.947 31.778,119.947 31.778,119.946 31.777,119.946</polygon>")).Warnings);
        Assert.Contains(Map.Locate(119.9465, 31.7775), warning.Streets);
        Assert.True(warning.Streets.Length < 4, string.Join(' ', warning.Streets));
        var ring = Assert.Single(warning.Rings);
        Assert.All(ring.Where((_, index) => index % 2 == 0), longitude => Assert.InRange(longitude, 119.94, 119.95));
        Assert.All(ring.Where((_, index) => index % 2 == 1), latitude => Assert.InRange(latitude, 31.77, 31.78));
    }

    [Fact]
    public void A_circle_far_away_covers_nothing_and_one_of_30_km_covers_all()
    {
        Assert.Empty(Decide(CapSamples.Alert(area: "<circle>32.9,119.9 10</circle>")).Warnings);
        Assert.True(Decide(CapSamples.Alert(area: "<circle>31.78,119.9 30</circle>")).Warnings[0].Streets.Length >= 8);
    }

    [Fact]
    public void A_polygon_that_crosses_itself_is_mended_and_not_refused() =>
        Assert.Single(Decide(CapSamples.Alert(area: "<polygon>31.75,119.85 31.80,119.95 31.75,119.95 31.80,119.85 31.75,119.85</polygon>")).Warnings);

    [Fact]
    public void An_expired_alert_raises_nothing() =>
        Assert.Equal("暴雨 is expired", Decide(CapSamples.Alert(expires: "2026-11-24T08:10:00+08:00")).Note);

    [Theory]
    [InlineData("Test", 0, false)]
    [InlineData("Draft", 0, false)]
    [InlineData("System", 0, false)]
    [InlineData("Exercise", 1, true)]
    public void A_test_raises_nothing_and_an_exercise_is_a_drill(string status, int warnings, bool drill)
    {
        var decided = Decide(CapSamples.Alert(status: status)).Warnings;
        Assert.Equal(warnings, decided.Length);
        Assert.All(decided, warning => Assert.Equal(drill, warning.Drill));
    }

    [Fact]
    public void An_update_keeps_the_warning_and_its_onset_and_changes_its_colour()
    {
        var first = Record(CapSamples.Alert());
        var update = Decide(CapSamples.Alert("second", type: "Update", references: "x,32040041600000_20261124080000_1,y", sent: "2026-11-24T09:00:00+08:00", headline: "暴雨红色预警"), first);
        var warning = Assert.Single(update.Warnings);
        Assert.Equal((CapAction.Updated, first.Warnings[0].Subject, first.Warnings[0].OnsetAt, Colour.Red), (update.Action, warning.Subject, warning.OnsetAt, warning.Colour));
    }

    [Fact]
    public void An_update_after_the_end_of_the_first_is_a_new_occurrence()
    {
        var first = Record(CapSamples.Alert());
        var late = CapReading.Read(CapSamples.Bytes(CapSamples.Alert(
            "second", type: "Update", references: "x,32040041600000_20261124080000_1,y", sent: "2026-11-24T15:00:00+08:00", expires: "2026-11-24T20:00:00+08:00"))).Alert!;
        var warning = Assert.Single(CapDeciding.Decide(late, first, Map, new DateTimeOffset(2026, 11, 24, 7, 0, 0, TimeSpan.Zero), 24).Warnings);
        Assert.Equal((first.Warnings[0].Subject, late.Sent), (warning.Subject, warning.OnsetAt));
    }

    [Fact]
    public void An_update_that_moves_away_ends_the_warning()
    {
        var first = Record(CapSamples.Alert());
        var update = Decide(CapSamples.Alert("second", type: "Update", references: "x,32040041600000_20261124080000_1,y", area: "<circle>35,119.9 10</circle>"), first);
        Assert.True(Assert.Single(update.Warnings).Cancelled);
    }

    [Fact]
    public void An_acknowledgement_and_a_test_say_nothing_about_what_stands()
    {
        var first = Record(CapSamples.Alert());
        Assert.False(Decide(CapSamples.Alert("second", type: "Ack", references: "x,32040041600000_20261124080000_1,y"), first).Effect);
        Assert.False(Decide(CapSamples.Alert("third", type: "Update", status: "Test", references: "x,32040041600000_20261124080000_1,y"), first).Effect);
    }

    [Fact]
    public void What_was_sent_before_the_newest_of_its_chain_changes_nothing()
    {
        var newest = Record(CapSamples.Alert()) with { Sent = new DateTimeOffset(2026, 11, 24, 0, 10, 0, TimeSpan.Zero) };
        var late = Decide(CapSamples.Alert("second", type: "Update", references: "x,32040041600000_20261124080000_1,y", headline: "暴雨蓝色预警"), newest);
        Assert.False(late.Effect);
        Assert.Empty(late.Warnings);
    }

    [Fact]
    public void Several_street_codes_cover_several_streets()
    {
        var streets = Map.Streets.Where(street => street.Kind == AreaKind.Street).Take(2).Select(street => street.Id).ToArray();
        var warning = Assert.Single(Decide(CapSamples.Alert(area: string.Concat(streets.Select(street => $"<geocode><valueName>x</valueName><value>{street.Value}</value></geocode>")))).Warnings);
        Assert.Equal(streets.OrderBy(id => id.Value, StringComparer.Ordinal), warning.Streets);
    }

    [Fact]
    public void A_cancellation_ends_what_stands_and_one_of_an_unknown_alert_ends_nothing()
    {
        var first = Record(CapSamples.Alert());
        var cancel = CapSamples.Alert("third", type: "Cancel", references: "x,32040041600000_20261124080000_1,y");
        Assert.True(Assert.Single(Decide(cancel, first).Warnings).Cancelled);
        Assert.Equal("nothing of it stands here", Decide(cancel).Note);
    }

    private static CapRecord Record(string xml)
    {
        var alert = CapReading.Read(CapSamples.Bytes(xml)).Alert!;
        var decision = Decide(xml);
        return new() { Identifier = alert.Identifier, Sender = alert.Sender, Sent = alert.Sent, Chain = decision.Chain, Action = decision.Action, Warnings = decision.Warnings, Xml = xml };
    }

    private static CapDecision Decide(string xml, CapRecord? before = null) => CapDeciding.Decide(CapReading.Read(CapSamples.Bytes(xml)).Alert!, before, Map, Now, 24);
}
