namespace IotIngest.Tests.Decoding;

public sealed class Frigate_messages
{
    private readonly Telling telling = new();

    [Theory]
    [InlineData("new", "start 0.91 2023-11-14T22:13:20.500Z")]
    [InlineData("update", "update 0.91 2023-11-14T22:13:25.250Z")]
    public void An_object_starts_and_goes_on(string type, string expected) => Assert.Equal(
        ["event front person " + expected],
        telling.Tell("frigate/events", $$$$$"""{"type":"{{{{{type}}}}}","before":{},"after":{"id":"1700000000.5-abc","camera":"front","label":"person","top_score":0.91,"score":0.7,"false_positive":false,"start_time":1700000000.5,"frame_time":1700000005.25,"end_time":null,"box":[1,2,3,4]}}"""));

    [Fact]
    public void An_object_ends_when_it_ended() => Assert.Equal(
        ["event yard vehicle end 0.8 2023-11-14T22:13:30.000Z"],
        telling.Tell("frigate/events", """{"type":"end","before":{},"after":{"id":"1700000000.5-abc","camera":"yard","label":"car","top_score":0.8,"start_time":1700000000.5,"frame_time":1700000005.25,"end_time":1700000010}}"""));

    [Fact]
    public void A_false_positive_did_not_happen() => Assert.Empty(
        telling.Tell("frigate/events", """{"type":"new","before":{},"after":{"id":"1-a","camera":"front","label":"person","false_positive":true,"start_time":1700000000.5}}"""));

    [Fact]
    public void A_review_is_named_after_the_gravest_of_its_objects() => Assert.Equal(
        ["event front person end 2023-11-14T22:13:30.000Z"],
        telling.Tell("frigate/reviews", """{"type":"end","before":{},"after":{"id":"1-r","camera":"front","start_time":1700000000,"end_time":1700000010,"severity":"alert","data":{"detections":["1700000001-x"],"objects":["dog","car","person-verified"],"audio":["bark"]}}}"""));

    [Theory]
    [InlineData("frigate/front/person", "3", "reading front person=3")]
    [InlineData("frigate/front/person/active", "2", "reading front person.active=2")]
    [InlineData("frigate/front/all", "4", "reading front all=4")]
    [InlineData("frigate/front/audio/dBFS", "-36.5", "reading front dBFS=-36.5")]
    [InlineData("frigate/front/motion", "ON", "event front motion start")]
    [InlineData("frigate/front/audio/scream", "ON", "event front sound start")]
    [InlineData("frigate/front/status/detect", "offline", "status front offline")]
    [InlineData("frigate/available", "online", "status frigate online")]
    [InlineData("frigate/available", "stopped", "status frigate offline")]
    public void Bare_texts_of_a_camera_are_read(string topic, string payload, string expected) => Assert.Equal([expected], telling.Tell(topic, payload));

    [Theory]
    [InlineData("frigate/front/person/snapshot", "\u00ff\u00d8\u00ff")]
    [InlineData("frigate/front/detect/state", "ON")]
    [InlineData("frigate/front/detect/set", "OFF")]
    [InlineData("frigate/front/status/record", "online")]
    [InlineData("frigate/front/review_status", "ALERT")]
    [InlineData("frigate/front/ptz_autotracker/active", "ON")]
    [InlineData("frigate/stats", "{\"cameras\":{}}")]
    [InlineData("frigate/camera_activity", "{\"front\":{}}")]
    [InlineData("frigate/notifications/state", "ON")]
    [InlineData("frigate/tracked_object_update", """{"type":"description","id":"1-a","description":"a car"}""")]
    public void What_is_a_picture_a_setting_or_a_statistic_says_nothing(string topic, string payload) => Assert.Empty(telling.Tell(topic, payload));

    [Theory]
    [InlineData("frigate/events", "{\"type\":\"new\"", "refused Malformed")]
    [InlineData("frigate/events", "{\"type\":\"new\"}", "refused Malformed")]
    [InlineData("frigate/events", "not json", "refused Malformed")]
    [InlineData("frigate/events", """{"type":"vanish","after":{"id":"1-a","camera":"front","label":"person"}}""", "refused Unsupported")]
    [InlineData("frigate/events", """{"type":"new","after":{"camera":"front","label":"person"}}""", "refused Malformed")]
    public void What_claims_to_be_an_event_and_is_none_is_refused(string topic, string payload, string expected) => Assert.Equal([expected], telling.Tell(topic, payload));
}
