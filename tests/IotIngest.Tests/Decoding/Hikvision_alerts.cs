namespace IotIngest.Tests.Decoding;

public sealed class Hikvision_alerts
{
    private const string Mac = "4f:e4:2f:81:cd:1b";
    private readonly Telling telling = new();

    [Theory]
    [InlineData("VMD", "motion")]
    [InlineData("PIR", "motion")]
    [InlineData("linedetection", "line_crossing")]
    [InlineData("fielddetection", "intrusion")]
    [InlineData("regionEntrance", "region_entrance")]
    [InlineData("regionExiting", "region_exit")]
    [InlineData("shelteralarm", "tamper")]
    [InlineData("videoloss", "video_loss")]
    [InlineData("diskfull", "device_fault")]
    [InlineData("diskerror", "device_fault")]
    [InlineData("facedetection", "face")]
    [InlineData("ANPR", "licence_plate")]
    [InlineData("unattendedBaggage", "object_left")]
    [InlineData("attendedBaggage", "object_removed")]
    [InlineData("scenechangedetection", "tamper")]
    [InlineData("fireDetection", "fire_smoke")]
    [InlineData("AIOP", "aiop")]
    [InlineData("storageDetection", "device_fault")]
    [InlineData("someNewEvent", "some_new_event")]
    public void An_active_event_starts_under_the_vocabulary_s_word(string eventType, string expected) =>
        Assert.Equal([$"event {Mac} {expected} start 2026-11-23T00:00:00.000Z"], telling.Tell("hikvision/x", Xml(eventType, "active")));

    [Fact]
    public void Inactive_ends_what_was_open_and_says_nothing_otherwise()
    {
        Assert.Equal([$"quiet event {Mac} video_loss end 2026-11-23T00:00:00.000Z"], telling.Tell("hikvision/x", Xml("videoloss", "inactive")));
        telling.Tell("hikvision/x", Xml("VMD", "active", "2026-11-23T08:00:00+08:00"));
        var start = telling.Ids();
        Assert.Equal([$"event {Mac} motion update 2026-11-23T00:00:01.000Z"], telling.Tell("hikvision/x", Xml("VMD", "active", "2026-11-23T08:00:01+08:00")));
        Assert.Equal(start, telling.Ids());
        Assert.Equal([$"event {Mac} motion end 2026-11-23T00:00:09.000Z"], telling.Tell("hikvision/x", Xml("VMD", "inactive", "2026-11-23T08:00:09+08:00")));
        Assert.Equal(start, telling.Ids());
        Assert.Equal([$"event {Mac} motion start 2026-11-23T00:00:20.000Z"], telling.Tell("hikvision/x", Xml("VMD", "active", "2026-11-23T08:00:20+08:00")));
        Assert.NotEqual(start, telling.Ids());
    }

    [Fact]
    public void A_trial_changes_nothing()
    {
        var first = telling.Tell("hikvision/x", Xml("VMD", "active"), isTrial: true);
        telling.Tell("hikvision/x", Xml("VMD", "active", "2026-11-23T08:00:01+08:00"), isTrial: true);
        Assert.Equal(first, telling.Tell("hikvision/x", Xml("VMD", "active")));
    }

    [Theory]
    [InlineData("<macAddress>4F-E4-2F-81-CD-1B</macAddress><ipAddress>192.168.1.64</ipAddress>", Mac)]
    [InlineData("<macAddress>4fe42f81cd1b</macAddress>", Mac)]
    [InlineData("<ipAddress>192.168.1.64</ipAddress>", "192.168.1.64/1")]
    [InlineData("", "gateway")]
    public void A_camera_is_known_by_its_mac_else_by_address_and_channel(string identity, string key) => Assert.Equal(
        [$"event {key} motion start 2026-11-23T00:00:00.000Z"],
        telling.Tell("hikvision/gateway/alerts", $"<EventNotificationAlert version=\"1.0\">{identity}<channelID>1</channelID><dateTime>2026-11-23T08:00:00+08:00</dateTime><eventType>VMD</eventType><eventState>active</eventState></EventNotificationAlert>"));

    [Theory]
    [InlineData("2026-11-23T08:00:00+08:00")]
    [InlineData("2026-11-23T08:00:00+8:00")]
    [InlineData("2026-11-23T08:00:00")]
    [InlineData("2026-11-23T00:00:00Z")]
    [InlineData("2026/11/23 8:00:00")]
    [InlineData("20261123080000")]
    [InlineData("1795392000")]
    public void Times_of_many_firmwares_are_one_time(string time) => Assert.Equal([$"event {Mac} motion start 2026-11-23T00:00:00.000Z"], telling.Tell("hikvision/x", Xml("VMD", "active", time)));

    [Fact]
    public void A_multipart_body_holds_several_alerts_and_a_picture()
    {
        var body = "--boundary\r\nContent-Type: application/xml; charset=\"UTF-8\"\r\nContent-Length: 1\r\n\r\n" + Xml("linedetection", "active")
            + "\r\n--boundary\r\nContent-Disposition: form-data; name=\"linedetection\"; filename=\"p.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\u00ff\u00d8--not\r\n--boundary\r\nContent-Type: application/json\r\n\r\n"
            + $$$$$"""{"ipAddress":"192.168.1.9","channelID":2,"dateTime":"2026-11-23T08:00:00+08:00","eventType":"regionEntrance","eventState":"active","macAddress":"00:00:00:00:00:01"}""" + "\r\n--boundary--\r\n";
        Assert.Equal([$"event {Mac} line_crossing start 2026-11-23T00:00:00.000Z", "event 00:00:00:00:00:01 region_entrance start 2026-11-23T00:00:00.000Z"], telling.Tell("hikvision/x", body));
    }

    [Fact]
    public void The_target_is_where_the_camera_draws_it() => Assert.Equal(
        [$"event {Mac} intrusion start [0.6 0.215278 0.135937 0.505556] 2026-11-23T00:00:00.000Z"],
        telling.Tell("hikvision/x", Xml("fielddetection", "active", more: "<DetectionRegionList><DetectionRegionEntry><regionID>3</regionID><TargetRect><X>0.6</X><Y>0.215278</Y><width>0.135937</width><height>0.505556</height></TargetRect></DetectionRegionEntry></DetectionRegionList>")));

    [Fact]
    public void People_counted_are_readings() => Assert.Equal(
        [$"reading {Mac} enter=12 exit=7 2026-11-23T00:00:00.000Z"],
        telling.Tell("hikvision/x", Xml("PeopleCounting", "active", more: "<peopleCounting><statisticalMethods>realTime</statisticalMethods><enter>12</enter><exit>7</exit></peopleCounting>")));

    [Theory]
    [InlineData("<EventNotificationAlert><eventState>active</eventState></EventNotificationAlert>")]
    [InlineData("<EventNotificationAlert><eventType>VMD")]
    [InlineData("{\"eventType\":\"VMD\"")]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><EventNotificationAlert><eventType>&x;</eventType></EventNotificationAlert>")]
    public void What_is_broken_is_refused(string payload) => Assert.Equal(["refused Malformed"], telling.Tell("hikvision/x", payload));

    private static string Xml(string type, string state, string time = "2026-11-23T08:00:00+08:00", string more = "") =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">
        <ipAddress>192.168.1.64</ipAddress><portNo>80</portNo><protocol>HTTP</protocol><macAddress>{Mac}</macAddress><channelID>1</channelID><dateTime>{time}</dateTime>
        <activePostCount>1</activePostCount><eventType>{type}</eventType><eventState>{state}</eventState><eventDescription>alarm</eventDescription>{more}
        </EventNotificationAlert>
        """;
}
