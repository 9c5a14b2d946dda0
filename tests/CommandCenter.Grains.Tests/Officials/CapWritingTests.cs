using System.Xml;
using System.Xml.Schema;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Officials;

namespace CommandCenter.Grains.Tests.Officials;

/// <summary>Our own documents against a schema of CAP 1.2, and read back by our own reader.</summary>
public sealed class CapWritingTests
{
    private static readonly DateTimeOffset Raised = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);

    private static readonly WarningView Warning = new()
    {
        Id = new("w-1"), Rule = new("R01"), RuleVersion = 3, Subject = "wl-017", SubjectName = "龙江路下穿 <1> & 2", RuleName = new("道路积水", "Flooded road"), Area = new("320404002"),
        Longitude = 119.934, Latitude = 31.766, Colour = Colour.Red, PeakColour = Colour.Red, State = WarningState.Raised, OnsetAt = Raised.AddMinutes(-2), RaisedAt = Raised,
        Class = new("SJ-04-06"), Reason = "水深 300 mm ≥ 250 mm",
    };

    [Fact]
    public void A_raised_warning_is_valid_and_says_what_it_is()
    {
        var xml = Valid(Warning);
        var alert = CapReading.Read(CapSamples.Bytes(xml)).Alert!;
        Assert.Equal((CapMessageType.Alert, CapStatus.Actual, Raised), (alert.MessageType, alert.Status, alert.Sent));
        var info = Assert.Single(alert.Infos);
        Assert.Equal(("道路积水", "Extreme", "龙江路下穿 <1> & 2道路积水红色预警"), (info.Event, info.Severity, info.Headline));
        Assert.Equal((31.766, 119.934, 0.1), info.Areas[0].Circles[0]);
        Assert.Equal(Colour.Red, CapColours.Of(info));
    }

    [Fact]
    public void A_cleared_warning_takes_back_the_document_that_raised_it()
    {
        var raised = CapReading.Read(CapSamples.Bytes(Valid(Warning))).Alert!;
        var cleared = CapReading.Read(CapSamples.Bytes(Valid(Warning with { State = WarningState.Cleared, ClearedAt = Raised.AddHours(1) }))).Alert!;
        Assert.Equal((CapMessageType.Cancel, raised.Identifier), (cleared.MessageType, Assert.Single(cleared.References)));
        Assert.NotEqual(raised.Identifier, cleared.Identifier);
    }

    [Fact]
    public void A_graver_colour_is_a_document_of_its_own_that_follows_the_first()
    {
        var yellow = Warning with { Colour = Colour.Yellow, Changes = [new(Raised, WarningChangeKind.Raised, Colour.Yellow, null, null)] };
        var red = Warning with { Changes = [.. yellow.Changes, new(Raised.AddMinutes(20), WarningChangeKind.Upgraded, Colour.Red, null, null)] };
        var first = CapReading.Read(CapSamples.Bytes(Valid(yellow))).Alert!;
        var second = CapReading.Read(CapSamples.Bytes(Valid(red))).Alert!;
        Assert.Equal((CapMessageType.Update, Raised.AddMinutes(20), first.Identifier), (second.MessageType, second.Sent, Assert.Single(second.References)));
    }

    [Fact]
    public void A_drill_is_an_exercise() => Assert.Equal(CapStatus.Exercise, CapReading.Read(CapSamples.Bytes(Valid(Warning with { Drill = true }))).Alert!.Status);

    [Fact]
    public void What_an_official_warning_covers_is_written_latitude_first_again()
    {
        var xml = Valid(Warning with { Rings = [[119.94, 31.78, 119.95, 31.78, 119.95, 31.79, 119.94, 31.78]] });
        Assert.Contains("<polygon>31.78,119.94 31.78,119.95 31.79,119.95 31.78,119.94</polygon>", xml, StringComparison.Ordinal);
    }

    [Fact]
    public void Characters_that_xml_has_not_are_left_out() => Assert.NotNull(Valid(Warning with { SubjectName = "a\u0001b\ud83d\ude00", Reason = "\u0000" }));

    [Fact]
    public void The_schema_refuses_what_is_wrong() =>
        Assert.Throws<XmlSchemaValidationException>(() => Validate(CapSamples.Alert().Replace("<scope>Public</scope>", string.Empty, StringComparison.Ordinal)));

    private static string Valid(WarningView warning)
    {
        var xml = CapWriting.Write(warning, "32040499900000");
        Validate(xml);
        return xml;
    }

    private static void Validate(string xml)
    {
        var settings = new XmlReaderSettings { ValidationType = ValidationType.Schema };
        settings.Schemas.Add(null, Path.Combine(AppContext.BaseDirectory, "Officials", "cap-1.2.xsd"));
        settings.ValidationEventHandler += (_, fault) => throw fault.Exception;
        using var reader = XmlReader.Create(new StringReader(xml), settings);
        while (reader.Read())
        {
        }
    }
}
