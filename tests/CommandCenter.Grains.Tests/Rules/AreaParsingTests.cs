using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Tests.Rules;

public sealed class AreaParsingTests
{
    private const string Count = """
        {"kind":"count","select":{"kinds":["camera"]},"parameters":{"of":{"rule":"R55","atLeast":"blue"},"measure":"percent","per":"street","withinMinutes":5,"minPopulation":10},
         "levels":{"blue":{"value":5},"red":{"value":40}},"deadband":3}
        """;

    private const string Composite = """
        {"kind":"composite","parameters":{"per":"place","scope":"street","when":{"all":[{"rule":"R16","atLeast":"orange"},{"not":{"condition":{"kind":"threshold","quantity":"current","when":"above","levels":{"blue":{"value":1}}},"same":"place","withinMetres":100}}]}},
         "levels":{"red":{}},"inhibits":[{"rules":["R16"],"same":"place","withinMetres":100}]}
        """;

    [Theory]
    [InlineData("\"of\":{\"rule\":\"R55\",\"atLeast\":\"blue\"},", "", "parameters.of")]
    [InlineData("\"rule\":\"R55\",", "", "parameters.of")]
    [InlineData("\"rule\":\"R55\"", "\"rule\":\"R90\"", "parameters.of.rule")]
    [InlineData("\"atLeast\":\"blue\"", "\"atLeast\":\"pink\"", "parameters.of.atLeast")]
    [InlineData("\"percent\"", "\"share\"", "parameters.measure")]
    [InlineData("\"measure\":\"percent\"", "\"measure\":\"streets\"", "parameters.measure")]
    [InlineData("\"street\"", "\"house\"", "parameters.per")]
    [InlineData("\"per\":\"street\"", "\"per\":\"place\"", "parameters.withinMetres")]
    [InlineData("\"per\":\"street\"", "\"per\":\"district\",\"scope\":\"street\"", "parameters.scope")]
    [InlineData("\"withinMinutes\":5", "\"withinMinutes\":-5", "parameters.withinMinutes")]
    [InlineData("\"withinMinutes\":5", "\"withinHours\":5", "parameters.withinHours")]
    [InlineData("\"value\":40", "\"value\":101", "levels.red.value")]
    [InlineData("\"value\":40", "\"value\":4", "levels.red.value")]
    [InlineData("\"red\":{\"value\":40}", "\"red\":{}", "levels.red.value")]
    public void A_wrong_count_is_refused_by_the_name_of_its_field(string right, string wrong, string field) => Refused(Count, right, wrong, field);

    [Theory]
    [InlineData("\"all\":[", "\"every\":[", "parameters.when")]
    [InlineData("\"rule\":\"R16\",\"atLeast\":\"orange\"", "\"rule\":\"R16\",\"atLeast\":\"orange\",\"same\":\"street\"", "parameters.when.all[0].same")]
    [InlineData("\"quantity\":\"current\"", "\"quantity\":\"currents\"", "parameters.when.all[1].not.condition.quantity")]
    [InlineData("\"kind\":\"threshold\"", "\"kind\":\"count\"", "parameters.when.all[1].not.condition.kind")]
    [InlineData("\"same\":\"place\",\"withinMetres\":100}}", "\"same\":\"place\"}}", "parameters.when.all[1].not.withinMetres")]
    [InlineData("\"scope\":\"street\"", "\"scope\":\"district\"", "parameters.when.all[1].not.same")]
    [InlineData("{\"rule\":\"R16\",\"atLeast\":\"orange\"},", "", "parameters.when.all[0].not")]
    [InlineData("\"inhibits\":[{\"rules\":[\"R16\"],", "\"inhibits\":[{", "inhibits[0]")]
    [InlineData("\"rules\":[\"R16\"],\"same\":\"place\",\"withinMetres\":100", "\"rules\":[\"R16\"],\"same\":\"place\"", "inhibits[0].withinMetres")]
    [InlineData("\"rules\":[\"R16\"],\"same\":\"place\"", "\"rules\":[\"R16\"],\"same\":\"town\"", "inhibits[0].same")]
    public void A_wrong_composite_is_refused_by_the_name_of_its_field(string right, string wrong, string field) => Refused(Composite, right, wrong, field);

    [Fact]
    public void What_is_not_known_decides_nothing_by_itself()
    {
        var expression = new AreaAll([new AreaIs(0), new AreaNot(new AreaIs(1))]);

        Assert.True(CompositeRule.Evaluate(expression, leaf => leaf == 0));
        Assert.Null(CompositeRule.Evaluate(expression, leaf => leaf == 0 ? true : null));
        Assert.False(CompositeRule.Evaluate(expression, leaf => leaf == 0 ? false : null));
        Assert.Null(CompositeRule.Evaluate(new AreaAny([new AreaIs(0), new AreaIs(1)]), leaf => leaf == 0 ? false : null));
        Assert.True(CompositeRule.Evaluate(new AreaAny([new AreaIs(0), new AreaIs(1)]), leaf => leaf == 0 ? null : true));
    }

    private static void Refused(string document, string right, string wrong, string field)
    {
        Assert.NotNull(RuleParsing.Parse(new("R90"), document, 1).Rule);
        var changed = document.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(document, changed);

        var parsed = RuleParsing.Parse(new("R90"), changed, 1);

        Assert.Null(parsed.Rule);
        Assert.Contains(field, parsed.Errors.Keys);
    }
}
