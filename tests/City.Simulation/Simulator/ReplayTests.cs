using System.Globalization;
using CitySimulator;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace City.Simulation.Simulator;

public sealed class ReplayTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    private static RecordedSeries Read(string text, string column = "PM2.5", TimeSpan? step = null) => RecordedSeries.Read(new StringReader(text), column, step);

    private static ReplayOrder Order(double speed) => new() { File = "x.csv", Device = "air-1", Column = "PM2.5", Quantity = "pm25", Unit = "ug/m3", Street = "320404005", Speed = speed };

    [Fact]
    public void Missing_values_are_counted_and_their_time_passes()
    {
        var series = Read("\"No\",\"year\",\"month\",\"day\",\"hour\",\"PM2.5\"\n1,2015,12,1,0,10\n2,2015,12,1,1,NA\n3,2015,12,1,2,\n4,2015,12,1,3,40\n");
        Assert.Equal(4, series.Rows);
        Assert.Equal(2, series.Missing);
        Assert.Equal([(0.0, 10.0), (3, 40)], series.Values.Select(value => (value.Offset.TotalHours, value.Value)));
    }

    [Theory]
    [InlineData("at,PM2.5\n2015-12-01T00:00:00+08:00,1\n2015-12-01T00:00:30+08:00,2\n")]
    [InlineData("PM2.5;Timestamp\n1;2015-12-01 00:00:00\n2;2015-12-01 00:00:30\n")]
    public void One_column_of_times_is_understood(string text) => Assert.Equal(30, Read(text).Values[1].Offset.TotalSeconds);

    [Fact]
    public void Without_times_the_given_distance_counts() =>
        Assert.Equal(600, Read("PM2.5\n1\n2\n3\n", step: TimeSpan.FromMinutes(5)).Values[2].Offset.TotalSeconds);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("year,month,day,hour,PM10\n2015,12,1,0,1\n", "There is no column 'PM2.5'; the file has: year, month, day, hour, PM10.")]
    [InlineData("PM2.5\n1\n", "--interval-seconds")]
    [InlineData("year,month,day,hour,PM2.5\n2015,12,1,0,1\n2015,12,1,1,many\n", "Line 3: 'many' in column 'PM2.5' is not a number.")]
    [InlineData("year,month,day,hour,PM2.5\n2015,13,1,0,1\n", "Line 2: year, month, day and hour are no date.")]
    [InlineData("year,month,day,hour,PM2.5\n2015,12,1,5,1\n2015,12,1,4,1\n", "Line 3: the time goes back")]
    [InlineData("year,month,day,hour,PM2.5\n2015,12,1,0,NA\n", "holds no value in 1 rows")]
    public void A_file_that_does_not_fit_is_refused_with_the_place(string text, string says) =>
        Assert.Contains(says, Assert.Throws<UnfitInputException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Times_are_moved_to_now_and_distances_divided_by_the_speed()
    {
        var series = Read("year,month,day,hour,PM2.5\n2015,12,1,0,10.5\n2015,12,1,1,NA\n2015,12,1,2,40\n");
        Assert.Equal(
            [
                new SimulatedPublish(Now, "city/v1/320404005/air-1/readings", """{"at":"2026-11-23T16:00:00.000+08:00","values":{"pm25":10.5},"units":{"pm25":"ug/m3"}}""", true),
                new SimulatedPublish(Now.AddSeconds(2), "city/v1/320404005/air-1/readings", """{"at":"2026-11-23T16:00:02.000+08:00","values":{"pm25":40},"units":{"pm25":"ug/m3"}}""", true),
            ],
            Replay.Plan(series, Order(3600), Now).Select(item => item.Publish));
    }

    [Fact]
    public async Task Each_value_is_sent_at_its_moment_and_not_before()
    {
        var clock = new FakeTimeProvider(Now);
        var series = Read("PM2.5\n1\n2\n3\n", step: TimeSpan.FromHours(1));
        var sent = new List<(DateTimeOffset At, DateTimeOffset Stamp)>();
        var replay = Replay.RunAsync(series, Order(3600), clock, (publish, _) =>
        {
            sent.Add((clock.GetUtcNow(), publish.At));
            return Task.CompletedTask;
        }, _ => { }, TestContext.Current.CancellationToken);
        Assert.Single(sent);
        clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Single(sent);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, sent.Count);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, await replay);
        Assert.All(sent, item => Assert.Equal(item.Stamp, item.At));
    }

    [Fact]
    public void The_shipped_month_is_complete()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "CommandCenter.sln")))
        {
            folder = folder.Parent;
        }

        using var text = File.OpenText(Path.Combine(folder.FullName, "src", "CitySimulator", "Recordings", "beijing_dongsi_2015-12.csv"));
        var series = RecordedSeries.Read(text, "PM2.5", null);
        Assert.Equal((744, 7, 680.0), (series.Rows, series.Missing, series.Values.Max(value => value.Value)));
        Assert.Equal(743, series.Values[^1].Offset.TotalHours);
        Assert.Equal("2015-12-31 23:00", series.Values[^1].RecordedAt.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_misspelt_option_is_named()
    {
        Assert.Contains("--devise", Assert.Throws<UnfitInputException>(() => new CommandLine(["x.csv", "--devise", "d"], ["device"])).Message, StringComparison.Ordinal);
        Assert.Contains("--device needs a value", Assert.Throws<UnfitInputException>(() => new CommandLine(["--device"], ["device"])).Message, StringComparison.Ordinal);
        Assert.Contains("--speed", Assert.Throws<UnfitInputException>(() => new CommandLine(["--speed=fast"], ["speed"]).Number("speed", 1, 0.1, 10)).Message, StringComparison.Ordinal);
    }
}
