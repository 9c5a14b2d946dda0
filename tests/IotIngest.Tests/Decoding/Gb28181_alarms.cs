using System.Text;

namespace IotIngest.Tests.Decoding;

public sealed class Gb28181_alarms
{
    private const string Camera = "32040400001320000017";
    private readonly Telling telling = new();

    [Theory]
    [InlineData("5", "2", "", "motion")]
    [InlineData("5", "3", "", "object_left")]
    [InlineData("5", "5", "", "line_crossing")]
    [InlineData("5", "6", "<Info><AlarmType>6</AlarmType><AlarmTypeParam><EventType>1</EventType></AlarmTypeParam></Info>", "intrusion")]
    [InlineData("5", "6", "<Info><AlarmTypeParam><EventType>2</EventType></AlarmTypeParam></Info>", "region_exit")]
    [InlineData("5", "10", "", "crowd")]
    [InlineData("5", "13", "", "tamper")]
    [InlineData("2", "1", "", "video_loss")]
    [InlineData("2", "2", "", "tamper")]
    [InlineData("2", "3", "", "device_fault")]
    [InlineData("2", "4", "", "high_temperature")]
    [InlineData("6", "1", "", "device_fault")]
    [InlineData("5", "", "<AlarmDescription>烟火检测</AlarmDescription>", "fire_smoke")]
    [InlineData("7", "", "", "other")]
    [InlineData("5", "99", "", "other")]
    public void Method_and_type_become_a_word_of_the_vocabulary(string method, string type, string more, string expected)
    {
        var xml = $"<Notify><CmdType>Alarm</CmdType><SN>1</SN><DeviceID>{Camera}</DeviceID><AlarmPriority>1</AlarmPriority><AlarmMethod>{method}</AlarmMethod><AlarmTime>2026-11-23T08:00:00</AlarmTime>"
            + (type.Length > 0 ? $"<AlarmType>{type}</AlarmType>" : string.Empty) + more + "</Notify>";
        Assert.Equal([$"event {Camera} {expected} start 2026-11-23T00:00:00.000Z"], telling.Tell("gb28181/x", xml));
    }

    [Fact]
    public void The_same_alarm_sent_again_is_the_same_event_and_the_next_alarm_is_another()
    {
        string Xml(string sn, string time) => $"<Notify><CmdType>Alarm</CmdType><SN>{sn}</SN><DeviceID>{Camera}</DeviceID><AlarmMethod>5</AlarmMethod><AlarmType>2</AlarmType><AlarmTime>{time}</AlarmTime></Notify>";
        telling.Tell("gb28181/x", Xml("1", "2026-11-23T08:00:00"));
        var first = telling.Ids();
        telling.Tell("gb28181/x", Xml("2", "2026-11-23T08:00:00"));
        Assert.Equal(first, telling.Ids());
        telling.Tell("gb28181/x", Xml("3", "2026-11-23T08:00:05"));
        Assert.NotEqual(first, telling.Ids());
    }

    [Fact]
    public void Element_names_are_read_in_any_case_and_zero_coordinates_are_none()
    {
        const string xml = "<notify><cmdtype>alarm</cmdtype><SN>51</SN><deviceid>31010000001340000001</deviceid><ALARMPRIORITY>4</ALARMPRIORITY><alarmTime>2017-07-19T10:19:14</alarmTime>"
            + "<longitude>0.000</longitude><latitude>0.000</latitude><alarmMethod>2</alarmMethod></notify>";
        Assert.Equal(["event 31010000001340000001 input start 2017-07-19T02:19:14.000Z"], telling.Tell("gb28181/x", xml));
    }

    [Theory]
    [InlineData("gb2312", "GB2312")]
    [InlineData("gb18030", "GBK")]
    [InlineData("gb18030", "UTF-8")]
    [InlineData("gb18030", null)]
    [InlineData("utf-8", "GB2312")]
    public void Chinese_is_read_whatever_is_declared(string written, string? declared)
    {
        var xml = (declared is null ? string.Empty : $"<?xml version=\"1.0\" encoding=\"{declared}\" standalone=\"true\"?>\r\n")
            + $"<Notify><CmdType>Alarm</CmdType><DeviceID>{Camera}</DeviceID><AlarmMethod>7</AlarmMethod><AlarmTime>2026-11-23T08:00:00</AlarmTime><AlarmDescription>电动车进入电梯</AlarmDescription></Notify>";
        var encoding = written == "utf-8" ? Encoding.UTF8 : CodePagesEncodingProvider.Instance.GetEncoding(written)!;
        Assert.Equal([$"event {Camera} ebike_in_elevator start 2026-11-23T00:00:00.000Z"], telling.Tell("gb28181/x", encoding.GetBytes(xml)));
    }

