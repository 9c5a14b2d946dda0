using System.Text.RegularExpressions;

namespace Style.Tests;

/// <summary>Every stored or sent record carries an alias and explicit member numbers: otherwise the order of its parameters would be the contract.</summary>
public sealed partial class ContractIds
{
    [Fact]
    public void Every_serialised_type_has_an_alias_and_aliases_are_unique()
    {
        var aliases = new List<string>();
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Tree.Root, "src", "CommandCenter.Grains", "Contracts"), "*.cs", SearchOption.AllDirectories))
        {
            foreach (var line in File.ReadLines(file).Where(line => line.Contains("[GenerateSerializer", StringComparison.Ordinal)))
            {
                var alias = AliasText().Match(line);
                if (alias.Success)
                {
                    aliases.Add(alias.Groups[1].Value);
                }
                else
                {
                    wrong.Add($"{Path.GetFileName(file)}: {line.Trim()}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(aliases.Count, aliases.Distinct(StringComparer.Ordinal).Count());
    }

    [GeneratedRegex("""Alias\("([^"]+)"\)""")]
    private static partial Regex AliasText();
}
