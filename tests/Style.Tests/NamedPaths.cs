using System.Text.RegularExpressions;

namespace Style.Tests;

/// <summary>A document that names a file which is not there misleads the next reader.</summary>
public sealed partial class NamedPaths
{
    [Theory]
    [InlineData("ARCHITECTURE.md")]
    [InlineData("README.md")]
    [InlineData("README.zh-CN.md")]
    [InlineData("docs/benchmarks.md")]
    [InlineData("maps/README.md")]
    public void Every_path_that_a_document_names_exists(string document)
    {
        var text = File.ReadAllText(Path.Combine(Tree.Root, document));
        var missing = PathText().Matches(text)
            .Select(match => match.Groups[1].Value.TrimEnd('/', '.'))
            .Distinct(StringComparer.Ordinal)
            .Where(path => !Path.Exists(Path.Combine(Tree.Root, path)))
            .ToList();

        Assert.True(missing.Count == 0, $"{document} names what is not there: {string.Join(", ", missing)}");
    }

    [Fact]
    public void Every_link_between_documents_leads_somewhere()
    {
        var wrong = new List<string>();
        foreach (var document in Directory.EnumerateFiles(Tree.Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Tree.Root, "docs"), "*.md", SearchOption.AllDirectories)))
        {
            foreach (Match link in LinkText().Matches(File.ReadAllText(document)))
            {
                var target = link.Groups[1].Value;
                if (!target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#')
                    && !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target.Split('#')[0])))
                {
                    wrong.Add($"{Path.GetRelativePath(Tree.Root, document)} → {target}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [GeneratedRegex(@"`((?:src|tests|maps|docs)/[\w./-]+)`")]
    private static partial Regex PathText();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex LinkText();
}
