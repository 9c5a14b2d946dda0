namespace IotIngest.Tests.Decoding;

public sealed class Onvif_messages
{
    private const string Motion = "cam/onvif-ej/RuleEngine/CellMotionDetector/Motion/&1/2/MyRule";
    private readonly Telling telling = new();

    [Theory]
    [InlineData("VideoSource/MotionAlarm/1", """{"State":"true"}""", "motion start")]
    [InlineData("VideoSource/MotionAlarm/1", """{"State":true}""", "motion start")]
    [InlineData("RuleEngine/FieldDetector/ObjectsInside/&1", """{"ObjectId":"7","IsInside":"true"}""", "intrusion start")]
    [InlineData("RuleEngine/LineDetector/Crossed/&1", """{"ObjectId":15}""", "line_crossing start")]
    [InlineData("RuleEngine/TamperDetector/Tamper/1", """{"IsTamper":1}""", "tamper start")]
    [InlineData("VideoSource/GlobalSceneChange/ImagingService/1", """{"State":"1"}""", "tamper start")]
    [InlineData("VideoSource/SignalLoss/1", """{"State":"true"}""", "video_loss start")]
    [InlineData("Device/Trigger/DigitalInput/1", """{"LogicalState":"true"}""", "input start")]
    [InlineData("Device/HardwareFailure/StorageFailure/1", """{"Failed":"true"}""", "device_fault start")]
    [InlineData("AudioAnalytics/Audio/DetectedSound/1", """{"IsSoundDetected":"true"}""", "sound start")]
    [InlineData("RuleEngine/LoiteringDetector/ObjectIsLoitering/1", """{"ObjectId":"3"}""", "loitering start")]
    [InlineData("RuleEngine/ObjectDetection/Object/1", """{"ClassTypes":"Human","State":"true"}""", "person start")]
    [InlineData("RuleEngine/Recognition/LicensePlate/1", """{"State":"true","Likelihood":"0.93"}""", "licence_plate start 0.93")]
    [InlineData("tns1:RuleEngine/tnssamsung:Loitering/1", """{"State":"true"}""", "loitering start")]
    [InlineData("RuleEngine/SomethingNew/Found", """{"State":"true"}""", "something_new start")]
    public void A_topic_becomes_a_word_of_the_vocabulary(string topic, string data, string expected) => Assert.Equal(
        [$"event cam {expected} 2026-11-23T00:00:00.000Z"],
        telling.Tell("cam/onvif-ej/" + topic, $$$$$"""{"UtcTime":"2026-11-23T00:00:00Z","Source":{"VideoSourceToken":"1"},"Data":{{{{{data}}}}}}"""));

    [Fact]
    public void A_property_starts_and_ends_and_tells_itself_again_when_it_is_retained()
    {
        Assert.Equal(["event cam motion start 2026-11-23T00:00:00.000Z"], telling.Tell(Motion, Told("true", "2026-11-23T00:00:00Z")));
        var start = telling.Ids();
        Assert.Equal(["event cam motion start 2026-11-23T00:00:00.000Z"], telling.Tell(Motion, Told("true", "2026-11-23T00:00:00Z")));
        Assert.Equal(start, telling.Ids());
        Assert.Equal(["event cam motion end 2026-11-23T00:00:30.000Z"], telling.Tell(Motion, Told("false", "2026-11-23T00:00:30Z")));
        Assert.Equal(start, telling.Ids());
    }

    [Fact]
    public void A_message_without_bytes_ends_what_the_property_told()
    {
        Assert.Equal(["quiet event cam motion end"], telling.Tell(Motion, string.Empty));
        telling.Tell(Motion, Told("true", "2026-11-23T00:00:00Z"));
        var start = telling.Ids();
        Assert.Equal(["event cam motion end"], telling.Tell(Motion, string.Empty));
        Assert.Equal(start, telling.Ids());
        Assert.Empty(telling.Tell("cam/onvif-ej/Monitoring/OperatingTime/LastReboot", string.Empty));
    }

    [Theory]
    [InlineData("""{"UtcTime":"2026-11-23T00:00:00Z","Source":{"SimpleItem":[{"Name":"VideoSourceToken","Value":"1"},{"Name":"Rule","Value":"R"}]},"Data":{"SimpleItem":[{"Name":"IsMotion","Value":"true"}]}}""")]
    [InlineData("""{"UtcTime":"2026-11-23T00:00:00Z","Source":{"SimpleItem":{"@Name":"VideoSourceToken","@Value":"1"}},"Data":{"SimpleItem":{"@Name":"IsMotion","@Value":"true"}}}""")]
    [InlineData("""{"Topic":"tns1:RuleEngine/CellMotionDetector/Motion","Message":{"UtcTime":"2026-11-23T00:00:00Z","Source":{},"Data":{"IsMotion":true}}}""")]
    public void Items_are_read_however_a_maker_writes_them(string payload) => Assert.Equal(["event cam motion start 2026-11-23T00:00:00.000Z"], telling.Tell(Motion, payload));

