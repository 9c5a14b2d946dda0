using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.QualityDesk;
using Xunit;

namespace CommandCenter.Web.Tests.QualityDesk;

/// <summary>The quality page's figures and bars as plain functions.</summary>
public sealed class QualityPageTests
{
    private static readonly DateTimeOffset From = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(6, 5, 0.009, 4, "good")]
    [InlineData(12, 20, 0.05, 20, "attention")]
    [InlineData(12.1, 31, 0.06, 21, "bad")]
    public void Each_figure_stands_against_its_standard(double perHour, int busiest, double flood, int standing, string band)
    {
        var figures = QualityFigures.Of(new() { From = From, To = From.AddDays(1), At = From, PerHour = perHour, BusiestHour = busiest, FloodShare = flood, StandingCount = standing });

        Assert.All(figures.Where(figure => figure.Key is "per_hour" or "busiest" or "flood" or "standing"), figure => Assert.Equal((figure.Key, band), (figure.Key, figure.Band)));
        Assert.Equal("unknown", figures.Single(figure => figure.Key == "false").Band);
    }

    [Fact]
    public void Bars_stand_for_the_busiest_hour_of_so_many_that_they_can_be_seen()
    {
        ImmutableArray<QualityHour> hours = [.. Enumerable.Range(0, 720).Select(n => new QualityHour(From.AddHours(n), n % 6 == 4 ? 20 : 1, 0, 0, 0, n % 6 == 4 ? 20 : 1))];

        var bars = HourBars.From(hours);

        Assert.Equal((6, 120), (HourBars.StepOf(720), bars.Length));
        Assert.All(bars, bar => Assert.Equal(20, bar.Busiest.Raised));
        Assert.Equal(1, HourBars.StepOf(168));
        Assert.Equal(20, HourBars.Top(bars));
        Assert.Equal(15, HourBars.Top([]));
    }

    [Fact]
    public void The_split_is_of_what_was_raised_and_nothing_is_divided_by_zero()
    {
        var split = QualityFigures.Split(new() { From = From, To = From.AddDays(1), At = From, Raised = 10, Red = 1, Orange = 2, Yellow = 3, Blue = 4 });
        Assert.Equal([0.1, 0.2, 0.3, 0.4], split.Select(row => row.Share));
        Assert.All(QualityFigures.Split(new() { From = From, To = From, At = From }), row => Assert.Equal(0, row.Share));
    }
}
