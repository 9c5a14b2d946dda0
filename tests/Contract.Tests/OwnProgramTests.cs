using System.Diagnostics;
using System.Net;
using System.Text;
using Running;

namespace Contract.Tests;

/// <summary>What needs a program of its own: sudden death, sign-in, wrong options.</summary>
public sealed class OwnProgramTests(Outside outside)
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_doubled_when_the_process_is_killed_in_between()
    {
        await using var center = await RunningCenter.StartAsync();
        const string device = "wl-killed";
        await center.SendAsync(HttpMethod.Put, $"api/v1/devices/{device}", new { name = "x", kind = "water_level", street = "320404002", lon = 119.934, lat = 31.766, quantities = new[] { new { name = "water_depth", unit = "mm" } } });
        var messages = Outside.Depths(Outside.Now.AddSeconds(-1), 13, 300);
        await PublishAllAsync(center, device, messages[..4]);
        await center.KillAsync();
        await center.StartAgainAsync();
        await PublishAllAsync(center, device, messages);
        var (warnings, incidents) = await center.EventuallyAsync(
            () => CountAsync(center, device), found => found.Warnings.Length == 1 && found.Incidents == 1, "one warning and one incident");
        await center.KillAsync();
        await center.StartAgainAsync();
        await PublishAllAsync(center, device, messages);
        var again = await CountAsync(center, device);
        Assert.Equal((warnings.Single(), incidents), (again.Warnings.Single(), again.Incidents));
        var readings = await center.GetAsync($"api/v1/devices/{device}/readings?quantity=water_depth&limit=1000");
        Assert.Equal(13, readings.GetProperty("points").GetArrayLength());
    }

    [Fact]
    public async Task Where_sign_in_is_required_nobody_comes_in_without_key_or_password()
    {
        await using var center = await RunningCenter.StartAsync(
            "--Auth:Mode=Required", "--Auth:AdminPassword=correct horse", "--Auth:ApiKeys:0:Key=street-key", "--Auth:ApiKeys:0:Role=duty", "--Auth:ApiKeys:0:Area=320404002");
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = center.Address };
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/api/v1/devices"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/api/v1/devices", "wrong-key"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/api/v1/devices", "street-key"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/api/v1/situation/320404002", "street-key"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, "/api/v1/situation/320404", "street-key"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(http, "/api/v1/audit", "street-key"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/hubs/situation/negotiate?negotiateVersion=1", method: HttpMethod.Post));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/healthz/ready"));

        using var page = new HttpRequestMessage(HttpMethod.Get, "/wall/320404");
        page.Headers.Add("Accept", "text/html");
        using var redirected = await http.SendAsync(page, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, redirected.StatusCode);
        Assert.StartsWith("/login", redirected.Headers.Location!.ToString(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync("/login", Form("admin", "correct horse", null), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(http, "wrong"));
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(http, "correct horse"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/api/v1/situation/320404"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/wall/320404"));
    }

    [Theory]
    [InlineData("--Broker:Port=abc", "Broker:Port: must be 1–65535, was 'abc'")]
    [InlineData("--Store:Provider=Oracle", "Store:Provider: must be Sqlite or PostgreSql, was 'Oracle'")]
    [InlineData("--Demo:Speed=5", "Demo:Speed: only with Demo:Enabled=true")]
    public async Task Wrong_option_ends_the_start_with_one_line_that_names_the_key(string argument, string line)
    {
        Assert.NotNull(outside);
        var folder = Path.Combine(RunningCenter.Root, "src", "CommandCenter.Web");
        var build = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "bin", build, "net10.0", "CommandCenter.Web.dll"), "--Demo:Enabled=false", $"--Urls=http://127.0.0.1:{FreePorts.Next()}", argument])
        {
            WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true, StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        using var process = Process.Start(start)!;
        var output = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, process.ExitCode);
        Assert.Equal(line, output.Trim());
    }

    private async Task PublishAllAsync(RunningCenter center, string device, string[] messages)
    {
        using var client = await outside.ConnectAsync(center.MqttPort);
        foreach (var message in messages)
        {
            await Outside.PublishAsync(client, $"city/v1/320404002/{device}/readings", message);
        }
    }

    private static async Task<(string[] Warnings, int Incidents)> CountAsync(RunningCenter center, string device)
    {
        var warnings = await center.GetAsync("api/v1/warnings?limit=1000");
        var incidents = await center.GetAsync("api/v1/incidents?limit=1000");
        return (
            [.. warnings.GetProperty("items").EnumerateArray().Where(warning => warning.GetProperty("subject").GetString() == device && warning.GetProperty("rule").GetString() == "R01").Select(warning => warning.GetProperty("id").GetString()!)],
            incidents.GetProperty("items").GetArrayLength());
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path, string? key = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        if (key is not null)
        {
            request.Headers.Add("X-Api-Key", key);
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> SignInAsync(HttpClient http, string password)
    {
        var page = await http.GetStringAsync(new Uri("/login", UriKind.Relative), TestContext.Current.CancellationToken);
        var field = System.Text.RegularExpressions.Regex.Match(page, "name=\"(__RequestVerificationToken)\" value=\"([^\"]+)\"");
        Assert.True(field.Success, page);
        using var answer = await http.PostAsync("/login", Form("admin", password, WebUtility.HtmlDecode(field.Groups[2].Value)), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static FormUrlEncodedContent Form(string account, string password, string? token) => new(
        new Dictionary<string, string> { ["account"] = account, ["password"] = password, ["returnUrl"] = "/" }
            .Concat(token is null ? [] : [KeyValuePair.Create("__RequestVerificationToken", token)]));
}