    [Theory]
    [InlineData("cam/onvif-ej/RuleEngine/CountAggregation/Counter/&1/Inbound", """{"UtcTime":"2026-11-23T00:00:00Z","Source":{"Rule":"Inbound"},"Data":{"Count":"12"}}""", "reading cam Count=12 2026-11-23T00:00:00.000Z")]
    [InlineData("site/lane/onvif-mj/SensorData/Temperature", """{"SensorData":{"@UtcTime":"2026-11-23T00:00:00Z","@SensorID":"t1","Value":298.65}}""", "reading site/lane Value=298.65K temperature=298.65K 2026-11-23T00:00:00.000Z")]
    public void Numbers_are_readings(string topic, string payload, string expected)
    {
        var decoded = new IotIngest.Decoding.DecodedMessage();
        var options = new IotIngest.Hosting.IngestOptions();
        options.Topics["onvif"] = ["#"];
        new IotIngest.Decoding.Decoders(options).Decode(topic, System.Text.Encoding.UTF8.GetBytes(payload), "onvif", decoded);
        Assert.Equal(1, decoded.ItemCount);
        if (topic.StartsWith("cam/", StringComparison.Ordinal))
        {
            Assert.Equal([expected], telling.Tell(topic, payload));
        }
    }

    [Fact]
    public void An_object_of_a_frame_has_class_likelihood_and_box_and_goes_on_in_the_next_frame()
    {
        string Frame(string time) => $$$$$"""
            {"Frame":[{"@UtcTime":"{{{{{time}}}}}","@Source":"MyClassifier","Transformation":{"Translate":{"@x":-1.0,"@y":-1.0},"Scale":{"@x":0.003125,"@y":0.00416667}},
            "Object":[{"@ObjectId":15,"Appearance":{"Shape":{"BoundingBox":{"@left":20.0,"@top":80.0,"@right":100.0,"@bottom":30.0}},"Class":{"Type":[{"@Likelihood":0.2,"#text":"Animal"},{"@Likelihood":0.8,"#text":"Human"}]}}}]}]}
            """;
        Assert.Equal(["event cam person start 0.8 [0.03125 0.833333 0.125 0.104167] 2021-10-05T15:13:27.321Z"], telling.Tell("cam/onvif-mj/VideoAnalytics/1/MyClassifier", Frame("2021-10-05T15:13:27.321")));
        Assert.Equal(["event cam person update 0.8 [0.03125 0.833333 0.125 0.104167] 2021-10-05T15:13:28.500Z"], telling.Tell("cam/onvif-mj/VideoAnalytics/1/MyClassifier", Frame("2021-10-05T15:13:28.5Z")));
    }

    [Fact]
    public void A_frame_a_tenth_of_a_second_later_says_nothing_new()
    {
        string Frame(string time) => $$$$$"""{"Frame":[{"@UtcTime":"{{{{{time}}}}}","@Source":"C","Object":[{"@ObjectId":1,"Appearance":{"Class":{"Type":[{"@Likelihood":0.8,"#text":"Human"}]}}}]}]}""";
        telling.Tell("cam/onvif-mj/VideoAnalytics/1/C", Frame("2021-10-05T15:13:27Z"));
        Assert.Empty(telling.Tell("cam/onvif-mj/VideoAnalytics/1/C", Frame("2021-10-05T15:13:27.1Z")));
    }

    [Theory]
    [InlineData("cam/onvif-ej/RuleEngine/LineDetector/Crossed", """{"UtcTime":"2008-10-10T12:24:57.321Z","Source":{"Rule":"a"}"Data":{"ObjectId":"15"}}""")]
    [InlineData("cam/onvif-ej/RuleEngine/LineDetector/Crossed", """{"UtcTime":"2008-10-10T12:24:57.321Z",}""")]
    [InlineData("cam/onvif-ej/RuleEngine/LineDetector/Crossed", "{}")]
    [InlineData("cam/onvif-ej/RuleEngine/LineDetector/Crossed", "[1,2]")]
    [InlineData("cam/onvif-ej/RuleEngine/LineDetector/Crossed", """{"hello":"world"}""")]
    public void Broken_json_is_refused_as_the_specification_s_own_samples_are(string topic, string payload) => Assert.Equal(["refused Malformed"], telling.Tell(topic, payload));

    [Theory]
    [InlineData("cam/onvif-ej/Media/ConfigurationChanged", """{"UtcTime":"2026-11-23T00:00:00Z","Source":{"Token":"a"},"Data":{}}""")]
    [InlineData("cam/onvif-ej/PTZController/PTZPresets/Reached", """{"UtcTime":"2026-11-23T00:00:00Z","Source":{"PresetToken":"1"},"Data":{"on_preset":"true"}}""")]
    [InlineData("cam/onvif-ej/Device/Trigger/Relay/1", """{"UtcTime":"2026-11-23T00:00:00Z","Source":{"RelayToken":"1"},"Data":{"LogicalState":"active"}}""")]
    public void What_the_device_is_told_to_do_says_nothing(string topic, string payload) => Assert.Empty(telling.Tell(topic, payload));

    private static string Told(string state, string time) => $$$$$"""{"UtcTime":"{{{{{time}}}}}","Source":{"VideoSourceConfigurationToken":"1","VideoAnalyticsConfigurationToken":"2","Rule":"MyRule"},"Data":{"IsMotion":"{{{{{state}}}}}"}}""";
}
