using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Officials;
using CommandCenter.Grains.Tests.Geography;

namespace CommandCenter.Grains.Tests.Officials;

/// <summary>Every published sample is accepted or refused as it deserves, and none of them concerns this district.</summary>
public sealed class CapSampleTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("KAR0-0306112239-SW.cap", "KAR0-0306112239-SW", "Child Abduction lies elsewhere")]
    [InlineData("canada.cap", "2.49.0.1.124.6bddbc91.2012", "thunderstorm lies elsewhere")]
    [InlineData("earthquake.cap", "USGS-earthquakes-us2010apcd.6.20100831T000925.496Z", "Earthquake lies elsewhere")]
    [InlineData("thunderstorm.cap", "KSTO1055887203", "SEVERE THUNDERSTORM lies elsewhere")]
    [InlineData("weather.cap", "NOAA-NWS-ALERTS-MT20100830100700TFXFlashFloodWatchTFX20100830180000MT", "Flash Flood Watch lies elsewhere")]
    public void A_valid_document_from_elsewhere_is_taken_and_raises_nothing(string file, string identifier, string note)
    {
        var read = CapReading.Read(Sample(file));
        Assert.Empty(read.Faults);
        Assert.Equal(identifier, read.Alert!.Identifier);
        var decision = CapDeciding.Decide(read.Alert, null, Map, Now, 24);
        Assert.Empty(decision.Warnings);
        Assert.Equal(note, decision.Note);
    }

    [Theory]
    [InlineData("invalid.cap", "scope", "is missing")]
    [InlineData("noaa_errors.cap", "references", "is empty; leave the element out")]
    [InlineData("noaa_errors.cap", "info.urgency", "is empty")]
    [InlineData("noaa_errors.cap", "info.severity", "is empty")]
    [InlineData("noaa_errors.cap", "info.certainty", "is empty")]
    [InlineData("weather.atom", "document", "is an Atom feed; send the alert that an entry links to")]
    [InlineData("invalid_element.atom", "document", "is an Atom feed; send the alert that an entry links to")]
    public void A_wrong_document_is_refused_with_the_element_and_the_reason(string file, string element, string reason)
    {
        var read = CapReading.Read(Sample(file));
        Assert.Null(read.Alert);
        Assert.Contains(reason, read.Faults[element]);
    }

    [Fact]
    public void The_national_form_is_read_as_it_is_found()
    {
        var file = MapFolder.Shared is { } shared ? Path.Combine(shared, "data", "payloads", "cap", "cma_national_warning_henan_wind_blue_20200205.xml") : null;
        Assert.SkipWhen(!File.Exists(file), "The sample of the national form has no licence to be copied; the test needs ../shared.");
        var alert = CapReading.Read(File.ReadAllBytes(file!)).Alert!;
        Assert.Equal("41000041600000_20200205105119", alert.Identifier);
        Assert.Equal("41000041600000", alert.Sender);
        Assert.Equal(new DateTimeOffset(2020, 2, 5, 2, 45, 0, TimeSpan.Zero), alert.Sent);
        Assert.Equal(CapMessageType.Update, alert.MessageType);
        Assert.Equal(["41000041600000_20200204121842"], alert.References);
        var info = Assert.Single(alert.Infos);
        Assert.Equal("大风", CapEventCodes.Of(info).Name);
        Assert.Equal(Colour.Blue, CapColours.Of(info));
        Assert.Equal(["410000000000", "410000000000"], info.Areas[0].Geocodes);
        Assert.Equal("大风 lies elsewhere", CapDeciding.Decide(alert, null, Map, Now, 24).Note);
    }

    private static AreaMap Map { get; } = AreaMap.Load(new GeographyOptions { Directory = MapFolder.Shipped });

    private static byte[] Sample(string file) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Officials", "Samples", file));
}