    [Fact]
    public void Positions_states_and_the_rest_of_signalling()
    {
        Assert.Equal(
            [$"position {Camera} 119.93 31.77 36.5 90 2026-11-23T00:00:00.000Z"],
            telling.Tell("gb28181/x", $"<Notify><CmdType>MobilePosition</CmdType><SN>9</SN><DeviceID>{Camera}</DeviceID><Time>2026-11-23T08:00:00</Time><Longitude>119.93</Longitude><Latitude>31.77</Latitude><Speed>36.5</Speed><Direction>90</Direction></Notify>"));
        Assert.Equal([$"status {Camera} online"], telling.Tell("gb28181/x", $"<Notify><CmdType>Keepalive</CmdType><SN>9</SN><DeviceID>{Camera}</DeviceID><Status>OK</Status></Notify>"));
        Assert.Equal(
            ["status 1 offline", "status 2 online"],
            telling.Tell("gb28181/x", "<Notify><CmdType>Catalog</CmdType><DeviceID>9</DeviceID><SumNum>2</SumNum><DeviceList Num=\"2\"><Item><DeviceID>1</DeviceID><Event>OFF</Event></Item><Item><DeviceID>2</DeviceID><Event>ON</Event></Item></DeviceList></Notify>"));
        foreach (var nothing in new[]
        {
            "<Response><CmdType>Catalog</CmdType><DeviceID>9</DeviceID><DeviceList Num=\"1\"><Item><DeviceID>1</DeviceID><Name>x</Name><Status>ON</Status></Item></DeviceList></Response>",
            "<Response><CmdType>Alarm</CmdType><DeviceID>9</DeviceID><Result>OK</Result></Response>", "<Query><CmdType>Catalog</CmdType><DeviceID>9</DeviceID></Query>",
            "<Control><CmdType>DeviceControl</CmdType><DeviceID>9</DeviceID><AlarmCmd>ResetAlarm</AlarmCmd></Control>", "<Notify><CmdType>MediaStatus</CmdType><DeviceID>9</DeviceID><NotifyType>121</NotifyType></Notify>",
            $"<Notify><CmdType>MobilePosition</CmdType><DeviceID>{Camera}</DeviceID><Longitude>0</Longitude><Latitude>0</Latitude></Notify>",
        })
        {
            Assert.Empty(telling.Tell("gb28181/x", nothing));
        }
    }

    [Fact]
    public void A_gateway_writes_the_same_as_json() => Assert.Equal(
        [$"event {Camera} motion start 2026-11-23T00:00:00.000Z", $"position {Camera} 119.93 31.77   2026-11-23T00:00:00.000Z"],
        telling.Tell("gb28181/x", $$$$$"""{"deviceId":"34020000001110000001","channelId":"{{{{{Camera}}}}}","alarmPriority":"4","alarmMethod":"5","alarmType":"2","alarmTime":"2026-11-23 08:00:00","longitude":119.93,"latitude":31.77}"""));

    [Theory]
    [InlineData("<Notify><CmdType>Alarm</CmdType>")]
    [InlineData("<Notify><CmdType>Alarm</CmdType><AlarmMethod>5</AlarmMethod></Notify>")]
    [InlineData("<!DOCTYPE Notify [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><Notify><CmdType>Alarm</CmdType><DeviceID>&b;</DeviceID></Notify>")]
    [InlineData("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><Notify><CmdType>Alarm</CmdType><DeviceID>1</DeviceID></Notify>")]
    [InlineData("<Notify><CmdType>Alarm</CmdType><DeviceID>&xxe;</DeviceID></Notify>")]
    [InlineData("")]
    [InlineData("REGISTER sip:34020000002000000001@3402000000 SIP/2.0")]
    [InlineData("{}")]
    public void What_is_broken_or_an_attack_is_refused_as_malformed(string payload) => Assert.Equal(["refused Malformed"], telling.Tell("gb28181/x", payload));

    [Fact]
    public void A_time_that_is_none_is_kept_as_such() => Assert.Equal(
        [$"event {Camera} motion start badtime"],
        telling.Tell("gb28181/x", $"<Notify><CmdType>Alarm</CmdType><DeviceID>{Camera}</DeviceID><AlarmMethod>5</AlarmMethod><AlarmType>2</AlarmType><AlarmTime>yesterday</AlarmTime></Notify>"));
}
