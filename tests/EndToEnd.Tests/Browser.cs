using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace EndToEnd.Tests;

/// <summary>A real Chromium without a window, with a Chinese font and WebGL by software. Pages collect the errors of their console.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private Browser(IPlaywright playwright, IBrowser browser)
    {
        this.playwright = playwright;
        this.browser = browser;
    }

    /// <summary>What pages complained of on their consoles; a test that expects a dead server clears it.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public static async Task<Browser> StartAsync()
    {
        var executable = new[] { "/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(executable is null, "Chromium is not installed; ./test.sh installs it.");
        var playwright = await Playwright.CreateAsync();

        // Lists that are asked for every few seconds need longer than the library's five on a busy machine; what must come sooner says so where it is expected.
        Assertions.SetDefaultExpectTimeout(30_000);
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = executable, Headless = true, Args = Flags });
        return new Browser(playwright, browser);
    }

    public async Task<IPage> OpenAsync(Uri address, int width = 1920, int height = 1080)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = width, Height = height } });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(45_000);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                Complaints.Enqueue($"{page.Url}: {message.Text}");
            }
        };
        page.PageError += (_, error) => Complaints.Enqueue($"{page.Url}: {error}");
        await page.GotoAsync(address.ToString());
        return page;
    }

    /// <summary>Opens a wall and waits until it says that it is live.</summary>
    public async Task<IPage> OpenWallAsync(Uri site, string area, int width = 1920, int height = 1080)
    {
        var page = await OpenAsync(new Uri(site, $"wall/{area}"), width, height);
        await page.Locator(".wall[data-live=live]").WaitForAsync();
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await browser.CloseAsync();
        playwright.Dispose();
    }
}
