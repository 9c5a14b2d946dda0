using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Registry;
using CsCheck;
using Xunit;
using static CommandCenter.Grains.Tests.Registry.Documents;

namespace CommandCenter.Grains.Tests.Registry;

public sealed class DeviceCheckTests
{
    [Fact]
    public void The_device_of_the_contract_passes_unchanged()
    {
        var checkedDevice = DeviceCheck.Check(WaterGauge, Map);
        Assert.True(checkedDevice.Succeeded, checkedDevice.Detail);
        Assert.True(DeviceCheck.Same(WaterGauge, checkedDevice.Value!));
    }

    public static TheoryData<string, string, DeviceRegistration> Faults => new()
    {
        { "id", "required", WaterGauge with { Id = default } },
        { "id", "malformed", WaterGauge with { Id = new DeviceId("wl 17") } },
        { "id", "malformed", WaterGauge with { Id = new DeviceId(new string('a', 65)) } },
        { "id", "malformed", WaterGauge with { Id = new DeviceId("积水") } },
        { "name", "required", WaterGauge with { Name = " " } },
        { "name", "too_long", WaterGauge with { Name = new string('名', 201) } },
        { "kind", "unknown", WaterGauge with { Kind = "toaster" } },
        { "kind", "unknown", WaterGauge with { Kind = null! } },
        { "street", "unknown", WaterGauge with { Street = new AreaId("320402001") } },
        { "street", "unknown", WaterGauge with { Street = new AreaId("320404") } },
        { "street", "unknown", WaterGauge with { Street = new AreaId("320404400") } },
        { "street", "required", WaterGauge with { Street = default, Longitude = null, Latitude = null } },
        { "lon", "out_of_range", WaterGauge with { Longitude = 181 } },
        { "lon", "out_of_range", WaterGauge with { Longitude = double.NaN } },
        { "lat", "out_of_range", WaterGauge with { Latitude = -91 } },
        { "lat", "required", WaterGauge with { Latitude = null } },
        { "lon", "required", WaterGauge with { Longitude = null } },
        { "crs", "unknown", WaterGauge with { Crs = "mars" } },
        { "domain", "unknown", WaterGauge with { Domain = (GovernanceDomain)9 } },
        { "intervalSeconds", "out_of_range", WaterGauge with { IntervalSeconds = 0 } },
        { "intervalSeconds", "out_of_range", WaterGauge with { IntervalSeconds = 86_401 } },
        { "tags", "malformed", WaterGauge with { Tags = ["underpass", ""] } },
        { "tags", "too_many", WaterGauge with { Tags = [.. Enumerable.Range(0, 51).Select(i => $"t{i}")] } },
        { "areas[1]", "unknown", WaterGauge with { Areas = [new AreaId("320404400"), new AreaId("320404001")] } },
        { "source.format", "unknown", WaterGauge with { Source = new DeviceSource("morse", "1") } },
        { "source.key", "malformed", WaterGauge with { Source = new DeviceSource("senml", "") } },
        { "quantities[0].name", "unknown", With(depth => depth with { Name = new QuantityId("depth") }) },
        { "quantities[0].name", "unknown", With(depth => depth with { Name = QuantityKinds.CanaryPublished, Unit = "ms", FromUnit = null }) },
        { "quantities[0].unit", "bad_unit", With(depth => depth with { Unit = "m" }) },
        { "quantities[0].fromUnit", "bad_unit", With(depth => depth with { FromUnit = "furlong" }) },
        { "quantities[0].fromUnit", "bad_unit", With(depth => depth with { FromUnit = "MPa" }) },
        { "quantities[0].from", "malformed", With(depth => depth with { From = "" }) },
        { "quantities[0].scale", "out_of_range", With(depth => depth with { Scale = 0 }) },
        { "quantities[0].scale", "out_of_range", With(depth => depth with { Scale = double.PositiveInfinity }) },
        { "quantities[0].offset", "out_of_range", With(depth => depth with { Offset = double.NaN }) },
        { "quantities[0].min", "out_of_range", With(depth => depth with { Min = -1 }) },
        { "quantities[0].max", "out_of_range", With(depth => depth with { Max = 1e9 }) },
        { "quantities[0].min", "out_of_range", With(depth => depth with { Min = 5000, Max = 100 }) },
        { "quantities[1].name", "duplicate", WaterGauge with { Quantities = [WaterGauge.Quantities[0], WaterGauge.Quantities[0]] } },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_named_by_field_and_reason(string field, string reason, DeviceRegistration document)
    {
        var refusal = DeviceCheck.Check(document, Map);
        Assert.Equal(Refusal.Invalid, refusal.Refusal);
        Assert.StartsWith(reason + ":", Assert.Single(refusal.Errors[field]), StringComparison.Ordinal);
        Assert.Single(refusal.Errors);
    }

    [Fact]
    public void Every_fault_of_a_document_is_named_at_once()
    {
        var refusal = DeviceCheck.Check(WaterGauge with { Name = "", Kind = "toaster", IntervalSeconds = -5, Latitude = 200 }, Map);
        Assert.Equal(["intervalSeconds", "kind", "lat", "name"], refusal.Errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_device_without_a_street_lies_where_its_position_is() =>
        Assert.Equal(Yonghong, DeviceCheck.Check(WaterGauge with { Street = default }, Map).Value!.Street);

    [Fact]
    public void A_position_outside_the_district_belongs_to_outside() =>
        Assert.Equal(AreaId.Outside, DeviceCheck.Check(WaterGauge with { Street = default, Longitude = 120.5 }, Map).Value!.Street);

    [Fact]
    public void A_stated_street_counts_more_than_a_schematic_border() =>
        Assert.Equal(Beigang, DeviceCheck.Check(WaterGauge with { Street = Beigang }, Map).Value!.Street);

    [Fact]
    public void An_alias_becomes_the_present_code() =>
        Assert.Equal(new AreaId("320404007"), DeviceCheck.Check(WaterGauge with { Street = new AreaId("320404010") }, Map).Value!.Street);

    [Fact]
    public void A_gcj02_position_becomes_wgs84_once()
    {
        var (gcjLongitude, gcjLatitude) = CoordinateSystems.Wgs84ToGcj02(119.934, 31.766);
        var device = DeviceCheck.Check(WaterGauge with { Longitude = gcjLongitude, Latitude = gcjLatitude, Crs = "gcj02" }, Map).Value!;
        Assert.Equal("wgs84", device.Crs);
        Assert.Equal(119.934, device.Longitude!.Value, 1e-8);
        Assert.Equal(31.766, device.Latitude!.Value, 1e-8);
        Assert.True(DeviceCheck.Same(device, DeviceCheck.Check(device, Map).Value!));
    }

    [Fact]
    public void The_canonical_source_is_no_source() =>
        Assert.Null(DeviceCheck.Check(WaterGauge with { Source = new DeviceSource("canonical", "wl-017") }, Map).Value!.Source);

    [Fact]
    public void Missing_arrays_are_empty_ones()
    {
        var device = DeviceCheck.Check(WaterGauge with { Tags = default, Areas = default, Quantities = default }, Map).Value!;
        Assert.Equal((0, 0, 0), (device.Tags.Length, device.Areas.Length, device.Quantities.Length));
    }

    [Fact]
    public void A_missing_unit_is_that_of_the_vocabulary() => Assert.Equal("mm", DeviceCheck.Check(With(depth => depth with { Unit = "" }), Map).Value!.Quantities[0].Unit);

    [Fact]
    public void The_platforms_own_device_may_carry_the_canary()
    {
        var canary = WaterGauge with
        {
            Id = new DeviceId("canary"), Internal = true, Kind = "canary", Source = null,
            Quantities = [new DeviceQuantity { Name = QuantityKinds.CanaryPublished, Unit = "ms" }],
        };
        Assert.True(DeviceCheck.Check(canary, Map).Succeeded);
    }

    [Fact]
    public void Any_document_is_answered_and_a_passed_one_passes_again_unchanged()
    {
        string[] words = [null!, "", "wl-1", "water_level", "mm", "cm", "gcj02", "320404001", "senml"];
        var text = Gen.Select(Gen.Int[0, words.Length], Gen.String, (word, any) => word < words.Length ? words[word] : any);
        Gen.Select(
            Gen.Select(text, text, text, text), Gen.Select(Gen.Double, Gen.Double), Gen.Select(Gen.Int, text.Array[0, 3], Gen.Double, Gen.Double),
            (texts, position, rest) => WaterGauge with
            {
                Id = new DeviceId(texts.Item1),
                Name = texts.Item2,
                Kind = texts.Item3,
                Street = new AreaId(texts.Item4),
                Longitude = position.Item1,
                Latitude = position.Item2,
                Crs = texts.Item2,
                IntervalSeconds = rest.Item1,
                Tags = [.. rest.Item2.Select(tag => tag ?? "x")],
                Quantities = [WaterGauge.Quantities[0] with { Unit = texts.Item1, FromUnit = texts.Item2, Scale = rest.Item3, Max = rest.Item4 }],
                Source = new DeviceSource(texts.Item4, texts.Item1),
            }).Sample(document =>
            {
                if (DeviceCheck.Check(document, Map) is { Value: { } device })
                {
                    Assert.True(DeviceCheck.Same(device, DeviceCheck.Check(device, Map).Value!));
                }
            });
    }

    private static DeviceRegistration With(Func<DeviceQuantity, DeviceQuantity> change) => WaterGauge with { Quantities = [change(WaterGauge.Quantities[0])] };
}
