using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Contract.Tests;

/// <summary>Official warnings in as CAP, the same and our own out again.</summary>
public sealed class CapTests(Outside outside)
{
    [Fact]
    public async Task An_official_warning_is_raised_updated_and_taken_back_and_the_same_document_twice_is_one()
    {
        var first = Outside.NewId("cap");
        var (status, created) = await SendAsync(Alert(first, "Alert", "橙色"));
        Assert.Equal((HttpStatusCode.Created, "created", first), (status, (string?)created["action"], (string?)created["identifier"]));
        var id = (string)Assert.Single(created["warnings"]!.AsArray())!;
        var warning = await outside.GetAsync($"warnings/{id}");
        Assert.Equal(("R57", "orange", "raised", "SJ-21-17"), ((string?)warning["rule"], (string?)warning["colour"], (string?)warning["state"], (string?)warning["class"]));

        var (again, duplicate) = await SendAsync(Alert(first, "Alert", "橙色"));
        Assert.Equal((HttpStatusCode.OK, "duplicate", id), (again, (string?)duplicate["action"], (string?)duplicate["warnings"]![0]));

        var second = Outside.NewId("cap");
        var (_, updated) = await SendAsync(Alert(second, "Update", "红色", first));
        Assert.Equal(("updated", id), ((string?)updated["action"], (string?)updated["warnings"]![0]));
        Assert.Equal("red", (string?)(await outside.GetAsync($"warnings/{id}"))["colour"]);

        // The wall of a street shows it too.
        await Outside.EventuallyAsync(
            () => outside.GetAsync("situation/320404005"), situation => (int)situation["warnings"]!["red"]! >= 1, "the official warning in the counts of a street");

        using (var written = await outside.Http.GetAsync($"/api/v1/warnings/{id}/cap", TestContext.Current.CancellationToken))
        {
            var text = await written.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, written.StatusCode);
            Assert.Contains("urn:oasis:names:tc:emergency:cap:1.2", text, StringComparison.Ordinal);
            Assert.Contains("<severity>Extreme</severity>", text, StringComparison.Ordinal);
        }

        var (_, cancelled) = await SendAsync(Alert(Outside.NewId("cap"), "Cancle", "红色", second));
        Assert.Equal(("cancelled", id), ((string?)cancelled["action"], (string?)cancelled["warnings"]![0]));
        Assert.Equal("cleared", (string?)(await outside.GetAsync($"warnings/{id}"))["state"]);
    }

    [Fact]
    public async Task An_expired_one_and_one_from_elsewhere_are_taken_and_raise_nothing()
    {
        var (expired, old) = await SendAsync(Alert(Outside.NewId("cap"), "Alert", "红色", expires: Outside.Now.AddMinutes(-1)));
        var (elsewhere, far) = await SendAsync(Alert(Outside.NewId("cap"), "Alert", "红色", code: "110000"));
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created, 0, 0), (expired, elsewhere, old["warnings"]!.AsArray().Count, far["warnings"]!.AsArray().Count));
    }

    [Theory]
    [InlineData("<!DOCTYPE alert [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><alert/>", "document")]
    [InlineData("<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"/>", "identifier")]
    [InlineData("no xml", "document")]
    public async Task What_is_wrong_is_refused_as_a_whole_with_the_element(string document, string element)
    {
        var (status, problem) = await SendAsync(document);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.NotNull(problem["errors"]![element]);
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(string xml) =>
        outside.SendAsync(HttpMethod.Post, "cap", new StringContent(xml, Encoding.UTF8, "application/cap+xml"));

    private static string Alert(string identifier, string type, string colour, string? references = null, DateTimeOffset? expires = null, string code = "320404") => $"""
        <alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier><sender>32040041600000</sender><sent>{Time(Outside.Now)}</sent>
        <status>Actual</status><msgType>{type}</msgType><scope>Public</scope>{(references is null ? string.Empty : $"<references>32040041600000,{references},{Time(Outside.Now)}</references>")}
        <info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>
        <expires>{Time(expires ?? Outside.Now.AddHours(3))}</expires><headline>常州市气象台发布暴雨{colour}预警</headline>
        <area><areaDesc>x</areaDesc><geocode><valueName>GB/T 2260</valueName><value>{code}</value></geocode></area></info></alert>
        """;

    private static string Time(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
