using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>The text timelines under Rules/Cases.</summary>
public sealed class RuleCaseTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Rules", "Cases");

    public static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Directory.GetFiles(Folder, "*.case").Order(StringComparer.Ordinal))
        {
            foreach (var scenario in CaseFile.Read(file))
            {
                data.Add(Path.GetFileName(file), scenario.Name);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_timeline_gives_the_changes_that_it_says(string file, string name)
    {
        var scenario = CaseFile.Read(Path.Combine(Folder, file)).Single(candidate => candidate.Name == name);

        var (changes, _) = scenario.Play(ticks: true);

        Assert.Equal(scenario.Expected, changes);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Ticking_each_second_or_only_at_the_end_leads_to_the_same_warnings(string file, string name)
    {
        var scenario = CaseFile.Read(Path.Combine(Folder, file)).Single(candidate => candidate.Name == name);

        var (_, ticked) = scenario.Play(ticks: true);
        var (_, unticked) = scenario.Play(ticks: false);

        Assert.Equal(ticked.Select(Facts), unticked.Select(Facts));
    }

    [Fact]
    public void Every_shipped_rule_has_a_timeline()
    {
        var rules = RulePack.Shipped.Keys.ToHashSet(StringComparer.Ordinal);
        var cases = Directory.GetFiles(Folder, "*.case").Select(file => Path.GetFileNameWithoutExtension(file)!).ToHashSet(StringComparer.Ordinal);

        Assert.Empty(rules.Except(cases));
    }

    private static object Facts(WarningView warning) =>
        (warning.Id, warning.State, warning.Colour, warning.PeakColour, warning.OnsetAt, warning.RaisedAt, warning.ClearedAt, warning.RecoveredAt);
}
