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
    [InlineData("\"threshold\"", "\"count\"", "parameters")]
    [InlineData("\"threshold\"", "\"rate\"", "when")]
    [InlineData("\"deadband\":30", "\"schedule\":{\"days\":[\"someday\"]}", "schedule.days")]
    [InlineData("\"deadband\":30", "\"relative\":\"nearly\"", "relative")]
    [InlineData("\"deadband\":30", "\"recover\":{\"under\":3}", "recover.under")]
    [InlineData("\"deadband\":30", "\"overrides\":{\"tag:a\":{\"reference\":\"x\"}}", "overrides.tag:a.reference")]
    [InlineData("\"deadband\":30", "\"also\":[{\"quantity\":\"pm25\",\"levels\":{\"yellow\":3}}]", "also[0].levels.yellow")]
    [InlineData("\"deadband\":30", "\"also\":[{\"quantity\":\"pm25\",\"escalates\":1}]", "also[0].value")]
    [InlineData("\"deadband\":30", "\"while\":[{\"quantity\":\"pm25\"}]", "while[0].value")]
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

    [Theory]
    [InlineData("""{"kind":"rate","parameters":{"quantity":"water_depth"},"levels":{"red":{"value":50}}}""", "parameters.periodSeconds")]
    [InlineData("""{"kind":"rate","parameters":{"quantity":"water_depth","periodSeconds":600,"minSpanSeconds":700},"levels":{"red":{"value":50}}}""", "parameters.minSpanSeconds")]
    [InlineData("""{"kind":"rate","parameters":{"quantity":"water_depth","periodSeconds":600,"when":"up"},"levels":{"red":{"value":50}}}""", "parameters.when")]
    [InlineData("""{"kind":"rate","parameters":{"quantity":"depth","periodSeconds":600},"levels":{"red":{"value":50}}}""", "parameters.quantity")]
    [InlineData("""{"kind":"rate","parameters":{"quantity":"water_depth","periodSeconds":600},"levels":{"red":{}}}""", "levels.red.value")]
    [InlineData("""{"kind":"window","parameters":{"quantity":"rainfall","spanSeconds":600},"levels":{"red":{"value":50}}}""", "parameters.aggregate")]
    [InlineData("""{"kind":"window","parameters":{"quantity":"rainfall","aggregate":"total","spanSeconds":600},"levels":{"red":{"value":50}}}""", "parameters.aggregate")]
    [InlineData("""{"kind":"window","parameters":{"quantity":"rainfall","aggregate":"sum"},"levels":{"red":{"value":50}}}""", "parameters.spanSeconds")]
    [InlineData("""{"kind":"window","parameters":{"quantity":"rainfall","aggregate":"sum","spanSeconds":600,"stepSeconds":450},"levels":{"red":{"value":50}}}""", "parameters.stepSeconds")]
    [InlineData("""{"kind":"window","parameters":{"quantity":"rainfall","aggregate":"laeq","spanSeconds":600},"levels":{"red":{"value":50}}}""", "parameters.aggregate")]
    [InlineData("""{"kind":"window","parameters":{"quantity":"rainfall","aggregate":"sum","spanSeconds":600,"minCoverage":2},"levels":{"red":{"value":50}}}""", "parameters.minCoverage")]
    [InlineData("""{"kind":"window","parameters":{"quantity":"rainfall","aggregate":"sum","spanSeconds":600},"levels":{"blue":{"value":60},"red":{"value":50}}}""", "levels.red.value")]
    [InlineData("""{"kind":"window","parameters":{"types":["nothing"],"aggregate":"count","spanSeconds":600},"levels":{"red":{"value":50}}}""", "parameters.types")]
    [InlineData("""{"kind":"window","parameters":{"types":["smoke"],"aggregate":"sum","spanSeconds":600},"levels":{"red":{"value":50}}}""", "parameters.aggregate")]
    [InlineData("""{"kind":"window","parameters":{"aggregate":"sum","spanSeconds":600},"levels":{"red":{"value":50}}}""", "parameters.quantity")]
    [InlineData("""{"kind":"window","parameters":{"types":["smoke"],"aggregate":"count","spanSeconds":600},"levels":{"red":{"value":5}},"while":[{"quantity":"pm25","value":1}]}""", "while")]
    [InlineData("""{"kind":"stuck","parameters":{"quantity":"rainfall","epsilon":-1},"levels":{"red":{"value":50}}}""", "parameters.epsilon")]
    [InlineData("""{"kind":"baseline","parameters":{"quantity":"power","by":"last_days","minHistory":8},"levels":{"red":{"value":50}}}""", "parameters.minHistory")]
    [InlineData("""{"kind":"geofence","parameters":{},"levels":{"red":{}}}""", "parameters.area")]
    [InlineData("""{"kind":"geofence","parameters":{"circle":{"lon":119.9,"lat":31.7,"radiusM":0}},"levels":{"red":{}}}""", "parameters.circle.radiusM")]
    [InlineData("""{"kind":"geofence","parameters":{"polygon":[[119.9,31.7],[119.91,31.71]]},"levels":{"red":{}}}""", "parameters.polygon")]
    [InlineData("""{"kind":"geofence","parameters":{"polygon":[[119.9,31.7],[119.91,31.71],[119.91,31.7],[119.9,31.71]]},"levels":{"red":{}}}""", "parameters.polygon")]
    [InlineData("""{"kind":"geofence","parameters":{"polygon":[[31.7,119.9],[31.71,119.91],[31.7,119.91]]},"levels":{"red":{}}}""", "parameters.polygon[0]")]
    [InlineData("""{"kind":"geofence","parameters":{"when":"inside","line":[[119.9,31.7],[119.91,31.71]]},"levels":{"red":{}}}""", "parameters.when")]
    [InlineData("""{"kind":"threshold","quantity":"oxygen","when":"outside","levels":{"red":{"value":3}}}""", "levels.red")]
    [InlineData("""{"kind":"threshold","quantity":"oxygen","when":"either","levels":{"red":{"value":3}}}""", "when")]
    [InlineData("""{"kind":"event","parameters":{},"levels":{"red":{}}}""", "parameters.types")]
    [InlineData("""{"kind":"absence","parameters":{"multiple":0},"levels":{"red":{}}}""", "parameters.multiple")]
    public void A_wrong_parameter_is_refused_by_the_name_of_its_field(string document, string field)
    {
        var parsed = RuleParsing.Parse(new("R90"), document, 1);

        Assert.Null(parsed.Rule);
        Assert.Contains(field, parsed.Errors.Keys);
    }

    [Fact]
    public void Every_example_of_the_documentation_is_a_rule_and_reads_the_same_after_it_was_written()
    {
        var examples = DocumentedRules.All();

        Assert.True(examples.Count >= 5, "docs/rules.md has lost its examples");
        foreach (var (id, document) in examples)
        {
            var parsed = RuleParsing.Parse(new(id), document, 1);
            Assert.True(parsed.Rule is not null, id + ": " + string.Join("; ", parsed.Errors.Select(error => error.Key + " " + error.Value[0])));
            Assert.Equal(parsed.Rule.Canonical, RuleParsing.Parse(new(id), RuleParsing.WithVersion(parsed.Rule), 1).Rule!.Canonical);
        }
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
