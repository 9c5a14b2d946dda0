using IotIngest.Decoding;

namespace IotIngest.Tests.Decoding;

/// <summary>What Sparkplug messages mean after one another. The payloads beside the golden files were written by protoc from the published description.</summary>
public sealed class Sparkplug_sessions
{
    private const string Node = "spBv1.0/Pumps/?/Station 7";
    private const string Device = "spBv1.0/Pumps/?/Station 7/P1";
    private const string Rebirth = "spBv1.0/Pumps/NCMD/Station 7";
    private readonly Telling telling = new();

    [Fact]
    public void Data_by_alias_is_read_with_the_names_and_units_of_the_births()
    {
        Tell(Node, "NBIRTH", "nbirth");
        Tell(Device, "DBIRTH", "dbirth");
        Assert.Equal(
            ["reading Pumps/Station 7/P1 Level=25cm 2026-11-23T00:00:59.000Z", "reading Pumps/Station 7/P1 Pump/Running=0 2026-11-23T00:01:00.000Z"],
            Tell(Device, "DDATA", "ddata_by_alias"));
        Assert.Empty(telling.Decoded.Answers);
    }

    [Fact]
    public void Data_without_a_birth_asks_for_one_once_in_ten_seconds()
    {
        Assert.Equal(["refused Unsupported", "refused Unsupported"], Tell(Device, "DDATA", "ddata_by_alias"));
        Assert.Equal(Rebirth, Assert.Single(telling.Decoded.Answers).Topic);
        telling.At = Telling.Now.AddSeconds(9);
        Tell(Device, "DDATA", "ddata_by_alias");
        Assert.Empty(telling.Decoded.Answers);
        telling.At = Telling.Now.AddSeconds(10);
        Tell(Device, "DDATA", "ddata_by_alias");
        Assert.Single(telling.Decoded.Answers);
    }

    [Fact]
    public void The_request_for_a_birth_is_itself_a_good_command()
    {
        Tell(Device, "DDATA", "ddata_by_alias");
        var answer = telling.Decoded.Answers[0];
        Assert.Empty(telling.Tell(answer.Topic, answer.Payload));
        var metrics = new WireReader(answer.Payload);
        while (metrics.MoveNext() && metrics.Field != SparkplugField.PayloadMetrics)
        {
        }

        var metric = SparkplugMetric.Read(metrics.Bytes);
        Assert.Equal("Node Control/Rebirth", System.Text.Encoding.UTF8.GetString(metric.Name));
        Assert.Equal((SparkplugField.Boolean, 1UL, 11U), (metric.ValueField, metric.Bits, metric.Type!.Value));
    }

    [Fact]
    public void A_number_out_of_order_asks_for_a_birth_and_the_data_is_still_read()
    {
        Tell(Node, "NBIRTH", "nbirth");
        Tell(Device, "DBIRTH", "dbirth");
        Tell(Device, "DDATA", "ddata_by_alias");
        Assert.Equal(2, Tell(Device, "DDATA", "ddata_by_alias").Length);
        Assert.Single(telling.Decoded.Answers);
    }

    [Fact]
    public void The_number_behind_255_is_0()
    {
        telling.Tell(Topic(Node, "NBIRTH"), Payload(255));
        telling.Tell(Topic(Node, "NDATA"), Payload(0));
        Assert.Empty(telling.Decoded.Answers);
    }

    [Fact]
    public void A_death_takes_the_node_and_all_its_devices_off_line()
    {
        Tell(Node, "NBIRTH", "nbirth");
        Tell(Device, "DBIRTH", "dbirth");
        Assert.Equal(["status Pumps/Station 7 offline", "status Pumps/Station 7/P1 offline"], Tell(Node, "NDEATH", "ndeath"));
        Tell(Device, "DDATA", "ddata_by_alias");
        Assert.Single(telling.Decoded.Answers);
    }

