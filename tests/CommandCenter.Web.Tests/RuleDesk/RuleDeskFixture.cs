using System.Globalization;
using Bunit;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Web.RuleDesk;
using RuleWords = CommandCenter.Web.RuleDesk.RuleWords;
using CommandCenter.Web.Tests.Wall;
using CommandCenter.Web.Texts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace CommandCenter.Web.Tests.RuleDesk;

/// <summary>What every test of the rule desk stands on: the texts, the names of the pretended city, and the shipped rules as the book answers them.</summary>
internal static class RuleDeskFixture
{
    /// <summary>Every shipped rule in the form in which the book answers it.</summary>
    public static IEnumerable<string> ShippedIds => RulePack.Shipped.Keys;

    public static string Document(string id) => RuleParsing.WithVersion(RulePack.Shipped[id]);

    public static RuleRow Row(string id, int unsigned = 0, bool changed = false) => RuleRow.Of(new RuleSummary
    {
        Rule = new(id), Version = 1, Document = Document(id), At = PretendedCity.Now, By = "system", Shipped = true, Changed = changed, UnsignedCount = unsigned,
    });

    public static RuleDeskContext Desk()
    {
        var desk = new RuleDeskContext(Actor.System, PretendedCity.Areas, new Vocabulary(VocabularyDocument.Shipped), [new("P01", new("城市内涝", "Urban flooding"))]);
        desk.Learn(ShippedIds.Select(id => Row(id)));
        return desk;
    }

    public static IStringLocalizer<RuleWords> Speak(BunitContext context, string culture)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(culture);
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        context.Services.AddTexts();
        context.Services.AddLogging();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        return context.Services.GetRequiredService<IStringLocalizer<RuleWords>>();
    }

    /// <summary>The rule that the book would make of the draft.</summary>
    public static RuleParsed Parse(RuleDraft draft) => RuleParsing.Parse(new(draft.Id), draft.ToJson(), 1);
}
