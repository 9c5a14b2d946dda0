using System.Text.RegularExpressions;
using Bunit;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Web.RuleDesk;
using Xunit;

namespace CommandCenter.Web.Tests.RuleDesk;

/// <summary>What the rule desk says of rules, of their differences and of their faults.</summary>
public sealed partial class RuleTextTests : BunitContext
{
    private RuleSpeaker Speaker(string culture = "zh-CN") => new(RuleDeskFixture.Speak(this, culture), RuleDeskFixture.Desk());

    [Fact]
    public void A_threshold_reads_as_a_sentence_for_each_colour_and_one_for_its_end()
    {
        Assert.Equal(
            [
                "积水深度 ≥ 100 mm 持续 2 分钟 → 蓝色,只预警,不开事件", "积水深度 ≥ 150 mm 持续 2 分钟 → 黄色,建议开事件",
                "积水深度 ≥ 200 mm 持续 2 分钟 → 橙色,自动开事件", "积水深度 ≥ 250 mm 持续 60 秒 → 红色,自动开事件", "回落到 70 mm 以下并持续 10 分钟后解除",
            ],
            Speaker().Say(RuleJson.Parse(RuleDeskFixture.Document("R01"))).Select(sentence => sentence.Text));
    }

    [Theory]
    [InlineData("R03", "3 小时内降雨量合计 ≥ 100 mm → 红色,自动开事件")]
    [InlineData("R55", "超过 3 个上报间隔没有数据")]
    [InlineData("R09-moved", "识别到“井盖缺失”,可信度 ≥ 50 % 持续 30 秒(仅限标签 main_road) → 红色,自动开事件")]
    [InlineData("R36", "10 分钟内等效声级能量平均值与基准值之差 ≥ 5 dB → 黄色,建议开事件")]
    public void Other_kinds_say_what_they_measure(string id, string text) =>
        Assert.Contains(text, string.Join('\n', Speaker().Say(RuleJson.Parse(RuleDeskFixture.Document(id))).Select(sentence => sentence.Text)), StringComparison.Ordinal);

    [Theory]
    [InlineData("zh-CN")]
    [InlineData("en")]
    public void Every_shipped_rule_is_said_and_drawn_without_a_missing_word(string culture)
    {
        var speaker = Speaker(culture);
        foreach (var id in RuleDeskFixture.ShippedIds)
        {
            var document = RuleJson.Parse(RuleDeskFixture.Document(id));
            var drawn = Render<RulePicture>(parameters => parameters.Add(picture => picture.Document, document).Add(picture => picture.Speaker, speaker));
            var texts = speaker.Say(document).Select(sentence => sentence.Text).Append(speaker.Select(document)).Concat(drawn.FindAll("text").Select(text => text.TextContent)).ToArray();
            Assert.All(texts, text => Assert.False(MissingWord().IsMatch(text), $"{id}: {text}"));
            Assert.Equal(RulePack.Shipped[id].Levels.Length, speaker.Say(document).Count(sentence => sentence.Colour is not null));
            Assert.NotEmpty(drawn.FindAll("line, rect, circle, polyline, text"));
        }
    }

    [Fact]
    public void Every_complaint_of_the_parser_has_a_text_of_its_own()
    {
        var folder = Path.Combine(Root(), "src", "CommandCenter.Grains", "Rules");
        var messages = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is "AreaParsing.cs" || file.Contains("Parsing", StringComparison.Ordinal) || file.Contains("Kinds" + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            .SelectMany(file => Complaint().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value + match.Groups[2].Value)).Select(text => Hole().Replace(text.Replace("\\\"", "\"", StringComparison.Ordinal), "7")).Distinct().ToArray();

        Assert.True(messages.Length > 50, $"Only {messages.Length} complaints were found in the source.");
        Assert.All(messages, message => Assert.True(RuleFaults.IsKnown(message), message));
    }

    [Fact]
    public void The_forms_ask_for_every_parameter_of_every_kind_with_the_parsers_own_words()
    {
        string[] drawn = ["area", "circle", "polygon", "line", "crs"];
        foreach (var entry in RuleKinds.All.Where(entry => !entry.Parameters.IsEmpty))
        {
            var asked = RuleSchema.Of(entry.Word).ToDictionary(field => field.Name);
            Assert.Equal(entry.Parameters.Select(parameter => parameter.Name).Except(drawn).Order(), asked.Keys.Order());
            Assert.All(entry.Parameters.Where(parameter => parameter.Type == ParameterType.Word && !drawn.Contains(parameter.Name)), parameter =>
            {
                Assert.Equal(parameter.Words.Order(), asked[parameter.Name].Words.Order());
                Assert.Equal(parameter.Usual as string, asked[parameter.Name].Usual);
            });
            Assert.All(entry.Parameters.Where(parameter => !drawn.Contains(parameter.Name)), parameter => Assert.Equal(parameter.Needed, asked[parameter.Name].Needed));
        }
    }

