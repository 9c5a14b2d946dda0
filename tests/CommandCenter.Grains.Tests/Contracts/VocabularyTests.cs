using CommandCenter.Grains.Contracts;
using Xunit;

namespace CommandCenter.Grains.Tests.Contracts;

public sealed class VocabularyTests
{
    // The words that contract.md fixes; other words may join, none of these may leave.
    private const string FixedQuantities =
        "water_depth mm · water_level m · rainfall mm · gas_lel % · methane % · h2s mg/m3 · oxygen % · co ppm · smoke 1 · tilt deg · laeq dB · pm25 ug/m3 · pm10 ug/m3 · "
        + "tsp ug/m3 · temperature Cel · humidity % · pressure MPa · wind_speed m/s · crowd_density 1/m2 · crowd_count 1 · vehicle_speed km/h · power kW · current A · cpu % · "
        + "disk % · packet_loss % · battery %";

    private const string FixedKinds =
        "water_level rain_gauge river_gauge gas smoke hydrant manhole noise air weather camera crowd elevator elder_care vehicle bridge power server link";

    private const string FixedEvents =
        "smoke fire_smoke elevator_trapped sos fall street_vending exposed_garbage overflowing_bin illegal_parking high_altitude_throw crowd person vehicle intrusion "
        + "line_crossing motion tamper video_loss offline";

    [Fact]
    public void Every_quantity_of_the_contract_has_its_unit()
    {
        var listed = VocabularyDocument.Shipped.Quantities.Select(kind => $"{kind.Id} {kind.Unit}").ToHashSet();
        Assert.All(FixedQuantities.Split(" · "), quantity => Assert.Contains(quantity, listed));
        Assert.True(QuantityKinds.Find(new QuantityId("rainfall"))!.Additive);
    }

    [Fact]
    public void Every_kind_and_event_of_the_contract_is_listed()
    {
        Assert.All(FixedKinds.Split(' '), kind => Assert.NotNull(DeviceKinds.Find(kind)));
        Assert.All(FixedEvents.Split(' '), type => Assert.NotNull(EventTypes.Find(new EventTypeId(type))));
    }

    [Fact]
    public void The_classes_of_the_dictionary_and_of_the_extension_are_listed()
    {
        Assert.Equal("道路积水", IncidentClasses.Find(new ClassCode("SJ-04-06"))!.Name.Zh);
        Assert.Equal(27, IncidentClasses.All.Count(word => word.Id.StartsWith("SJ-21-", StringComparison.Ordinal)));
        Assert.NotNull(IncidentClasses.Find(new ClassCode("BJ-01-02")));
        Assert.Null(IncidentClasses.Find(new ClassCode("SJ-04-98")));
    }

    [Fact]
    public void The_canary_is_known_to_the_check_and_listed_nowhere()
    {
        Assert.Equal("ms", QuantityKinds.Find(QuantityKinds.CanaryPublished)!.Unit);
        Assert.DoesNotContain(QuantityKinds.All, kind => kind.Id == QuantityKinds.CanaryPublished);
    }

    [Fact]
    public void A_missing_word_is_none()
    {
        Assert.Null(QuantityKinds.Find(default));
        Assert.Null(DeviceKinds.Find(null));
        Assert.Null(EventTypes.Find(default));
        Assert.Null(IncidentClasses.Find(default));
    }
}
