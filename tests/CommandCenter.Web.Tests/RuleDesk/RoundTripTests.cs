using System.Text.Json.Nodes;
using Bunit;
using CommandCenter.Grains.Rules;
using CommandCenter.Web.RuleDesk;
using Xunit;

namespace CommandCenter.Web.Tests.RuleDesk;

/// <summary>What a form cannot show, and what it shows and nobody touches, leaves it as it came.</summary>
public sealed class RoundTripTests : BunitContext
{
    public static TheoryData<string> Shipped => [.. RuleDeskFixture.ShippedIds];

    private IRenderedComponent<RuleForm> Open(RuleDraft draft)
    {
        var speaker = new RuleSpeaker(RuleDeskFixture.Speak(this, "zh-CN"), RuleDeskFixture.Desk());
        return Render<RuleForm>(parameters => parameters.AddCascadingValue(RuleDeskFixture.Desk()).Add(form => form.Draft, draft).Add(form => form.Speaker, speaker));
    }

    [Theory, MemberData(nameof(Shipped))]
    public void A_shipped_rule_that_is_opened_and_saved_untouched_is_the_same_rule(string id)
    {
        var draft = RuleDraft.Edit(id, RuleDeskFixture.Document(id), 1);
        Open(draft);

        Assert.False(draft.IsChanged);
        Assert.Equal(RulePack.Shipped[id].Canonical, RuleDeskFixture.Parse(draft).Rule?.Canonical);
    }

    [Theory, MemberData(nameof(Shipped))]
    public void A_colour_that_is_taken_away_and_put_back_brings_everything_back(string id)
    {
        var draft = RuleDraft.Edit(id, RuleDeskFixture.Document(id), 1);
        Open(draft);
        foreach (var (_, word, _) in RuleJson.Levels(draft.Document).ToArray())
        {
            draft.SetColour(word, on: false);
            draft.SetColour(word, on: true);
        }

        Assert.Equal(RulePack.Shipped[id].Canonical, RuleDeskFixture.Parse(draft).Rule?.Canonical);
    }

    [Theory, MemberData(nameof(Shipped))]
    public void A_changed_field_changes_that_field_only(string id)
    {
        var draft = RuleDraft.Edit(id, RuleDeskFixture.Document(id), 1);
        var form = Open(draft);
        form.Find("[data-field='offDelaySeconds'] input").Change("7");
        form.Find("[data-field='offDelaySeconds'] select").Change("60");

        var expected = JsonNode.Parse(RulePack.Shipped[id].Canonical)!.AsObject();
        expected["offDelaySeconds"] = 420;
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(RuleDeskFixture.Parse(draft).Rule!.Canonical)), draft.ToJson());
    }

    [Fact]
    public void A_number_that_cannot_be_read_stays_as_typed_with_its_fault_and_the_document_keeps_the_last_one()
    {
        var draft = RuleDraft.Edit("R01", RuleDeskFixture.Document("R01"), 1);
        var form = Open(draft);
        form.Find("[data-field='levels.red.value'] input").Change("25o");

        Assert.Equal("25o", form.Find("[data-field='levels.red.value'] input").GetAttribute("value"));
        Assert.Equal("请填数字", form.Find("[data-field='levels.red.value'] .fault").TextContent);
        Assert.Equal(250, RuleJson.Number(RuleJson.Object(RuleJson.Object(draft.Document, "levels"), "red"), "value"));
        Assert.Equal(["levels.red.value"], draft.Unread);

        form.Find("[data-field='levels.red.value'] input").Change("255");
        Assert.Empty(form.FindAll(".fault"));
        Assert.Equal(255, RuleDeskFixture.Parse(draft).Rule!.Levels[^1].Value);
    }

    [Fact]
    public void A_complaint_of_the_server_stands_at_its_field_in_the_language_of_the_screen_and_one_without_a_field_above_the_form()
    {
        var draft = RuleDraft.Edit("R01", RuleDeskFixture.Document("R01"), 1);
        var form = Open(draft);
        draft.SetNumber(draft.Document["levels"]!["red"]!.AsObject(), "value", "levels.red.value", "90");
        draft.Faults.Add(RuleDeskFixture.Parse(draft).Errors);
        draft.Faults.Add("somewhere.else", "unknown field");
        form.Render();

        Assert.Equal("须 ≥ 较轻颜色的界限", form.Find("[data-fault='levels.red.value']").TextContent);
        Assert.Contains("somewhere.else", form.Find(".fault.above").TextContent, StringComparison.Ordinal);
        Assert.Equal("2 处需要修改", form.Find("[data-testid=fault-count]").TextContent);
    }

    [Theory]
    [InlineData("threshold")]
    [InlineData("rate")]
    [InlineData("window")]
    [InlineData("event")]
    [InlineData("absence")]
    [InlineData("stuck")]
    [InlineData("geofence")]
    [InlineData("baseline")]
    [InlineData("count")]
    [InlineData("composite")]
    public void Every_kind_has_a_form_whose_open_questions_stand_at_fields_that_can_be_filled_in(string kind)
    {
        var draft = RuleDraft.Fresh(kind);
        draft.Name("X-1");
        var form = Open(draft);
        draft.Faults.Add(RuleDeskFixture.Parse(draft).Errors);
        form.Render();

        Assert.Empty(form.FindAll(".fault.above"));
        Assert.NotNull(form.Find($"[data-testid=rule-form][data-kind={kind}]"));
    }

    [Fact]
    public void A_copy_begins_switched_off_and_without_a_name_of_its_own()
    {
        var copy = RuleDraft.CopyOf(RuleJson.Parse(RuleDeskFixture.Document("R06")));
        Assert.True(copy.IsNew);
        Assert.Equal(string.Empty, copy.Id);
        Assert.False(RuleJson.Flag(copy.Document, "enabled", true));
        copy.Name("R06-b");
        Assert.Equal("tag:warning_level_400", RuleDeskFixture.Parse(copy).Rule!.Overrides.Keys.Last());
    }
}
