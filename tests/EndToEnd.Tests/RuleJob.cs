using System.Globalization;
using Microsoft.Playwright;
using Running;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests;

/// <summary>A duty officer finds a rule, tries a lower threshold on yesterday's data, saves it with a reason, and goes back to what it said before.</summary>
public sealed class RuleJob
{
    [Fact]
    public async Task A_threshold_is_tried_on_stored_history_changed_with_a_reason_and_rolled_back()
    {
        await using var center = await RunningCenter.StartAsync();
        await center.SendAsync(HttpMethod.Put, "api/v1/devices/wl-rule", new { name = "龙江路积水", kind = "water_level", street = "320404002", lon = 119.934, lat = 31.766, intervalSeconds = 60, quantities = new[] { new { name = "water_depth", unit = "mm" } } });

        // Two hours of yesterday-like history: 185 mm for half an hour is under today's orange (200 mm) and over the one that is tried (180 mm).
        var end = DateTimeOffset.UtcNow.AddHours(-1);
        var points = Enumerable.Range(0, 120).Select(minute => new { at = end.AddMinutes(minute - 120), values = new { water_depth = minute is >= 40 and < 70 ? 185 : 20 } });
        await center.SendAsync(HttpMethod.Post, "api/v1/devices/wl-rule/readings", points);

        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(new Uri(center.Address, "rules"));
        await Expect(page.GetByTestId("rule")).ToHaveCountAsync(96, new() { Timeout = 45_000 });
        await page.Keyboard.PressAsync("/");
        await page.GetByTestId("search").FillAsync("道路积水");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("sentences")).ToContainTextAsync("积水深度 ≥ 200 mm 持续 2 分钟 → 橙色,自动开事件");
        await Expect(page.Locator("[data-testid=selection]")).ToHaveAttributeAsync("data-count", "1");

        await page.GetByTestId("edit").ClickAsync();
        var orange = page.Locator("[data-field='levels.orange.value'] input");
        await orange.FillAsync("abc");
        await page.GetByTestId("save").ClickAsync();
        await Expect(page.Locator("[data-fault='levels.orange.value']")).ToHaveTextAsync("请填数字");
        await Expect(orange).ToBeFocusedAsync();
        await Expect(orange).ToHaveValueAsync("abc");
        await orange.FillAsync("180");

        await page.GetByTestId("try").ClickAsync();
        await page.GetByTestId("try-run").ClickAsync();
        await Expect(page.Locator("[data-testid=backtest][data-state=done]")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.Locator("[data-side=old] td").Nth(1)).ToHaveTextAsync("0");
        await Expect(page.Locator("[data-side=new] td").Nth(1)).ToHaveTextAsync("1");
        Assert.NotEqual("0", await page.GetByTestId("backtest-chart").GetAttributeAsync("data-points"));

        await page.GetByTestId("back-to-form").ClickAsync();
        await page.GetByTestId("save").ClickAsync();
        await Expect(page.GetByTestId("diff")).ToContainTextAsync("180 mm");
        await page.GetByTestId("why").FillAsync("演练后提前");
        await page.GetByTestId("why-go").ClickAsync();
        await Expect(page.GetByTestId("notice")).ToContainTextAsync("R01 v2 已保存");
        Assert.Equal(180, await OrangeAsync(center));

        await page.GetByTestId("tab-versions").ClickAsync();
        await Expect(page.Locator("[data-testid=version][data-number='2']")).ToContainTextAsync("演练后提前");
        await page.Locator("[data-testid=version][data-number='1']").GetByTestId("roll-back").ClickAsync();
        await page.GetByTestId("why").FillAsync("误改");
        await page.GetByTestId("why-go").ClickAsync();
        await Expect(page.Locator("[data-testid=version][data-number='3']")).ToContainTextAsync("误改");
        Assert.Equal(200, await OrangeAsync(center));
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Whoever_saves_over_another_persons_version_is_shown_what_they_changed_and_loses_nothing()
    {
        await using var center = await RunningCenter.StartAsync();
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(new Uri(center.Address, "rules/R05"));
        await page.GetByTestId("edit").ClickAsync();
        await page.Locator("[data-field='levels.red.value'] input").FillAsync("6");
        var other = System.Text.Json.Nodes.JsonNode.Parse((await center.GetAsync("api/v1/rules/R05")).GetRawText())!.AsObject();
        other.Remove("version");
        other["offDelaySeconds"] = 3600;
        await center.SendAsync(HttpMethod.Put, "api/v1/rules/R05", other);

        await page.GetByTestId("save").ClickAsync();
        await page.GetByTestId("why").FillAsync("按新堤顶高程");
        await page.GetByTestId("why-go").ClickAsync();
        await Expect(page.GetByTestId("conflict")).ToContainTextAsync("恢复多久才解除");
        await Expect(page.GetByTestId("conflict")).ToContainTextAsync(1.ToString(CultureInfo.InvariantCulture) + " 小时");
        await Expect(page.GetByTestId("why")).ToHaveValueAsync("按新堤顶高程");
        await page.GetByTestId("why-go").ClickAsync();
        await Expect(page.GetByTestId("notice")).ToContainTextAsync("R05 v3 已保存");
        Assert.Equal(6, (await center.GetAsync("api/v1/rules/R05")).GetProperty("levels").GetProperty("red").GetProperty("value").GetDouble());
    }

    private static async Task<double> OrangeAsync(RunningCenter center) =>
        (await center.GetAsync("api/v1/rules/R01")).GetProperty("levels").GetProperty("orange").GetProperty("value").GetDouble();
}
