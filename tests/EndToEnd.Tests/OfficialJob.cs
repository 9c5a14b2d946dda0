using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Running;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests;

/// <summary>What the weather office draws stands on the walls until it is taken back or its time is over.</summary>
public sealed class OfficialJob
{
    // CAP writes latitude first.
    private const string Polygon = "<polygon>31.760,119.860 31.760,119.930 31.810,119.930 31.810,119.860 31.760,119.860</polygon>";
    private const string Circle = "<circle>31.785,119.830 2.5</circle>";

    [Fact]
    public async Task Polygons_and_circles_of_official_warnings_stand_on_the_walls_and_go_with_their_cancel_or_expiry()
    {
        await using var center = await RunningCenter.StartAsync();
        await using var browser = await Browser.StartAsync();
        var wall = await browser.OpenWallAsync(center.Address, "320404");
        var street = await browser.OpenWallAsync(center.Address, "320404004");
        var devices = await browser.OpenAsync(new Uri(center.Address, "devices"));

        var rain = await SendAsync(center, "rain-1", "Alert", "暴雨", "橙色", Polygon, TimeSpan.FromHours(3));
        var wind = await SendAsync(center, "wind-1", "Alert", "大风", "黄色", Circle, TimeSpan.FromSeconds(75));
        var ring = (await center.GetAsync($"api/v1/warnings/{rain}")).GetProperty("rings")[0].EnumerateArray().Select(number => number.GetDouble()).ToArray();
        Assert.Equal([119.86, 31.76], ring[..2]);
        Assert.All(ring.Where((_, index) => index % 2 == 0), longitude => Assert.InRange(longitude, 119.86, 119.93));

        foreach (var page in new[] { wall, street, devices })
        {
            await Expect(page.Locator($"[data-officials~='{rain}']")).ToBeAttachedAsync(new() { Timeout = 30_000 });
            await Expect(page.Locator($"[data-officials~='{wind}']")).ToBeAttachedAsync(new() { Timeout = 30_000 });
        }

        Assert.Equal("2", await wall.Locator(".wall").GetAttributeAsync("data-official-areas"));

        // Its time is over: nobody has to send anything.
        await Expect(wall.Locator($"[data-officials~='{wind}']")).ToHaveCountAsync(0, new() { Timeout = 120_000 });
        await Expect(wall.Locator($"[data-officials~='{rain}']")).ToBeAttachedAsync();

        Assert.Equal(rain, await SendAsync(center, "rain-2", "Cancel", "暴雨", "橙色", Polygon, TimeSpan.FromHours(3), "rain-1"));
        foreach (var page in new[] { wall, street, devices })
        {
            await Expect(page.Locator("[data-officials='']")).ToBeAttachedAsync(new() { Timeout = 30_000 });
        }

        Assert.Empty(browser.Complaints);
    }

    private static async Task<string> SendAsync(RunningCenter center, string identifier, string type, string happening, string colour, string shape, TimeSpan holds, string? references = null)
    {
        var now = DateTimeOffset.UtcNow;
        var xml = $"""
            <alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier><sender>32040041600000</sender><sent>{Time(now)}</sent><status>Actual</status>
            <msgType>{type}</msgType><scope>Public</scope>{(references is null ? string.Empty : $"<references>32040041600000,{references},{Time(now)}</references>")}
            <info><language>zh-CN</language><category>Met</category><event>{happening}</event><urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>
            <expires>{Time(now + holds)}</expires><headline>常州市气象台发布{happening}{colour}预警</headline><area><areaDesc>钟楼区</areaDesc>{shape}</area></info></alert>
            """;
        using var answer = await center.Http.PostAsync("api/v1/cap", new StringContent(xml, Encoding.UTF8, "application/cap+xml"), TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonElement.Parse(text).GetProperty("warnings")[0].GetString()!;
    }

    private static string Time(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
