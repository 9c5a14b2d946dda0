using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Officials;

public sealed class OfficialDecidingTests
{
    private static readonly DateTimeOffset Sent = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly RuleDefinition Rule = RulePack.Shipped["R57"];

    private static readonly OfficialWarning Orange = new()
    {
        Subject = "a/暴雨", Name = "暴雨", Colour = Colour.Orange, OnsetAt = Sent, SentAt = Sent, ExpiresAt = Sent.AddHours(6), Text = "橙色", Identifier = "a", Sender = "s",
    };

    [Fact]
    public void A_graver_update_speaks_up_again_whatever_was_acknowledged_or_silenced()
    {
        var known = Put(null, Orange)! with
        {
            Acknowledged = new("值班", Sent, null, Sent.AddHours(4)), CallingSince = Sent, Shelved = new("值班", Sent, Sent.AddHours(1), "检修"),
        };
        var red = Put(known, Orange with { Colour = Colour.Red, Identifier = "b", SentAt = Sent.AddMinutes(10) })!;
        Assert.Equal((known.Id, Colour.Red, 2), (red.Id, red.Colour, red.Version));
        Assert.Null(red.Acknowledged);
        Assert.Null(red.CallingSince);
        Assert.Null(red.Shelved);
        Assert.Equal([WarningChangeKind.Raised, WarningChangeKind.Upgraded], red.Changes.Select(change => change.Kind));
    }

    [Fact]
    public void The_same_document_again_changes_nothing() => Assert.Null(Put(Put(null, Orange), Orange));

    [Fact]
    public void A_cancellation_without_a_warning_is_nothing_and_one_with_it_ends_it()
    {
        Assert.Null(Put(null, Orange with { Cancelled = true }));
        Assert.Equal(WarningState.Cleared, Put(Put(null, Orange), Orange with { Cancelled = true, Identifier = "c" })!.State);
    }

    [Fact]
    public void A_rule_that_is_off_raises_nothing() => Assert.Null(OfficialDeciding.Put(null, Orange, new("320404"), Rule with { Enabled = false }, Sent));

    private static WarningView? Put(WarningView? known, OfficialWarning official) => OfficialDeciding.Put(known, official, new("320404"), Rule, Sent.AddMinutes(30));
}
