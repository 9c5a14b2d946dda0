using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Tests.Rules;

public sealed class RuleParsingTests
{
    private const string Good = """
        {"name":{"zh":"道路积水","en":"Road flooding"},"kind":"threshold","select":{"kinds":["water_level"]},"quantity":"water_depth","when":"above",
         "levels":{"blue":{"value":100,"onDelaySeconds":120,"incident":"suggest"},"red":{"value":250,"onDelaySeconds":60}},"deadband":30,"offDelaySeconds":600,"class":"SJ-04-06"}
        """;

    [Theory]
    [InlineData("\"value\":250", "\"value\":\"deep\"", "levels.red.value")]
    [InlineData("\"value\":250", "\"value\":90", "levels.red.value")]
    [InlineData("\"value\":250,", "", "levels.red.value")]
    [InlineData("\"value\":250", "\"valeu\":250", "levels.red.valeu")]
    [InlineData("\"onDelaySeconds\":60", "\"onDelaySeconds\":-1", "levels.red.onDelaySeconds")]
    [InlineData("\"incident\":\"suggest\"", "\"incident\":\"maybe\"", "levels.blue.incident")]
    [InlineData("\"red\"", "\"crimson\"", "levels.crimson")]
    [InlineData("\"threshold\"", "\"thresholds\"", "kind")]
    [InlineData("\"threshold\"", "\"rate\"", "kind")]
    [InlineData("\"water_depth\"", "\"depth\"", "quantity")]
    [InlineData("\"above\"", "\"over\"", "when")]
    [InlineData("\"deadband\":30", "\"deadband\":-3", "deadband")]
    [InlineData("\"select\":{\"kinds\":[\"water_level\"]}", "\"select\":{\"kinds\":\"water_level\"}", "select.kinds")]
    [InlineData("\"deadband\":30", "\"schedule\":{\"from\":\"25:00\",\"to\":\"06:00\"}", "schedule.from")]
    [InlineData("\"deadband\":30", "\"overrides\":{\"wl-1\":{\"orange\":3}}", "overrides.wl-1.orange")]
    [InlineData("\"deadband\":30", "\"effectiveFrom\":\"soon\"", "effectiveFrom")]
    [InlineData("\"deadband\":30", "\"treshold\":3", "treshold")]
    public void A_wrong_document_is_refused_by_the_name_of_its_field(string right, string wrong, string field)
    {
        var parsed = RuleParsing.Parse(new("R90"), Good.Replace(right, wrong, StringComparison.Ordinal), 1);

        Assert.Null(parsed.Rule);
        Assert.Contains(field, parsed.Errors.Keys);
    }

    [Fact]
    public void Colours_have_their_usual_incident_policies_when_the_document_names_none()
    {
        var document = """
            {"kind":"threshold","quantity":"pm25","levels":{"blue":{"value":1},"yellow":{"value":2},"orange":{"value":3},"red":{"value":4}}}
            """;

        var rule = RuleParsing.Parse(new("R90"), document, 1).Rule!;

        Assert.Equal([IncidentPolicy.Never, IncidentPolicy.Suggest, IncidentPolicy.Open, IncidentPolicy.Open], rule.Levels.Select(level => level.Incident));
    }

    [Fact]
    public void A_silent_device_opens_no_incident_by_itself()
    {
        var rule = RuleParsing.Parse(new("R90"), """{"kind":"absence","levels":{"red":{}}}""", 1).Rule!;

        Assert.Equal(IncidentPolicy.Never, rule.Levels.Single().Incident);
    }

    [Fact]
    public void A_kind_that_is_not_built_is_kept_while_the_rule_is_not_enabled()
    {
        var parsed = RuleParsing.Parse(new("R03"), """{"kind":"window","enabled":false,"parameters":{"hours":12},"levels":{"blue":{"value":50}}}""", 1);

        Assert.Equal(RuleKind.Window, parsed.Rule!.Kind);
        Assert.Contains("\"parameters\":{\"hours\":12}", parsed.Rule.Canonical, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_shipped_document_reads_the_same_after_it_was_written()
    {
        foreach (var rule in RulePack.Shipped.Values)
        {
            var again = RuleParsing.Parse(rule.Id, RuleParsing.WithVersion(rule), rule.Version).Rule!;

            Assert.Equal(rule.Canonical, again.Canonical);
        }
    }

    [Fact]
    public void The_order_of_fields_is_no_difference()
    {
        var one = RuleParsing.Parse(new("R90"), """{"kind":"threshold","quantity":"pm25","levels":{"red":{"value":4}},"deadband":1}""", 1).Rule!;
        var other = RuleParsing.Parse(new("R90"), """{"deadband":1.0,"levels":{"red":{"value":4}},"quantity":"pm25","kind":"threshold","enabled":true,"version":7}""", 9).Rule!;

        Assert.Equal(one.Canonical, other.Canonical);
    }
}
