using CommandCenter.Grains.Contracts;

namespace IotIngest.Tests.Decoding;

public sealed class Occurrence_ids
{
    private const string Open = "x-00000000000000aa-1000";

    [Theory]
    [InlineData(Open, true)]
    [InlineData("x-00000000000000aa-2000", true)]
    [InlineData("x-00000000000000aa-0fff", false)]
    [InlineData("x-00000000000000ab-2000", false)]
    [InlineData("x-00000000000000aa", false)]
    [InlineData("x-00000000000000aa-zz", false)]
    [InlineData("e-1", false)]
    public void An_end_that_does_not_know_its_beginning_ends_what_began_before(string end, bool ends) => Assert.Equal(ends, OccurrenceIds.Ends(Open, end));

    [Fact]
    public void The_end_that_another_process_reads_ends_what_this_one_began()
    {
        const string start = """{"UtcTime":"2026-11-23T00:00:00Z","Source":{"Rule":"r"},"Data":{"IsMotion":true}}""";
        var (one, other) = (new Telling(), new Telling());
        one.Tell("cam/onvif-ej/RuleEngine/CellMotionDetector/Motion/r", start);
        Assert.Equal(
            ["event cam motion end 2026-11-23T00:01:00.000Z"],
            other.Tell("cam/onvif-ej/RuleEngine/CellMotionDetector/Motion/r", start.Replace("00:00Z", "01:00Z", StringComparison.Ordinal).Replace("true", "false", StringComparison.Ordinal)));
        Assert.True(OccurrenceIds.Ends(one.Ids()[0], other.Ids()[0]));
    }
}
