using Microsoft.Playwright;
using Running;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests;

/// <summary>No screen looks live when it is not, and it comes back by itself.</summary>
public sealed class HonestScreens
{
    [Fact]
    public async Task A_wall_greys_within_four_seconds_of_the_servers_death_and_heals_within_ten_of_its_return()
    {
        await using var center = await RunningCenter.StartAsync();
        await using var browser = await Browser.StartAsync();
        var wall = await browser.OpenWallAsync(center.Address, "320404");

        await center.KillAsync();
        await wall.Locator(".wall:not([data-live=live])").WaitForAsync(new LocatorWaitForOptions { Timeout = 4_000 });

        await center.StartAgainAsync();
        await wall.Locator(".wall[data-live=live]").WaitForAsync(new LocatorWaitForOptions { Timeout = 10_000 });
    }

    [Fact]
    public async Task The_demonstration_says_on_every_screen_that_its_data_are_simulated()
    {
        await using var center = await RunningCenter.StartAsync("--Demo:Enabled=true", "--Demo:Speed=20");
        await using var browser = await Browser.StartAsync();
        var wall = await browser.OpenWallAsync(center.Address, "320404");
        await Expect(wall.GetByText("模拟数据").First).ToBeVisibleAsync();
        await Expect(wall.GetByText("模拟时间").First).ToBeVisibleAsync();
        await Expect(wall.Locator(".warnings .row").First).ToBeVisibleAsync(new() { Timeout = 60_000 });

        var desk = await browser.OpenAsync(new Uri(center.Address, "desk"));
        await Expect(desk.GetByText("模拟数据").First).ToBeVisibleAsync();
        await Expect(desk.GetByTestId("queue-item").First).ToBeVisibleAsync();
        Assert.Empty(browser.Complaints);
    }

    [Theory]
    [InlineData(3840, 2160)]
    [InlineData(7680, 2160)]
    public async Task A_larger_wall_is_scaled_and_nothing_leaves_the_screen(int width, int height)
    {
        await using var center = await RunningCenter.StartAsync();
        await using var browser = await Browser.StartAsync();
        var wall = await browser.OpenWallAsync(center.Address, "320404003", width, height);
        var overflow = await wall.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight");
        Assert.False(overflow);
        var map = await wall.Locator(".map").BoundingBoxAsync();
        Assert.NotNull(map);
        Assert.True(map.Width > width / 4.0, $"The map is {map.Width} of {width} wide.");
    }
}
