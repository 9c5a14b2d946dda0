using Microsoft.Playwright;
using Running;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests;

/// <summary>A device that nobody knows speaks, is registered by one click, and its next message is its value; what was refused before is decoded again.</summary>
public sealed class DeviceJob
{
    [Fact]
    public async Task An_unknown_device_is_registered_by_one_click_and_its_next_message_is_its_value()
    {
        await using var center = await RunningCenter.StartAsync();
        await using var browser = await Browser.StartAsync();
        await using var device = await Publisher.ConnectAsync(center.MqttPort);
        var page = await browser.OpenAsync(new Uri(center.Address, "devices/unregistered"));
        await Expect(page.GetByText("没有待注册的设备")).ToBeVisibleAsync();

        var first = DateTimeOffset.UtcNow.AddMinutes(-3);
        await device.PublishSeriesAsync("320404002", "wl-stranger", "water_depth", 41, count: 3, first);

        var row = page.Locator("[data-testid=unregistered][data-key=wl-stranger]");
        await Expect(row).ToBeVisibleAsync();
        await Expect(row).ToContainTextAsync("积水监测");
        await row.GetByTestId("register").ClickAsync();
        await Expect(page.Locator("[data-testid=device-detail][data-id=wl-stranger]")).ToBeVisibleAsync();
        await Expect(row).ToHaveCountAsync(0);

        await device.PublishAsync("city/v1/320404002/wl-stranger/readings", new { at = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), values = new { water_depth = 152 } });
        await Expect(page.Locator("[data-testid=latest][data-quantity=water_depth]")).ToContainTextAsync("152");

        // The three messages that came before the click are kept; they are older than the value now, so they go to history only.
        await page.GetByTestId("decode").ClickAsync();
        await Expect(page.Locator("[data-testid=decode-progress][data-done=true]")).ToHaveAttributeAsync("data-passed", "3");
        var rejections = await center.GetAsync("api/v1/rejections?device=wl-stranger");
        Assert.Equal(0, rejections.GetProperty("items").GetArrayLength());
        var from = Uri.EscapeDataString(first.AddMinutes(-5).ToString("O"));
        var to = Uri.EscapeDataString(DateTimeOffset.UtcNow.AddMinutes(5).ToString("O"));
        var values = await center.EventuallyAsync(
            async () => (await center.GetAsync($"api/v1/devices/wl-stranger/readings?quantity=water_depth&from={from}&to={to}")).GetProperty("points").EnumerateArray()
                .Select(point => point.GetProperty("value").GetDouble()).ToArray(),
            points => points.Length == 4,
            "four readings in history");
        Assert.Equal([41.0, 41.0, 41.0, 152.0], values);
        await Expect(page.Locator("[data-testid=latest][data-quantity=water_depth]")).ToContainTextAsync("152");

        // Its account: the secret is shown once, and the broker knows it.
        await page.GetByTestId("account-issue").ClickAsync();
        var secret = await page.GetByTestId("account-secret").TextContentAsync();
        await using (var itself = await Publisher.ConnectAsync(center.MqttPort, "wl-stranger", secret))
        {
            await itself.PublishAsync("city/v1/320404002/wl-stranger/readings", new { at = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), values = new { water_depth = 7 } });
        }

        await Expect(page.Locator("[data-testid=latest][data-quantity=water_depth]")).ToContainTextAsync("7");
        await page.GetByTestId("account-noted").ClickAsync();
        await Expect(page.GetByTestId("account-secret")).ToHaveCountAsync(0);
        await page.GetByTestId("account-issue").ClickAsync();
        await Expect(page.GetByTestId("account-issue")).ToContainTextAsync("旧密钥立即失效");
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Decoding_again_over_http_gives_what_still_fails_its_new_reason_and_twice_is_once()
    {
        await using var center = await RunningCenter.StartAsync();
        foreach (var payload in new[] { """{"values":{"water_depth":12}}""", """{"values":{"water_depth":1e9}}""" })
        {
            using var content = new StringContent(payload);
            using var answer = await center.Http.PostAsync("api/v1/ingest/canonical?topic=city/v1/320404002/wl-again/readings", content, TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode);
        }

        await center.EventuallyAsync(
            async () => (await center.GetAsync("api/v1/rejections?reason=unknown_device")).GetProperty("keptMessages").GetInt64(), kept => kept == 2, "both messages are kept");
        await center.SendAsync(HttpMethod.Put, "api/v1/devices/wl-again", new { name = "积水", kind = "water_level", street = "320404002", quantities = new[] { new { name = "water_depth", unit = "mm" } } });

        var decoded = await center.SendAsync(HttpMethod.Post, "api/v1/rejections/decode", new { reasons = new[] { "unknown_device" }, devices = new[] { "wl-again" } });
        Assert.Equal((2, 1, 1, 1), (Number("messages"), Number("passed"), Number("refused"), Number("live")));
        Assert.Equal(1, decoded.GetProperty("byReason").GetProperty("out_of_range").GetInt32());

        var left = Assert.Single((await center.GetAsync("api/v1/rejections?device=wl-again")).GetProperty("items").EnumerateArray());
        Assert.Equal("out_of_range", left.GetProperty("reason").GetString());
        decoded = await center.SendAsync(HttpMethod.Post, "api/v1/rejections/decode", new { reasons = new[] { "unknown_device" }, devices = new[] { "wl-again" } });
        Assert.Equal(0, Number("messages"));
        var device = await center.GetAsync("api/v1/devices/wl-again");
        Assert.Equal(12, device.GetProperty("latest").GetProperty("water_depth").GetProperty("value").GetDouble());

        int Number(string name) => decoded.GetProperty(name).GetInt32();
    }
}
