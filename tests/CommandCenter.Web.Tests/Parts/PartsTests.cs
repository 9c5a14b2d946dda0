using System.Globalization;
using Bunit;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Parts;
using CommandCenter.Web.Texts;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace CommandCenter.Web.Tests.Parts;

public sealed class PartsTests : BunitContext
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 6, 20, 0, TimeSpan.Zero);

    public PartsTests()
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("zh-CN");
        Services.AddTexts();
        Services.AddLogging();
    }

    [Theory]
    [InlineData(Colour.Red, "▲▲", "Ⅰ级", "红色")]
    [InlineData(Colour.Orange, "▲", "Ⅱ级", "橙色")]
    [InlineData(Colour.Yellow, "◆", "Ⅲ级", "黄色")]
    [InlineData(Colour.Blue, "●", "Ⅳ级", "蓝色")]
    public void Severity_is_said_by_colour_and_shape_and_grade(Colour colour, string shape, string grade, string word)
    {
        var badge = Render<SeverityBadge>(parameters => parameters.Add(part => part.Colour, colour));
        Assert.Equal(shape, badge.Find(".shape").TextContent);
        Assert.Equal(grade, badge.Find(".grade").TextContent);
        Assert.Equal(word, badge.Find(".only-heard").TextContent);
        Assert.Contains(Severity.Word(colour), badge.Find(".severity").ClassList);
    }

    [Fact]
    public void A_value_that_is_not_there_is_not_connected_and_never_zero()
    {
        Assert.Equal("未接入", Quantity(null, "mm"));
        Assert.Equal("0mm", Quantity(0, "mm"));
        Assert.Equal("38µg/m³", Quantity(38, "ug/m3"));
        Assert.Equal("12", Quantity(12, "1"));
    }

    private string Quantity(double? value, string unit) =>
        Render<QuantityText>(parameters => parameters.Add(part => part.Value, value).Add(part => part.Unit, unit)).Find(".quantity").TextContent;

    [Theory]
    [InlineData(8, "8 秒前")]
    [InlineData(125, "2 分钟前")]
    [InlineData(7300, "2 小时前")]
    [InlineData(200_000, "2 天前")]
    [InlineData(-3, "0 秒前")]
    public void Age_is_said_in_the_unit_that_matters(int seconds, string text) =>
        Assert.Equal(text, Render<AgeText>(parameters => parameters.Add(part => part.At, Now.AddSeconds(-seconds)).Add(part => part.Now, Now)).Find("time").TextContent);

    [Fact]
    public void What_was_never_heard_has_no_age()
    {
        var age = Render<AgeText>(parameters => parameters.Add(part => part.At, null).Add(part => part.Now, Now));
        Assert.Equal("从未收到", age.Find(".never").TextContent);
    }

    [Theory]
    [InlineData(60, 0)]
    [InlineData(61, 1)]
    public void Old_data_is_marked_when_it_is_older_than_it_may_be(int seconds, int marked)
    {
        var age = Render<AgeText>(parameters => parameters.Add(part => part.At, Now.AddSeconds(-seconds)).Add(part => part.Now, Now).Add(part => part.StaleAfter, TimeSpan.FromSeconds(60)));
        Assert.Equal(marked, age.FindAll(".stale").Count);
    }

    [Fact]
    public void A_tile_shows_the_time_of_its_data_in_the_districts_zone_and_pales_when_stale()
    {
        var tile = Render<Panel>(parameters => parameters.Add(part => part.Title, "预警").Add(part => part.DataAt, Now).Add(part => part.Stale, true));
        Assert.Equal("14:20:00", tile.Find("time").TextContent);
        Assert.Contains("stale", tile.Find("section").ClassList);
        Assert.Equal("预警", tile.Find("section").GetAttribute("aria-label"));
    }

    [Fact]
    public void A_tile_without_data_says_so()
    {
        var tile = Render<Panel>(parameters => parameters.Add(part => part.Title, "预警").Add(part => part.DataAt, null));
        Assert.Contains("无数据", tile.Find(".dated").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 1, new string[0])]
    [InlineData(true, 1, new[] { "模拟数据" })]
    [InlineData(true, 10, new[] { "模拟数据", "模拟时间 ×10" })]
    public void The_demonstration_says_so_and_says_how_fast_its_clock_runs(bool enabled, double speed, string[] marks)
    {
        var badge = Render<DemoBadge>(parameters => parameters.Add(part => part.Enabled, enabled).Add(part => part.Speed, speed));
        Assert.Equal(marks, badge.FindAll(".mark").Select(mark => mark.TextContent));
    }

    [Theory]
    [InlineData(DeviceState.Normal, "normal", "正常")]
    [InlineData(DeviceState.Stale, "stale", "延迟")]
    [InlineData(DeviceState.Unknown, "unknown", "未上线")]
    [InlineData(DeviceState.Offline, "offline", "离线")]
    public void A_devices_state_is_said_in_words_beside_its_dot(DeviceState state, string style, string word)
    {
        var dot = Render<StateDot>(parameters => parameters.Add(part => part.State, state));
        Assert.Contains(style, dot.Find(".state").ClassList);
        Assert.Equal(word, dot.Find(".word").TextContent);
    }

    [Theory]
    [InlineData(125, "02:05")]
    [InlineData(-125, "−02:05")]
    [InlineData(3725, "1:02:05")]
    public void Time_left_is_counted_down_and_then_counted_over(int seconds, string text) => Assert.Equal(text, Times.Countdown(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.0421, "0.042")]
    [InlineData(4.183, "4.18")]
    [InlineData(27.46, "27.5")]
    [InlineData(12804.4, "12,804")]
    public void A_number_shows_the_figures_that_carry_meaning(double value, string text) => Assert.Equal(text, Quantities.Number(value));
}