    [Fact]
    public void Differences_are_said_field_by_field_in_words_and_what_means_the_same_is_none()
    {
        var words = RuleDeskFixture.Speak(this, "zh-CN");
        var desk = RuleDeskFixture.Desk();
        var diff = new RuleDiff(new RuleSpeaker(words, desk), desk, words);
        var before = RuleJson.Parse(RuleDeskFixture.Document("R01"));
        var after = RuleJson.Parse(RuleDeskFixture.Document("R01"));
        after["levels"]!["orange"]!["value"] = 180;
        after["levels"]!["red"]!.AsObject().Remove("incident");
        after["levels"]!["red"]!["incident"] = "suggest";
        after["offDelaySeconds"] = 300;
        after["select"]!["kinds"]!.AsArray().Add((System.Text.Json.Nodes.JsonNode)"river_gauge");
        after["strict"] = false;
        after["levels"]!.AsObject().Remove("blue");

        Assert.Equal(
            [
                new RuleDifference("levels.blue.value", "蓝色 · 界限", "100 mm", null), new RuleDifference("levels.blue.onDelaySeconds", "蓝色 · 持续多久才报", "2 分钟", null),
                new RuleDifference("levels.blue.incident", "蓝色 · 开事件", "只预警,不开事件", null), new RuleDifference("levels.orange.value", "橙色 · 界限", "200 mm", "180 mm"),
                new RuleDifference("levels.red.incident", "红色 · 开事件", "自动开事件", "建议开事件"), new RuleDifference("offDelaySeconds", "恢复多久才解除", "10 分钟", "5 分钟"),
                new RuleDifference("select.kinds", "设备种类", "积水监测", "积水监测、河道水位站"),
            ],
            diff.Between(before, after).OrderBy(one => one.Field.StartsWith("levels.blue", StringComparison.Ordinal) ? 0 : 1).ThenBy(one => one.Field switch { "select.kinds" => 9, "offDelaySeconds" => 8, _ => 1 }));
        Assert.Empty(diff.Between(before, before.DeepClone().AsObject()));
    }

    [Fact]
    public void The_list_is_cut_by_words_field_kind_and_marks_and_counts_what_each_mark_would_show()
    {
        RuleFilter? asked = null;
        var speaker = Speaker();
        RuleRow[] rows = [RuleDeskFixture.Row("R01", unsigned: 4), RuleDeskFixture.Row("R03"), RuleDeskFixture.Row("C1", changed: true)];
        var list = Render<RuleList>(parameters => parameters.AddCascadingValue(RuleDeskFixture.Desk()).Add(part => part.Rows, rows).Add(part => part.All, rows).Add(part => part.Filter, new RuleFilter())
            .Add(part => part.Speaker, speaker).Add(part => part.Now, DateTimeOffset.UnixEpoch).Add(part => part.Open, id => id.Value == "R03" ? 2 : 0).Add(part => part.OnFilter, next => asked = next));

        Assert.Equal("1", list.Find("[data-testid=mark-unsigned] b").TextContent);
        Assert.Equal("1", list.Find("[data-testid=mark-open] b").TextContent);
        Assert.Equal("≥ 250 mm", list.Find("[data-id=R01] .level.red").LastChild!.TextContent);
        list.Find("[data-testid=mark-ours]").Click();
        Assert.True(asked!.Changed);
        Assert.True(asked.Takes(rows[2], string.Empty, 0));
        Assert.False(asked.Takes(rows[0], string.Empty, 0));
        Assert.True(new RuleFilter { Text = "积水 r01" }.Takes(rows[0], "道路积水", 0));
        Assert.False(new RuleFilter { Topic = "weather" }.Takes(rows[0], string.Empty, 0));
        Assert.Equal(["R2", "R10", "C1", "X"], RuleFilter.Sort(((string[])["X", "C1", "R10", "R2"]).Select(id => rows[0] with { Id = new(id) })).Select(row => row.Id.Value));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
        {
            folder = folder.Parent;
        }

        return folder!.FullName;
    }

    // A word that the resources do not have stands for itself: letters with a point in the middle.
    [GeneratedRegex(@"\b[a-z]+(_[a-z]+)*\.[a-z_.]+|\{\d")]
    private static partial Regex MissingWord();

    [GeneratedRegex(@"(?:errors|Errors)\.Add\([^""]*?(?:""[^""]*""[^""]*?)??,\s*\$?""((?:[^""\\]|\\.)*)""|Complain\((?:[^;]*?),\s*\$?""((?:[^""\\]|\\.)*)""\);")]
    private static partial Regex Complaint();

    [GeneratedRegex(@"\{[^}""]*\}")]
    private static partial Regex Hole();
}
