namespace IotIngest.Tests.Decoding;

public sealed class Axis_messages
{
    private readonly Telling telling = new();

    [Theory]
    [InlineData("onvif:Device/axis:Sensor/PIR", """{"state":"1"}""", "motion")]
    [InlineData("axis:CameraApplicationPlatform/FenceGuard/Camera1Profile1", """{"active":"1"}""", "intrusion")]
    [InlineData("axis:CameraApplicationPlatform/VMD/Camera1ProfileANY", """{"active":true}""", "motion")]
    [InlineData("axis:CameraApplicationPlatform/ObjectAnalytics/Device1Scenario1", """{"classTypes":"human","objectId":"4","active":"1"}""", "person")]
    [InlineData("axis:CameraApplicationPlatform/ObjectAnalytics/Device1Scenario1", """{"active":"1"}""", "motion")]
    [InlineData("onvif:AudioSource/axis:TriggerLevel", """{"triggered":"1"}""", "sound")]
    [InlineData("onvif:Device/axis:IO/Port", """{"state":"1"}""", "input")]
    [InlineData("axis:Device/Tampering", """{"tampering":"1"}""", "tamper")]
    [InlineData("Device/Sensor/PIR", """{"state":"1"}""", "motion")]
    public void An_event_of_the_device_s_mqtt_client_starts(string topic, string data, string expected) => Assert.Equal(
        [$"event axis/B8A44F000001 {expected} start 2020-05-21T07:13:10.230Z"],
        telling.Tell("axis/B8A44F000001/event/" + topic.Replace(':', '_'), $$$$$"""{"timestamp":1590045190230,"topic":"{{{{{topic}}}}}","message":{"source":{"sensor":"0"},"key":{},"data":{{{{{data}}}}}}}"""));

    [Fact]
    public void A_state_that_does_not_hold_ends_what_was_open_and_says_nothing_otherwise()
    {
        string Pir(string state, long time) => $$$$$"""{"timestamp":{{{{{time}}}}},"serial":"B8A44F000001","topic":"onvif:Device/axis:Sensor/PIR","message":{"source":{"sensor":"0"},"key":{},"data":{"state":"{{{{{state}}}}}"}}}""";
        Assert.Equal(["quiet event axis/B8A44F000001 motion end 2020-05-21T07:13:10.230Z"], telling.Tell("axis/B8A44F000001/event/x", Pir("0", 1590045190230)));
        telling.Tell("axis/B8A44F000001/event/x", Pir("1", 1590045191230));
        var start = telling.Ids();
        Assert.Equal(["event axis/B8A44F000001 motion end 2020-05-21T07:13:12.230Z"], telling.Tell("axis/B8A44F000001/event/x", Pir("0", 1590045192230)));
        Assert.Equal(start, telling.Ids());
    }

    [Theory]
    [InlineData("tnsaxis:CameraApplicationPlatform/VMD/Camera1ProfileANY", "Changed", "<tt:SimpleItem Name=\"active\" Value=\"1\"/>", "event axis/a motion start")]
    [InlineData("tns1:Device/tnsaxis:Sensor/PIR", "Initialized", "<tt:SimpleItem Name=\"state\" Value=\"1\"/>", "event axis/a motion start")]
    [InlineData("tns1:Device/tnsaxis:Sensor/PIR", "Changed", "<tt:SimpleItem Name=\"state\" Value=\"0\"/>", "event axis/a motion end")]
    [InlineData("tns1:Device/tnsaxis:Sensor/PIR", "Initialized", "<tt:SimpleItem Name=\"state\" Value=\"0\"/>", "quiet event axis/a motion end")]
    [InlineData("tns1:RuleEngine/tnsaxis:CrossLineDetection/x", "Changed", "<tt:SimpleItem Name=\"active\" Value=\"1\"/>", "event axis/a line_crossing start")]
    public void The_metadata_stream_says_the_same_as_xml(string topic, string operation, string data, string expected) => Assert.Equal(
        [expected + " 2019-03-12T23:48:28.425Z"], telling.Tell("axis/a/event", Stream(topic, operation, data)));

    [Theory]
    [InlineData("tns1:VideoSource/tnsaxis:DayNightVision", "<tt:SimpleItem Name=\"day\" Value=\"1\"/>")]
    [InlineData("tns1:PTZController/tnsaxis:Move/Channel_1", "<tt:SimpleItem Name=\"is_moving\" Value=\"1\"/>")]
    [InlineData("tns1:LightControl/tnsaxis:LightStatusChanged/Status", "<tt:SimpleItem Name=\"state\" Value=\"ON\"/>")]
    [InlineData("tns1:Device/tnsaxis:Status/SystemReady", "<tt:SimpleItem Name=\"ready\" Value=\"1\"/>")]
    [InlineData("tns1:Device/Trigger/Relay", "<tt:SimpleItem Name=\"LogicalState\" Value=\"active\"/>")]
    public void What_the_camera_does_for_itself_says_nothing(string topic, string data) => Assert.Empty(telling.Tell("axis/a/event", Stream(topic, "Changed", data)));

    [Fact]
    public void An_empty_stream_says_nothing() => Assert.Empty(telling.Tell("axis/a/event", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tt:MetadataStream xmlns:tt=\"http://www.onvif.org/ver10/schema\">\n</tt:MetadataStream>\n"));

    [Theory]
    [InlineData("""{"message":{"source":{"sensor":"0"},"data":{"state":"0"}}}""")]
    [InlineData("""{"topic":"onvif:Device/axis:Sensor/PIR"}""")]
    [InlineData("""{"topic":"onvif:Device/axis:Sensor/PIR","message":123}""")]
    [InlineData("client_1 LWT")]
    [InlineData("<tt:MetadataStream>")]
    public void What_is_broken_is_refused(string payload) => Assert.Equal(["refused Malformed"], telling.Tell("axis/a/event/x", payload));

    private static string Stream(string topic, string operation, string data) =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"><tt:Event><wsnt:NotificationMessage xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"><wsnt:Topic Dialect="x">{topic}</wsnt:Topic>
        <wsnt:Message><tt:Message UtcTime="2019-03-12T23:48:28.425164Z" PropertyOperation="{operation}"><tt:Source><tt:SimpleItem Name="sensor" Value="0"/></tt:Source><tt:Key></tt:Key><tt:Data>{data}</tt:Data></tt:Message></wsnt:Message>
        </wsnt:NotificationMessage></tt:Event></tt:MetadataStream>
        """;
}
