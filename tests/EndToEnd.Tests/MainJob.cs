using System.Text.Json;
using Microsoft.Playwright;
using Running;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests;

/// <summary>The main job: a message published by a real client changes the walls, raises one warning, opens one incident, and one click sends the units.
/// Everything is real: the program, the broker, the browser, and what is seen is what a person would see.</summary>
public sealed class MainJob
{
    private const string Street = "320404002";
    private const string Name = "端到端积水点";

    [Fact]
    public async Task A_message_through_the_embedded_broker_is_seen_on_two_walls_and_one_click_sends_the_units()
    {
        await using var center = await RunningCenter.StartAsync();
        await PlayAsync(center, center.MqttPort);
    }

    [Fact]
    public async Task The_same_through_a_real_mosquitto()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var center = await RunningCenter.StartAsync("--Broker:Mode=External", "--Broker:Host=127.0.0.1", $"--Broker:Port={mosquitto.Port}");
        await PlayAsync(center, mosquitto.Port);
    }

    private static async Task PlayAsync(RunningCenter center, int mqttPort)
    {
        await using var browser = await Browser.StartAsync();
        await center.SendAsync(HttpMethod.Put, "api/v1/devices/wl-e2e", new
        {
            name = Name, kind = "water_level", street = Street, lon = 119.934, lat = 31.766, crs = "wgs84", domain = "urban", intervalSeconds = 10,
            quantities = new[] { new { name = "water_depth", unit = "mm" } },
        });
        var district = await browser.OpenWallAsync(center.Address, "320404");
        var street = await browser.OpenWallAsync(center.Address, Street);

        await using (var device = await Publisher.ConnectAsync(mqttPort))
        {
            await device.PublishSeriesAsync(Street, "wl-e2e", "water_depth", 300, count: 8, DateTimeOffset.UtcNow);
        }

        // The warning on both walls.
        foreach (var wall in new[] { district, street })
        {
            await Expect(wall.Locator(".warnings .row.red", new PageLocatorOptions { HasText = Name })).ToBeVisibleAsync(new() { Timeout = 10_000 });
        }

        // One warning, one incident.
        var warnings = await center.GetAsync("api/v1/warnings?state=raised");
        var warning = Assert.Single(warnings.GetProperty("items").EnumerateArray());
        Assert.Equal("red", warning.GetProperty("colour").GetString());
        Assert.Equal("R01", warning.GetProperty("rule").GetString());
        var incidents = await center.EventuallyAsync(() => center.GetAsync("api/v1/incidents"), list => list.GetProperty("items").GetArrayLength() > 0, "an incident");
        var incident = Assert.Single(incidents.GetProperty("items").EnumerateArray());

        // One click on the street's wall, tasks on the district's.
        await street.Locator("button.row", new PageLocatorOptions { HasText = incident.GetProperty("title").GetString() }).Last.ClickAsync();
        await street.Locator(".card footer .button.primary").ClickAsync();
        await Expect(street.Locator(".card .preview .tasks li").First).ToBeVisibleAsync();
        await street.Locator(".card footer .button.primary").ClickAsync();
        await Expect(street.Locator(".card .sent li").First).ToBeVisibleAsync();
        var tasks = await center.GetAsync("api/v1/tasks");
        var count = tasks.GetProperty("items").GetArrayLength();
        Assert.True(count > 3, $"P01 has more tasks than {count}.");
        var units = tasks.GetProperty("items").EnumerateArray().Select(task => task.GetProperty("unit").GetProperty("name").GetString()).ToHashSet();
        var shown = district.Locator("button.row > .unit").First;
        await Expect(shown).ToBeVisibleAsync(new() { Timeout = 10_000 });
        Assert.Contains(await shown.InnerTextAsync(), units);
        Assert.Equal(count, (await center.GetAsync("api/v1/situation/320404")).GetProperty("tasks").GetProperty("open").GetInt32());
        Assert.Empty(browser.Complaints);
    }
}
