using IotIngest.Decoding;

namespace IotIngest.Tests.Decoding;

public sealed class Topic_filters
{
    [Theory]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/+/c", "a/b/d", false)]
    [InlineData("a/+/c", "a/b/c/d", false)]
    [InlineData("a/+", "a/", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "ab", false)]
    [InlineData("+/onvif-ej/#", "axis-1/onvif-ej/VideoSource/MotionAlarm", true)]
    [InlineData("#", "$SYS/broker/uptime", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/x", true)]
    public void Match_as_mqtt_says(string filter, string topic, bool matches) => Assert.Equal(matches, TopicFilter.Matches(filter, topic));

    [Theory]
    [InlineData("a/#/b", false)]
    [InlineData("a+/b", false)]
    [InlineData("", false)]
    [InlineData("a/+/#", true)]
    public void Are_checked_when_they_are_configured(string filter, bool valid) => Assert.Equal(valid, TopicFilter.IsValid(filter));
}
