using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Officials;

namespace CommandCenter.Grains.Tests.Officials;

public sealed class CapReadingTests
{
    [Theory]
    [InlineData("""<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>""")]
    [InlineData("""<!DOCTYPE alert [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>""")]
    [InlineData("""<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd">""")]
    public void A_document_type_or_entity_is_refused(string attack)
    {
        var read = CapReading.Read(Encoding.UTF8.GetBytes(attack + CapSamples.Alert()));
        Assert.Null(read.Alert);
        Assert.Contains("DTD", read.Faults["document"][0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not xml")]
    [InlineData("<alert>")]
    [InlineData("<alert xmlns='urn:x'/>")]
    [InlineData("{}")]
    public void What_is_no_alert_is_refused(string text) => Assert.Null(CapReading.Read(Encoding.UTF8.GetBytes(text)).Alert);

    [Theory]
    [InlineData("2026-11-24T08:00:00+08:00", true)]
    [InlineData("2026-11-24T00:00:00-00:00", true)]
    [InlineData("2026-11-24T00:00:00Z", true)]
    [InlineData("2026-11-24T08:00:00", false)]
    [InlineData("2026-11-24 08:00:00+08:00", false)]
    [InlineData("yesterday", false)]
    public void A_time_needs_an_offset(string sent, bool valid) => Assert.Equal(valid, CapReading.Read(CapSamples.Bytes(CapSamples.Alert(sent: sent))).Alert is not null);

    [Theory]
    [InlineData("31.78,119.94 31.79,119.94 31.79,119.95 31.78,119.94", null)]
    [InlineData("31.78,119.94 31.79,119.94 31.79,119.95", "needs at least four points, the last equal to the first")]
    [InlineData("119.94,31.78 119.94,31.79 119.95,31.79 119.94,31.78", "\"119.94,31.78\" is not latitude,longitude in degrees")]
    [InlineData("31.78 119.94", "\"31.78\" is not latitude,longitude in degrees")]
    public void A_polygon_is_latitude_first_and_closed(string polygon, string? fault)
    {
        var read = CapReading.Read(CapSamples.Bytes(CapSamples.Alert(area: $"<polygon>{polygon}</polygon>")));
        Assert.Equal(fault is null, read.Alert is not null);
        if (fault is not null)
        {
            Assert.Contains(fault, read.Faults["info.area.polygon"]);
        }
    }

    [Theory]
    [InlineData("暴雨橙色预警", "11B03", "Moderate", Colour.Orange)]
    [InlineData("继续发布大风蓝色预警", "p0002001", "Extreme", Colour.Blue)]
    [InlineData("Rainstorm", "p0002002", "Minor", Colour.Orange)]
    [InlineData("Rainstorm", "11B03", "Extreme", Colour.Red)]
    [InlineData("Rainstorm", "11B03", "Minor", Colour.Blue)]
    [InlineData("Rainstorm", "11B03", "Unknown", Colour.Blue)]
    public void The_title_says_the_colour_then_the_code_then_the_severity(string headline, string code, string severity, Colour colour) =>
        Assert.Equal(colour, CapColours.Of(new CapInfo { Event = "Storm", Severity = severity, Headline = headline, Code = code }));

    [Fact]
    public void The_words_of_the_title_win_over_a_code_of_another_numbering() =>
        Assert.Equal("暴雨", CapEventCodes.Of(new CapInfo { Event = "x", Severity = "Severe", Headline = "常州市气象台发布暴雨橙色预警", Code = "11B04" }).Name);

    [Fact]
    public void A_misspelt_cancellation_is_one() =>
        Assert.Equal(CapMessageType.Cancel, CapReading.Read(CapSamples.Bytes(CapSamples.Alert(type: "Cancle", references: "a,b,2026-11-24T08:00:00+08:00"))).Alert!.MessageType);

    [Fact]
    public void An_update_must_name_what_it_follows() =>
        Assert.Contains("references", CapReading.Read(CapSamples.Bytes(CapSamples.Alert(type: "Update"))).Faults.Keys);
}
