namespace IotIngest.Tests.Decoding;

public sealed class Dahua_events
{
    private readonly Telling telling = new();

    [Fact]
    public void Start_and_stop_of_a_stream_are_one_event()
    {
        Assert.Equal(["event cam-8 motion start"], telling.Tell("dahua/cam-8/event", "Code=VideoMotion;action=Start;index=0;data={\n   \"Id\" : [ 0 ],\n   \"RegionName\" : [ \"Region1\" ]\n}\n"));
        var start = telling.Ids();
        telling.At = Telling.Now.AddSeconds(20);
        Assert.Equal(["event cam-8 motion end"], telling.Tell("dahua/cam-8/event", "Code=VideoMotion;action=Stop;index=0;data={\n   \"Id\" : [ 0 ],\n   \"RegionName\" : [ \"Region1\" ]\n}\n"));
        Assert.Equal(start, telling.Ids());
        telling.At = Telling.Now.AddSeconds(30);
        telling.Tell("dahua/cam-8/event", "Code=VideoMotion;action=Start;index=0");
        Assert.NotEqual(start, telling.Ids());
    }

    [Fact]
    public void A_multipart_stream_holds_events_and_heartbeats()
    {
        const string body = "--myboundary\r\nContent-Type: text/plain\r\nContent-Length:9\r\n\r\nHeartbeat\r\n--myboundary\r\nContent-Type: text/plain\r\nContent-Length:36\r\n\r\nCode=VideoBlind;action=Start;index=2\r\n\r\n"
            + "--myboundary\r\nContent-Type: text/plain\r\n\r\nCode=CrossRegionDetection;action=Start;index=0;data={ \"Name\":\"园区\", \"UTC\": 1795392000, \"Object\": { \"BoundingBox\": [0, 0, 4096, 8192], \"Confidence\": 191 } }\r\n";
        Assert.Equal(["event 192.168.1.108/2 tamper start", "event 192.168.1.108/0 intrusion start 0.749 [0 0 0.5 1] 2026-11-23T00:00:00.000Z"], telling.Tell("dahua/192.168.1.108/attach", body));
    }

    [Fact]
    public void Several_events_in_one_body_are_all_read() => Assert.Equal(
        ["event c motion start", "event c input start", "refused Malformed"],
        telling.Tell("dahua/c", "Code=VideoMotion;action=Start;index=0;data={\n}\nCode=AlarmLocal;action=Start;index=1\r\nCode=SmokeDetection;action=Start;index=0;data={ \"x\": \n"));

    [Fact]
    public void The_box_of_an_event_object_is_on_the_grid() => Assert.Equal(
        ["event cam-8 line_crossing start [0.587891 0.555664 0.052734 0.087891] 2021-05-08T12:40:56.180Z"],
        telling.Tell("dahua/cam-8", """{"name":"Cam8","Code":"CrossLineDetection","action":"Start","index":"0","data":{"Object":{"BoundingBox":[4816,4552,5248,5272],"Confidence":0},"RuleId":1,"UTC":1620477656,"UTCMS":180}}"""));

    [Theory]
    [InlineData("881", "fire_smoke")]
    [InlineData("882", "shop_occupation")]
    [InlineData("883", "garbage_dumping")]
    [InlineData("887", "street_vending")]
    [InlineData("890", "exposed_garbage")]
    [InlineData("892", "dirty_storefront")]
    [InlineData("893", "illegal_parking")]
    [InlineData("894", "bicycle_parking")]
    [InlineData("895", "overflowing_bin")]
    [InlineData("4711", "other")]
    public void Numbers_of_the_platform_have_words(string number, string expected) => Assert.Equal(
        [$"event 1000001$1$0$0 {expected} start 2026-11-23T00:00:00.000Z"],
        telling.Tell("dahua/icc", $$$$$"""{"category":"alarm","method":"alarm.msg","info":{"deviceCode":"1000001","channelSeq":0,"nodeCode":"1000001$1$0$0","alarmStat":1,"alarmType":{{{{{number}}}}},"alarmDate":"1795392000"}}"""));

    [Fact]
    public void An_unknown_number_with_a_chinese_name_is_what_the_name_says() => Assert.Equal(
        ["event 1000001$1$0$0 high_altitude_throw start 2026-11-23T00:00:00.000Z"],
        telling.Tell("dahua/icc", """{"nodeCode":"1000001$1$0$0","alarmStat":1,"alarmType":5001,"alarmTypeName":"高空抛物报警","alarmDate":"2026-11-23 08:00:00"}"""));

    [Fact]
    public void A_door_opens_and_closes()
    {
        Assert.Equal(["event vto door_open start 2021-04-11T13:34:52.000Z"], telling.Tell("dahua/vto", """{"Code":"DoorStatus","Action":"Pulse","Data":{"LocaleTime":"2021-04-11 21:34:52","Status":"Open","UTC":1618148092},"Index":0}"""));
        Assert.Equal(["event vto door_open end 2021-04-11T13:35:52.000Z"], telling.Tell("dahua/vto", """{"Code":"DoorStatus","Action":"Pulse","Data":{"LocaleTime":"2021-04-11 21:35:52","Status":"Close","UTC":1618148152},"Index":0}"""));
    }

    [Theory]
    [InlineData("""{"Code":"BackKeyLight","Action":"Pulse","Data":{"LocaleTime":"2021-06-20 13:52:20","State":1,"UTC":1624168340.0},"Index":-1}""")]
    [InlineData("Code=NTPAdjustTime;action=Pulse;index=0;data={\"result\":true}")]
    [InlineData("Code=NewFile;action=Pulse;index=0")]
    [InlineData("Heartbeat")]
    public void What_a_device_does_for_itself_says_nothing(string payload) => Assert.Empty(telling.Tell("dahua/c", payload));

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"Code\":")]
    [InlineData("hello")]
    public void What_is_broken_is_refused(string payload) => Assert.Equal(["refused Malformed"], telling.Tell("dahua/c", payload));
}
