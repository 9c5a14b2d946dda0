using Microsoft.Playwright;
using Running;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests;

/// <summary>From warning to close on the desk, with a second operator who sees every move without pressing anything.</summary>
public sealed class DeskJob
{
    [Fact]
    public async Task A_case_is_worked_from_dispatch_to_close_and_the_other_desk_follows()
    {
        await using var center = await RunningCenter.StartAsync();
        await using var browser = await Browser.StartAsync();
        await center.SendAsync(HttpMethod.Put, "api/v1/devices/gas-e2e", new
        {
            name = "端到端燃气井", kind = "gas", street = "320404006", lon = 119.948, lat = 31.789, crs = "wgs84", domain = "safety", intervalSeconds = 600,
            quantities = new[] { new { name = "gas_lel", unit = "%" } },
        });
        await using (var device = await Publisher.ConnectAsync(center.MqttPort))
        {
            await device.PublishSeriesAsync("320404006", "gas-e2e", "gas_lel", 30, count: 8, DateTimeOffset.UtcNow);
        }

        var mine = await browser.OpenAsync(new Uri(center.Address, "desk"));
        var other = await browser.OpenAsync(new Uri(center.Address, "desk"));
        await Expect(mine.GetByTestId("incident")).ToBeVisibleAsync();
        await mine.GetByTestId("dispatch").ClickAsync();
        await Expect(mine.GetByTestId("task").First).ToBeVisibleAsync();
        await Expect(other.GetByTestId("task").First).ToBeVisibleAsync();

        var tasks = await mine.GetByTestId("task").CountAsync();
        foreach (var step in new[] { "accept", "arrive", "report" })
        {
            for (var i = 0; i < tasks; i++)
            {
                await mine.GetByTestId(step).First.ClickAsync();
                await Expect(mine.GetByTestId(step)).ToHaveCountAsync(tasks - i - 1);
            }
        }

        await mine.GetByTestId("command-verify_passed").ClickAsync();
        await mine.GetByTestId("command-text").FillAsync("现场已恢复");
        await mine.GetByTestId("command-close").ClickAsync();
        await Expect(mine.Locator("[data-testid=incident][data-state=closed]")).ToBeVisibleAsync();

        var incident = Assert.Single((await center.GetAsync("api/v1/incidents")).GetProperty("items").EnumerateArray());
        Assert.Equal("closed", incident.GetProperty("state").GetString());
        foreach (var unit in (await center.GetAsync("api/v1/units")).GetProperty("items").EnumerateArray())
        {
            Assert.Equal("free", unit.GetProperty("state").GetString());
        }

        var id = incident.GetProperty("id").GetString();
        await Expect(other.Locator($"[data-testid=queue-item][data-key=\"incident:{id}\"]")).ToHaveCountAsync(0);
        Assert.Empty(browser.Complaints);
    }
}
