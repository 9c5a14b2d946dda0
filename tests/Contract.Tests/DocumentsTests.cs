using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Contract.Tests;

public sealed class DocumentsTests(Outside outside)
{
    [Fact]
    public async Task Registered_device_is_read_back_with_its_state()
    {
        var id = Outside.NewId("wl");
        await outside.PutDeviceAsync(id);
        var device = await outside.GetAsync($"devices/{id}");
        Assert.Equal((id, "unknown", 1), ((string?)device["id"], (string?)device["state"], (int)device["version"]!));
        Assert.Equal(["crs", "domain", "id", "intervalSeconds", "kind", "lat", "lon", "name", "street"], device.AsObject().Select(member => member.Key)
            .Intersect(["crs", "domain", "id", "intervalSeconds", "kind", "lat", "lon", "name", "street"]).Order(StringComparer.Ordinal));

        // The document that was read can be sent back, and says nothing new.
        var (status, again) = await outside.SendAsync(HttpMethod.Put, $"devices/{id}", device.ToJsonString());
        Assert.Equal((HttpStatusCode.OK, 1), (status, (int)again["version"]!));
    }

    [Theory]
    [InlineData("""{"kind":"water_level","street":"320404002"}""", "name")]
    [InlineData("""{"name":"x","kind":"spaceship","street":"320404002"}""", "kind")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","colour":"red"}""", "colour")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","intervalSeconds":"60"}""", "intervalSeconds")]
    [InlineData("{", "body")]
    public async Task Wrong_device_document_is_refused_by_the_name_of_the_field(string document, string field)
    {
        var (status, problem) = await outside.SendAsync(HttpMethod.Put, $"devices/{Outside.NewId("bad")}", document);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], problem["errors"]!.AsObject().Select(member => member.Key));
    }

    [Theory]
    [InlineData("devices?limit=1001", "limit")]
    [InlineData("devices?state=asleep", "state")]
    [InlineData("warnings?from=yesterday", "from")]
    [InlineData("warnings?colour=pink", "colour")]
    [InlineData("incidents?state=lost", "state")]
    public async Task Wrong_parameter_is_refused_by_its_name(string path, string name)
    {
        var (status, problem) = await outside.SendAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([name], problem["errors"]!.AsObject().Select(member => member.Key));
    }

    [Theory]
    [InlineData("devices/no-such-device")]
    [InlineData("warnings/no-such-warning")]
    [InlineData("incidents/no-such-incident")]
    [InlineData("rules/R999")]
    [InlineData("plans/P999")]
    [InlineData("units/nobody")]
    [InlineData("situation/nowhere")]
    [InlineData("cameras")]
    public async Task What_is_not_there_is_a_problem_with_status_404(string path)
    {
        var (status, problem) = await outside.SendAsync(HttpMethod.Get, path);
        Assert.Equal((HttpStatusCode.NotFound, 404), (status, (int)problem["status"]!));
    }

    [Fact]
    public async Task Import_tells_what_it_made_and_every_refused_line()
    {
        var (a, b) = (Outside.NewId("imp"), Outside.NewId("imp"));
        var table = $"id,name,kind,street,lon,lat,crs,intervalSeconds,tags,sourceFormat,sourceKey\n{a},甲,water_level,320404002,119.93,31.76,wgs84,60,,,\n{b},乙,gas,320404002,500,31.76,wgs84,60,,,\n";
        var (status, answer) = await outside.SendAsync(HttpMethod.Post, "devices/import", new StringContent(table, Encoding.UTF8, "text/csv"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((1, 0, 0), ((int)answer["created"]!, (int)answer["updated"]!, (int)answer["unchanged"]!));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""[{"line":3,"field":"lon","reason":"out_of_range"}]"""), answer["rejections"]), answer.ToJsonString());
        var (_, again) = await outside.SendAsync(HttpMethod.Post, "devices/import", new StringContent(table, Encoding.UTF8, "text/csv"));
        Assert.Equal((0, 0, 1), ((int)again["created"]!, (int)again["updated"]!, (int)again["unchanged"]!));
    }

    [Fact]
    public async Task Devices_come_in_pages_and_as_geojson()
    {
        foreach (var id in (string[])[Outside.NewId("page"), Outside.NewId("page"), Outside.NewId("page")])
        {
            await outside.PutDeviceAsync(id, street: "320404116", longitude: 119.79, latitude: 31.78);
        }

        var seen = new List<string>();
        var next = string.Empty;
        do
        {
            var page = await outside.GetAsync($"devices?area=320404116&limit=2&cursor={Uri.EscapeDataString(next)}");
            seen.AddRange(page["items"]!.AsArray().Select(device => (string)device!["id"]!));
            next = (string?)page["next"] ?? string.Empty;
        }
        while (next.Length > 0);
        Assert.Equal(seen.Distinct(), seen);
        Assert.True(seen.Count >= 3);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/devices?area=320404116");
        request.Headers.Add("Accept", "application/geo+json");
        using var answer = await outside.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("application/geo+json", answer.Content.Headers.ContentType?.MediaType);
        var collection = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("FeatureCollection", (string?)collection["type"]);
        Assert.Equal("Point", (string?)collection["features"]![0]!["geometry"]!["type"]);
    }

    [Fact]
    public async Task History_that_is_imported_is_readable_and_raises_nothing()
    {
        var id = Outside.NewId("wl");
        await outside.PutDeviceAsync(id);
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var rows = $"[{string.Join(',', Enumerable.Range(0, 10).Select(i => $$$"""{"at":"{{{Outside.At(start.AddMinutes(i))}}}","values":{"water_depth":{{{(i == 7 ? 99_999 : 400)}}}}}"""))}]";
        var (status, answer) = await outside.SendAsync(HttpMethod.Post, $"devices/{id}/readings", rows);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((9, 0), ((int)answer["accepted"]!, (int)answer["duplicates"]!));
        Assert.Equal((7, "out_of_range"), ((int)answer["rejections"]![0]!["index"]!, (string?)answer["rejections"]![0]!["reason"]));

        var raw = await outside.GetAsync($"devices/{id}/readings?quantity=water_depth&from={Outside.At(start)}&to={Outside.At(start.AddHours(1))}&limit=5");
        Assert.Equal(5, raw["points"]!.AsArray().Count);
        Assert.NotNull(raw["next"]);
        var means = await outside.GetAsync($"devices/{id}/readings?quantity=water_depth&from={Outside.At(start)}&to={Outside.At(start.AddHours(1))}&every=5m");
        Assert.Equal([(400.0, 5), (400.0, 4)], means["points"]!.AsArray().Select(point => ((double)point!["mean"]!, (int)point["count"]!)));
        Assert.Empty(await outside.WarningsOfAsync(id));
    }

    [Fact]
    public async Task Rule_is_stored_as_a_new_version_and_a_wrong_one_names_its_field()
    {
        var rules = await outside.GetAsync("rules");
        Assert.Contains("R01", rules["items"]!.AsArray().Select(rule => (string?)rule!["id"]));
        var rule = await outside.GetAsync("rules/R01");
        var (same, unchanged) = await outside.SendAsync(HttpMethod.Put, "rules/R01", rule.ToJsonString());
        Assert.True(same == HttpStatusCode.OK, unchanged.ToJsonString());
        Assert.Equal((int)rule["version"]!, (int)unchanged["version"]!);

        rule["minSamples"] = "two";
        var (status, problem) = await outside.SendAsync(HttpMethod.Put, "rules/R01", rule.ToJsonString());
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("minSamples", problem["errors"]!.AsObject().Select(member => member.Key));
    }

    [Fact]
    public async Task Report_opens_an_incident_once_per_external_id()
    {
        var external = Outside.NewId("12345");
        var report = new { @class = "SJ-01-05", lon = 119.91, lat = 31.77, text = "河面漂浮物", source = "hotline", externalId = external, reporter = new { name = "王某", phone = "13800000000" } };
        var (first, opened) = await outside.SendAsync(HttpMethod.Post, "incidents", report);
        Assert.True(first is HttpStatusCode.Created or HttpStatusCode.OK, opened.ToJsonString());
        var (again, same) = await outside.SendAsync(HttpMethod.Post, "incidents", report);
        Assert.Equal(HttpStatusCode.OK, again);
        Assert.Equal((string?)opened["id"], (string?)same["id"]);
        Assert.Equal((string?)opened["report"]!["id"], (string?)same["report"]!["id"]);
        Assert.DoesNotContain("13800000000", (await outside.GetAsync($"incidents/{opened["id"]}")).ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/healthz/live", "text/plain")]
    [InlineData("/healthz/ready", "text/plain")]
    [InlineData("/metrics", "text/plain")]
    [InlineData("/openapi/v1.json", "application/json")]
    [InlineData("/wall/320404", "text/html")]
    [InlineData("/desk", "text/html")]
    [InlineData("/maps/district.geojson", "application/geo+json")]
    public async Task Address_answers(string path, string type)
    {
        using var answer = await outside.Http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains("default-src 'self'", string.Join(' ', answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }
}