    [Fact]
    public void The_will_of_an_older_session_kills_nobody()
    {
        telling.Tell(Topic(Node, "NBIRTH"), Payload(0, birth: 4));
        Assert.Empty(Tell(Node, "NDEATH", "ndeath"));
        Assert.Equal(["status Pumps/Station 7 offline"], telling.Tell(Topic(Node, "NDEATH"), Payload(null, birth: 4)));
    }

    [Fact]
    public void A_device_that_dies_goes_alone()
    {
        Tell(Node, "NBIRTH", "nbirth");
        Tell(Device, "DBIRTH", "dbirth");
        Assert.Equal(["status Pumps/Station 7/P1 offline 2026-11-23T00:02:00.000Z"], Tell(Device, "DDEATH", "ddeath"));
        Assert.Equal(["status Pumps/Station 7 offline"], Tell(Node, "NDEATH", "ndeath"));
    }

    [Fact]
    public void A_trial_neither_learns_nor_asks()
    {
        telling.Tell(Topic(Node, "NBIRTH"), File("nbirth"), isTrial: true);
        telling.Tell(Topic(Device, "DBIRTH"), File("dbirth"), isTrial: true);
        Assert.Equal(["refused Unsupported", "refused Unsupported"], telling.Tell(Topic(Device, "DDATA"), File("ddata_by_alias"), isTrial: true));
        Assert.Empty(telling.Decoded.Answers);
        Tell(Node, "NBIRTH", "nbirth");
        Tell(Device, "DBIRTH", "dbirth");
        Assert.Equal(2, telling.Tell(Topic(Device, "DDATA"), File("ddata_by_alias"), isTrial: true).Length);
        Tell(Device, "DDATA", "ddata_by_alias");
        Assert.Empty(telling.Decoded.Answers);
    }

    [Theory]
    [InlineData("spBv1.0/Pumps/NBIRTH")]
    [InlineData("spBv1.0/Pumps/NOTHING/Station 7")]
    [InlineData("spBv1.0/Pumps/DDATA/Station 7")]
    [InlineData("spBv1.0/Pumps/NDATA/Station 7/P1")]
    [InlineData("spBv1.0//NDATA/Station 7")]
    [InlineData("spBv1.0/Pumps/0/Station 7")]
    public void A_topic_of_another_shape_is_refused(string topic) => Assert.Equal(["refused Malformed"], telling.Tell(topic, File("nbirth")));

    [Fact]
    public void A_cut_payload_is_refused_whole()
    {
        var whole = File("dbirth");
        for (var length = 1; length < whole.Length - 1; length += 7)
        {
            var told = telling.Tell(Topic(Device, "DBIRTH"), whole[..length], isTrial: true);
            Assert.True(told is ["refused Malformed"] || told[0].StartsWith("status", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_node_that_is_forgotten_is_asked_again()
    {
        var nodes = new SparkplugNodes(nodeCountMax: 2, partsMax: 1_000);
        for (var i = 0; i < 10; i++)
        {
            nodes.Open($"g/{i}");
            nodes.Trim();
        }

        Assert.True(nodes.Count <= 2);
        Assert.NotNull(nodes.Find("g/9"));
    }

    private string[] Tell(string topic, string kind, string file) => telling.Tell(Topic(topic, kind), File(file));

    private static string Topic(string pattern, string kind) => pattern.Replace("?", kind, StringComparison.Ordinal);

    private static byte[] File(string name) => System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Decoding", "Golden", "sparkplug-b", name + ".payload"));

    private static byte[] Payload(int? sequence, int? birth = null)
    {
        var bytes = new List<byte> { 8, 1 };
        if (birth is { } number)
        {
            bytes.AddRange([18, 9, 10, 5, .. "bdSeq"u8, 88, (byte)number]);
        }

        if (sequence is { } value)
        {
            bytes.AddRange(value < 128 ? [24, (byte)value] : [24, (byte)(value | 0x80), 1]);
        }

        return [.. bytes];
    }
}
