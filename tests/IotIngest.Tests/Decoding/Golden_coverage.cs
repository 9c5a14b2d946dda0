namespace IotIngest.Tests.Decoding;

/// <summary>Every sample of a device or gateway has its golden case, and what lies beside the tests is what lies in the samples.</summary>
public sealed class Golden_coverage
{
    /// <summary>Samples by folder and the format that decodes them.</summary>
    public static TheoryData<string> Folders =>
    [
        "axis_mqtt", "axis_onvif_xml_events", "chirpstack_v4", "dahua_cgi", "fiware_ngsi", "frigate", "gb28181", "hikvision_isapi", "onvif_mqtt", "owntracks", "senml", "sensorthings", "shelly", "sparkplug_b", "tasmota",
        "the_things_stack_v3", "traccar", "zigbee2mqtt",
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_sample_is_a_case(string folder)
    {
        var samples = Golden_payloads.SamplesFolder();
        Assert.SkipWhen(samples is null, "the samples need ../shared");
        var root = Path.Combine(AppContext.BaseDirectory, "Decoding", "Golden");
        var judged = Directory.EnumerateFiles(root, "*.readings.json", SearchOption.AllDirectories)
            .Select(file => (File: file, Golden_payloads.Head(File.ReadLines(file).First()).Sample)).Where(found => found.Sample is not null).ToLookup(found => found.Sample!, found => found.File);
        foreach (var sample in Directory.EnumerateFiles(Path.Combine(samples!, folder)))
        {
            var name = $"{folder}/{Path.GetFileName(sample)}";
            Assert.True(judged.Contains(name), $"no golden case judges {name}");
            foreach (var copy in judged[name].Select(file => file[..^".readings.json".Length] + ".payload").Where(File.Exists))
            {
                Assert.Equal(File.ReadAllBytes(sample), File.ReadAllBytes(copy));
            }
        }
    }
}
