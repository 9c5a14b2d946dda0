using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>A message to start from, written for this page in the form that the format's makers document.</summary>
public sealed record PayloadExample(string Format, string Topic, string Payload);

/// <summary>One example for each format that has a common text form.</summary>
public static class PayloadExamples
{
    public static IReadOnlyList<PayloadExample> All { get; } =
    [
        new(PayloadFormatNames.Canonical, "city/v1/320404002/wl-017/readings", """{"at":"2026-11-23T08:00:00.000+08:00","values":{"water_depth":15.2,"battery":87},"units":{"water_depth":"cm"}}"""),
        new("chirpstack", "application/1/device/0101010101010101/event/up", """
            {"deduplicationId":"3ac7e3c4-4401-4b8d-9386-a5c902f9202d","time":"2026-11-23T00:00:00.000Z","deviceInfo":{"applicationName":"城市感知","deviceName":"龙江路积水","devEui":"0101010101010101"},
             "fCnt":10,"fPort":1,"object":{"distance_cm":15.2,"battery":87,"temperature":12.5}}
            """),
        new("the-things-stack", "v3/city@ttn/devices/gas-01/up", """
            {"end_device_ids":{"device_id":"gas-01","dev_eui":"0102030405060708"},"received_at":"2026-11-23T00:00:00.000Z",
             "uplink_message":{"f_port":2,"decoded_payload":{"lel":3.5,"temperature":21.4},"received_at":"2026-11-23T00:00:00.000Z"}}
            """),
        new("senml", "senml/air-12", """[{"bn":"urn:dev:mac:0024befffe804ff1:","bt":1795392000,"n":"temperature","u":"Cel","v":23.1},{"n":"humidity","u":"%RH","v":67}]"""),
        new("zigbee2mqtt", "zigbee2mqtt/机房温湿度", """{"temperature":24.6,"humidity":48.2,"battery":91,"linkquality":120}"""),
        new("tasmota", "tele/pump-3/SENSOR", """{"Time":"2026-11-23T08:00:00","ENERGY":{"Power":1250,"Voltage":229,"Current":5.46},"DS18B20":{"Temperature":31.2},"TempUnit":"C"}"""),
        new("shelly", "shellyplus1pm-a8032ab12345/events/rpc", """{"src":"shellyplus1pm-a8032ab12345","dst":"city/events","method":"NotifyStatus","params":{"ts":1795392000.12,"switch:0":{"id":0,"apower":312.4,"voltage":231.1,"current":1.4}}}"""),
        new("sensorthings", "v1.1/Datastreams(1)/Observations", """{"phenomenonTime":"2026-11-23T00:00:00Z","result":38.5,"Datastream":{"@iot.id":1}}"""),
        new("ngsi", "ngsi/air", """{"id":"urn:ngsi-ld:AirQualityObserved:qt-02","type":"AirQualityObserved","dateObserved":{"type":"Property","value":"2026-11-23T00:00:00Z"},"pm25":{"type":"Property","value":38,"unitCode":"GQ"},"temperature":{"type":"Property","value":12.2,"unitCode":"CEL"}}"""),
        new("owntracks", "owntracks/patrol/car7", """{"_type":"location","lat":31.7663,"lon":119.9341,"tst":1795392000,"vel":36,"cog":180,"batt":88}"""),
        new("traccar", "traccar/positions", """{"position":{"deviceId":7,"fixTime":"2026-11-23T00:00:00.000Z","latitude":31.7663,"longitude":119.9341,"speed":12.3,"course":90},"device":{"id":7,"uniqueId":"860000000000007"}}"""),
        new("frigate", "frigate/events", """{"type":"new","before":{},"after":{"id":"1795392000.123-abc","camera":"cam-3","label":"person","top_score":0.91,"score":0.91,"start_time":1795392000.123,"end_time":null,"has_snapshot":true}}"""),
        new("hikvision", "hikvision/alarm", """
            <EventNotificationAlert version="2.0"><ipAddress>192.0.2.64</ipAddress><macAddress>aa:bb:cc:dd:ee:01</macAddress><channelID>1</channelID><dateTime>2026-11-23T08:00:00+08:00</dateTime>
            <activePostCount>1</activePostCount><eventType>linedetection</eventType><eventState>active</eventState><eventDescription>line crossing</eventDescription></EventNotificationAlert>
            """),
        new("gb28181", "gb28181/alarm", """
            <?xml version="1.0"?><Notify><CmdType>Alarm</CmdType><SN>1</SN><DeviceID>32040400001320000001</DeviceID><AlarmPriority>1</AlarmPriority><AlarmMethod>5</AlarmMethod>
            <AlarmTime>2026-11-23T08:00:00</AlarmTime><Info><AlarmType>6</AlarmType></Info></Notify>
            """),
    ];

    public static PayloadExample? Of(string format) => All.FirstOrDefault(example => example.Format == format);
}

/// <summary>Names and values that the tester decoded, to become the mapping of a device.</summary>
public sealed record TestedNames(string Format, string Topic, string Key, string? Device, IReadOnlyList<KeyValuePair<string, double?>> Values);
