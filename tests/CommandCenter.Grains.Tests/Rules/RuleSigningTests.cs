using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Tests.Rules;

public sealed class RuleSigningTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);
    private static readonly Actor Chen = new() { Id = "chen", Name = "陈局", Kind = ActorKind.User, Roles = [Role.Leader], SeesWholeDistrict = true };

    private const string Marked = """
        {"kind":"threshold","quantity":"water_depth","calibration":"待校核","levels":{"yellow":{"value":100,"onDelaySeconds":60},"red":{"value":250}},
         "also":[{"kind":"rate","parameters":{"quantity":"water_depth","periodSeconds":600},"levels":{"red":{"value":80}}}],
         "while":[{"quantity":"pump_running","when":"below","value":0}],"overrides":{"wl-1":{"red":300,"deadband":10},"tag:low":{"yellow":50}}}
        """;

    [Fact]
    public void Every_number_that_decides_a_colour_is_a_threshold_of_its_own()
    {
        var found = RuleSigning.Thresholds(Rule(Marked), []);

        Assert.Equal(
            ["levels.yellow 100", "levels.red 250", "also[0].levels.red 80", "while[0] 0", "overrides.tag:low.yellow 50", "overrides.wl-1.red 300"],
            found.Select(threshold => $"{threshold.Path} {threshold.Value}"));
        Assert.Equal(Colour.Red, found.Single(threshold => threshold.Path == "overrides.wl-1.red").Colour);
        Assert.Equal(found.Length, found.Select(threshold => threshold.Path).Distinct().Count());
    }

    [Fact]
    public void Every_shipped_rule_has_thresholds_and_those_that_are_marked_need_signatures()
    {
        var marked = RulePack.Shipped.Values.Where(rule => rule.Unverified).ToArray();

        Assert.Equal(RulePack.Shipped.Values.Where(rule => rule.Canonical.Contains("待校核", StringComparison.Ordinal)).Select(rule => rule.Id), marked.Select(rule => rule.Id));
        Assert.All(RulePack.Shipped.Values, rule => Assert.NotEmpty(RuleSigning.Thresholds(rule, [])));
        Assert.All(RulePack.Shipped.Values, rule => Assert.Distinct(RuleSigning.Thresholds(rule, []).Select(threshold => threshold.Path)));
    }

    [Fact]
    public void A_signature_stays_while_its_threshold_does_and_goes_with_its_value_its_quantity_or_its_colour()
    {
        var rule = Rule(Marked);
        var signed = RuleSigning.Sign(rule, [], new() { Rule = rule.Id, Paths = ["levels.yellow", "levels.red"], Basis = "GB 51222 复核" }, Chen, Now);
        Assert.True(signed.Succeeded, signed.Detail);

        Assert.Equal(["levels.yellow", "levels.red"], Left(Marked.Replace("\"onDelaySeconds\":60", "\"onDelaySeconds\":90", StringComparison.Ordinal).Replace("\"yellow\":50", "\"yellow\":40", StringComparison.Ordinal)));
        Assert.Equal(["levels.yellow"], Left(Marked.Replace("\"value\":250", "\"value\":260", StringComparison.Ordinal)));
        Assert.Equal(["levels.yellow"], Left(Marked.Replace("\"red\":{\"value\":250}", "\"orange\":{\"value\":250}", StringComparison.Ordinal).Replace("\"red\":{\"value\":80}", "\"orange\":{\"value\":80}", StringComparison.Ordinal).Replace("\"red\":300,", string.Empty, StringComparison.Ordinal)));
        Assert.Empty(Left(Marked.Replace("\"quantity\":\"water_depth\",\"calibration\"", "\"quantity\":\"pm25\",\"calibration\"", StringComparison.Ordinal)));

        IEnumerable<string> Left(string document) => RuleSigning.Fitting(Rule(document), signed.Value).Select(signature => signature.Path);
    }

    [Fact]
    public void A_kind_whose_colours_have_no_value_is_signed_with_its_hold()
    {
        const string document = """{"kind":"event","calibration":"待校核","parameters":{"types":["fire"]},"levels":{"red":{"minConfidence":0.8,"onDelaySeconds":10}}}""";
        var rule = Rule(document);
        var signed = RuleSigning.Sign(rule, [], new() { Rule = rule.Id, Paths = ["levels.red"], Basis = "现场试验" }, Chen, Now).Value;

        Assert.Single(RuleSigning.Fitting(rule, signed));
        Assert.Empty(RuleSigning.Fitting(Rule(document.Replace(":10", ":20", StringComparison.Ordinal)), signed));
        Assert.Empty(RuleSigning.Fitting(Rule(document.Replace("0.8", "0.7", StringComparison.Ordinal)), signed));
    }

    [Fact]
    public void Only_a_leader_or_administrator_in_person_signs_and_the_basis_and_the_threshold_must_be_there()
    {
        var rule = Rule(Marked);
        var order = new SignThresholds { Rule = rule.Id, Paths = ["levels.red"], Basis = "现场复核" };

        Assert.Equal(Refusal.NotAllowed, Refused(order, Chen with { Roles = [Role.Duty] }));
        Assert.Equal(Refusal.NotAllowed, Refused(order, Actor.System));
        Assert.Equal(["basis", "paths"], RuleSigning.Sign(rule, [], order with { Basis = " ", Paths = ["levels.blue"] }, Chen, Now).Errors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["paths"], RuleSigning.Sign(Rule(Marked.Replace("待校核", "已校核", StringComparison.Ordinal)), [], order, Chen, Now).Errors.Keys);
        Assert.Equal(Refusal.StaleVersion, Refused(order with { Said = ["{\"of\":\"something else\"}"] }, Chen));
        Assert.Null(Refused(order with { Said = [RuleSigning.Thresholds(rule, []).Single(threshold => threshold.Path == "levels.red").Said] }, Chen));

        Refusal? Refused(SignThresholds command, Actor actor) => RuleSigning.Sign(rule, [], command, actor, Now).Refusal;
    }

    [Fact]
    public void A_second_signature_takes_the_place_of_the_first()
    {
        var rule = Rule(Marked);
        var first = RuleSigning.Sign(rule, [], new() { Rule = rule.Id, Paths = ["levels.red", "levels.yellow"], Basis = "第一次" + "复核" }, Chen, Now).Value;

        var second = RuleSigning.Sign(rule, first, new() { Rule = rule.Id, Paths = ["levels.red"], Basis = "第二次复核" }, Chen, Now.AddDays(1)).Value;

        Assert.Equal(["第一次复核", "第二次复核"], second.Select(signature => signature.Basis));
    }

    private static RuleDefinition Rule(string document) => RuleParsing.Parse(new("R90"), document, 1) is var parsed && parsed.Rule is { } rule
        ? rule : throw new InvalidOperationException(string.Join("; ", parsed.Errors.Select(error => error.Key + " " + error.Value[0])));
}
