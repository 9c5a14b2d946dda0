using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Hosting;
using Microsoft.Extensions.Configuration;

namespace CommandCenter.Web.Tests.Hosting;

public sealed class StartSettingsTests
{
    [Fact]
    public void Defaults_need_nothing_in_development()
    {
        var settings = Read(development: true, out var errors);
        Assert.Empty(errors);
        Assert.Equal([new ListenAddress("http", "localhost", 5080)], settings.Urls);
        Assert.Equal((AuthMode.Open, true, 1883), (settings.AuthMode, settings.Demo.Enabled, settings.Broker.Port));
    }

    [Theory]
    [InlineData("Broker:Port", "abc", "Broker:Port: must be 1–65535, was 'abc'")]
    [InlineData("Broker:Port", "0", "Broker:Port: must be 1–65535, was '0'")]
    [InlineData("Broker:Mode", "Elsewhere", "Broker:Mode: must be Embedded or External, was 'Elsewhere'")]
    [InlineData("Broker:Mode", "1", "Broker:Mode: must be Embedded or External, was '1'")]
    [InlineData("Broker:Mode", "External", "Broker:Host: must be set when Broker:Mode is External")]
    [InlineData("Store:Provider", "Oracle", "Store:Provider: must be Sqlite or PostgreSql, was 'Oracle'")]
    [InlineData("Store:Provider", "PostgreSql", "ConnectionStrings:Store: must be set when Store:Provider is PostgreSql")]
    [InlineData("History:Provider", "InfluxDb", "History:Url: must be set when History:Provider is InfluxDb")]
    [InlineData("History:WriteApi", "V3", "History:WriteApi: must be Auto or V1 or V2, was 'V3'")]
    [InlineData("History:Url", "not an address", "History:Url: must be an http or https address, was 'not an address'")]
    [InlineData("History:RetentionDays", "0", "History:RetentionDays: must be 1–3650, was '0'")]
    [InlineData("Cluster:Provider", "Redis", "ConnectionStrings:Cluster: must be set when Cluster:Provider is Redis")]
    [InlineData("Demo:Speed", "61", "Demo:Speed: must be 1–60, was '61'")]
    [InlineData("Demo:Enabled", "yes", "Demo:Enabled: must be true or false, was 'yes'")]
    [InlineData("Demo:Scenario", "snow", "Demo:Scenario: must be normal or rainstorm, was 'snow'")]
    [InlineData("Auth:Mode", "Sometimes", "Auth:Mode: must be Open or Required, was 'Sometimes'")]
    [InlineData("Auth:Mode", "Required", "Auth:AdminPassword: must be set when Auth:Mode is Required and there is no API key")]
    [InlineData("Auth:ApiKeys:0:Role", "duty", "Auth:ApiKeys:0:Key: must be set")]
    [InlineData("Urls", "ftp://localhost", "Urls: must be addresses such as http://localhost:5080 with localhost, * or an IP address, separated by ';', was 'ftp://localhost'")]
    [InlineData("Urls", "http://localhost:1883", "Broker:Port: 1883 is already used by Urls")]
    public void Wrong_value_is_refused_in_one_line_that_names_the_key(string key, string value, string line)
    {
        Read(development: true, out var errors, (key, value));
        Assert.Equal(line, errors[0]);
        Assert.DoesNotContain('\n', errors[0]);
    }

    [Fact]
    public void Speed_without_the_demonstration_is_refused()
    {
        Read(development: true, out var errors, ("Demo:Enabled", "false"), ("Demo:Speed", "2"));
        Assert.Equal(["Demo:Speed: only with Demo:Enabled=true"], errors);
    }

    [Fact]
    public void Redis_cannot_share_files_of_one_silo()
    {
        Read(development: true, out var errors, ("Cluster:Provider", "Redis"), ("ConnectionStrings:Cluster", "127.0.0.1:6379"));
        Assert.Equal(["Store:Provider", "History:Provider"], errors.Select(error => error.Split(": ")[0]));
    }

    [Fact]
    public void InfluxDb_with_an_address_is_accepted()
    {
        var settings = Read(development: true, out var errors, ("History:Provider", "InfluxDb"), ("History:Url", "http://127.0.0.1:8086"), ("History:Token", "t"), ("History:Database", "city"), ("History:WriteApi", "v2"));
        Assert.Empty(errors);
        Assert.Equal(("http://127.0.0.1:8086", "t", "city", "V2"), (settings.History.Url, settings.History.Token, settings.History.Database, settings.History.WriteApi.ToString()));
    }

    [Fact]
    public void Open_desk_is_for_development_on_loopback_only()
    {
        Read(development: false, out var production, ("Auth:Mode", "Open"));
        Assert.Equal(["Auth:Mode: Open is allowed only in Development and on loopback addresses"], production);
        Read(development: true, out var elsewhere, ("Auth:Mode", "Open"), ("Urls", "http://*:5080"));
        Assert.Equal(["Auth:Mode: Open is allowed only in Development and on loopback addresses"], elsewhere);
        Assert.Equal(AuthMode.Required, Read(development: true, out _, ("Urls", "http://*:5080")).AuthMode);
    }

    [Fact]
    public void Key_of_a_street_sees_its_street_and_key_of_the_district_sees_all()
    {
        var settings = Read(
            development: true, out var errors,
            ("Auth:ApiKeys:0:Key", "a"), ("Auth:ApiKeys:0:Role", "duty"), ("Auth:ApiKeys:0:Area", "320404002"),
            ("Auth:ApiKeys:1:Key", "b"), ("Auth:ApiKeys:1:Role", "responder"), ("Auth:ApiKeys:1:Unit", "u-7"));
        Assert.Empty(errors);
        var street = settings.ApiKeys[0].Actor;
        Assert.True(street.MaySee(new AreaId("320404002")));
        Assert.False(street.MaySee(new AreaId("320404003")));
        Assert.False(street.MaySee(new AreaId("320404")));
        Assert.Equal([new ResponseUnitId("u-7")], settings.ApiKeys[1].Actor.Units);
    }

    [Fact]
    public void Key_that_may_do_everything_exists_in_development_only()
    {
        Read(development: false, out var errors, ("Auth:ApiKeys:0:Key", "a"), ("Auth:ApiKeys:0:Role", "admin"));
        Assert.Equal(["Auth:ApiKeys:0:Role: Admin is allowed only in Development"], errors);
    }

    [Fact]
    public void Simulated_time_goes_on_from_where_it_stopped()
    {
        var folder = Directory.CreateTempSubdirectory("demo-clock-").FullName;
        try
        {
            var demo = new DemoSettings(true, 300, 1, "rainstorm", 10);
            var last = TimeProvider.System.GetUtcNow().AddHours(3);
            DemoClockFile.Write(folder, last);
            Assert.True(DemoClockFile.Open(TimeProvider.System, folder, demo).Now >= DemoClockFile.Read(folder));
            Assert.True(DemoClockFile.Open(TimeProvider.System, folder, demo with { Speed = 1 }).Now >= DemoClockFile.Read(folder));
            Assert.True(DemoClockFile.Open(TimeProvider.System, folder, demo with { Enabled = false, Speed = 1 }).Now < DemoClockFile.Read(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static StartSettings Read(bool development, out IReadOnlyList<string> errors, params (string Key, string Value)[] values) =>
        StartSettings.Read(
            new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Key, (string?)value.Value))).Build(),
            development, "/", out errors);
}
