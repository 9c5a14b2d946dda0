using CommandCenter.Grains.Contracts;
using CommandCenter.Web.DeviceDesk;
using Xunit;

namespace CommandCenter.Web.Tests.DeviceDesk;

public sealed class DraftTests
{
    [Fact]
    public void A_device_that_is_opened_and_saved_is_the_same_device()
    {
        var device = new DeviceRegistration
        {
            Id = new("wl-017"), Name = "龙江路下穿 积水1", Kind = "water_level", Street = new("320404002"), Longitude = 119.934, Latitude = 31.766, Domain = GovernanceDomain.Safety,
            IntervalSeconds = 300, Tags = ["underpass", "重点"], Areas = [new("320404400")], Source = new("chirpstack", "0101010101010101"),
            Quantities = [new() { Name = new("water_depth"), Unit = "mm", From = "distance_cm", FromUnit = "cm", Scale = -1, Offset = 250.5, Min = 0, Max = 5000 }],
        };
        var faults = new Faults();

        var saved = DeviceDraft.Of(device, isNew: false).Check(faults)!;

        Assert.False(faults.Any);
        Assert.Equal(device.Tags, saved.Tags);
        Assert.Equal(device.Areas, saved.Areas);
        Assert.Equal(device.Quantities, saved.Quantities);
        Assert.Equal(device with { Tags = [], Areas = [], Quantities = [] }, saved with { Tags = [], Areas = [], Quantities = [] });
    }

    [Fact]
    public void Every_fault_names_its_field_as_the_document_does()
    {
        var draft = new DeviceDraft { IsNew = true, Id = "积水 1", Interval = "1.5", Format = "chirpstack", Longitude = "119.9", Latitude = "north" };
        draft.Quantities.Add(new QuantityDraft());
        draft.Quantities.Add(new QuantityDraft { Name = "water_depth", FromUnit = "kW", Scale = "0", Offset = "x", Min = "20000", Max = "10" });
        draft.Quantities.Add(new QuantityDraft { Name = "water_depth", FromUnit = "furlong" });
        var faults = new Faults();

        Assert.Null(draft.Check(faults));
        Assert.Equal(
            [
                "id", "intervalSeconds", "kind", "lat", "name", "quantities[0].name", "quantities[1].fromUnit", "quantities[1].max", "quantities[1].min", "quantities[1].offset",
                "quantities[1].scale", "quantities[2].fromUnit", "quantities[2].name", "source.key",
            ],
            faults.Fields.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_device_needs_a_street_or_a_position()
    {
        var draft = new DeviceDraft { Id = "a", Name = "a", Kind = "gas" };
        var faults = new Faults();
        Assert.Null(draft.Check(faults));
        Assert.Equal(["street"], faults.Fields);

        (draft.Longitude, draft.Latitude) = ("119.9", "31.7");
        Assert.NotNull(draft.Check(new Faults()));
    }

    [Fact]
    public void A_position_of_a_chinese_map_is_converted()
    {
        var draft = new DeviceDraft { Id = "a", Name = "a", Kind = "gas", Longitude = "119.938681", Latitude = "31.763879", Crs = "gcj02" };
        var device = draft.Check(new Faults())!;
        Assert.InRange(CoordinateSystems.DistanceM(119.934, 31.766, device.Longitude!.Value, device.Latitude!.Value), 0, 3);
    }

    [Theory]
    [InlineData("water_depth", "water_depth", null)]
    [InlineData("object.distance_cm", "distance", "cm")]
    [InlineData("TempC_SHT", "temperature", null)]
    [InlineData("ENERGY.Power", "power", null)]
    [InlineData("params.battery_mv", "battery", null)]
    [InlineData("em.voltage_mv", "voltage", "mV")]
    [InlineData("co", "co", null)]
    [InlineData("config.count", null, null)]
    [InlineData("phase", null, null)]
    public void A_name_of_a_maker_is_guessed_with_its_unit(string name, string? quantity, string? unit)
    {
        Assert.Equal(quantity, NameGuesses.QuantityOf(name));
        Assert.Equal(unit, quantity is null ? null : NameGuesses.UnitOf(name, quantity));
    }

    [Fact]
    public void Names_become_lines_each_quantity_once_and_what_is_mapped_stays()
    {
        var draft = new DeviceDraft();
        draft.Quantities.Add(new QuantityDraft { Name = "temperature", From = "t1" });
        draft.AddLines(["t1", "temperature", "distance_cm", "distance_mm", "battery"]);
        Assert.Equal([("temperature", "t1", ""), ("distance", "distance_cm", "cm"), ("battery", "", "")], draft.Quantities.Select(line => (line.Name, line.From, line.FromUnit)));
    }

    [Theory]
    [InlineData("""{"a":1}""", "{\n  \"a\": 1\n}")]
    [InlineData("<a><b>积水</b></a>", "<a>\n  <b>积水</b>\n</a>")]
    [InlineData("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>")]
    [InlineData("{cut", "{cut")]
    [InlineData("plain", "plain")]
    public void A_payload_is_shown_with_line_breaks_where_it_is_whole(string payload, string shown) =>
        Assert.Equal(shown, PayloadText.Pretty(payload).ReplaceLineEndings("\n"));

    [Fact]
    public void Bytes_are_text_or_hexadecimal()
    {
        Assert.True(PayloadText.IsText("积水\n"u8));
        Assert.True(PayloadText.IsText("积水"u8[..5]));
        Assert.False(PayloadText.IsText([0x41, 0xff, 0x41]));
        Assert.False(PayloadText.IsText([0x00]));
        Assert.Equal("0000  41 00 ff                                          A..\n", PayloadText.Hex([0x41, 0x00, 0xff]));
    }
}
