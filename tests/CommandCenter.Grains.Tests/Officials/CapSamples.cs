using System.Text;

namespace CommandCenter.Grains.Tests.Officials;

/// <summary>A valid alert for the whole district, with what a test wants different.</summary>
internal static class CapSamples
{
    public static byte[] Bytes(string xml) => Encoding.UTF8.GetBytes(xml);

    public static string Alert(
        string identifier = "32040041600000_20261124080000_1", string sent = "2026-11-24T08:00:00+08:00", string type = "Alert", string status = "Actual", string? references = null,
        string headline = "常州市气象台发布暴雨橙色预警", string expires = "2026-11-24T14:00:00+08:00", string area = "<geocode><valueName>GB/T 2260</valueName><value>320404</value></geocode>") => $"""
        <alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
          <identifier>{identifier}</identifier><sender>32040041600000</sender><sent>{sent}</sent><status>{status}</status><msgType>{type}</msgType><scope>Public</scope>
          {(references is null ? string.Empty : $"<references>{references}</references>")}
          <info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>
            <eventCode><valueName>GB/T 35561</valueName><value>11B03</value></eventCode><expires>{expires}</expires><headline>{headline}</headline>
            <description>预计未来 3 小时降雨量将达 50 毫米以上。</description>
            <area><areaDesc>钟楼区</areaDesc>{area}</area></info>
        </alert>
        """;
}
