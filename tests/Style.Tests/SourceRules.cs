using System.Text.RegularExpressions;

namespace Style.Tests;

/// <summary>What no source file may hold.</summary>
public sealed partial class SourceRules
{
    private static readonly string[] Folders = ["src", "tests", "maps", "docs"];

    private static readonly string[] Extensions = [".cs", ".razor", ".css", ".ts", ".mjs", ".json", ".md", ".sh", ".csproj", ".props", ".targets"];

    [Fact]
    public void No_file_keeps_a_note_to_do_later()
    {
        Assert.Empty(Find(LaterNote(), [".cs", ".razor", ".ts", ".css", ".sh"]));
    }

    [Fact]
    public void Colours_are_written_in_the_tokens_only()
    {
        var wrong = Find(HexColour(), [".razor", ".css", ".ts"])
            .Where(line => !line.StartsWith(Path.Combine("src", "CommandCenter.Web", "Styles", "tokens.css"), StringComparison.Ordinal))
            .ToList();

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public void No_file_names_a_path_of_a_machine_or_the_host_of_a_registry()
    {
        Assert.Empty(Find(MachinePath(), Extensions));
    }

    [Fact]
    public void No_failure_is_swallowed_without_a_word()
    {
        Assert.Empty(Find(EmptyCatch(), [".cs"]));
    }

    private static List<string> Find(Regex pattern, string[] extensions) =>
    [
        .. Folders.Select(folder => Path.Combine(Tree.Root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Where(file => extensions.Contains(Path.GetExtension(file)) && !IsBuilt(file) && Path.GetFileName(file) != "SourceRules.cs" && !file.EndsWith(".test.ts", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(file)
                .Select((line, index) => (line, index))
                .Where(item => pattern.IsMatch(item.line))
                .Select(item => $"{Path.GetRelativePath(Tree.Root, file)}:{item.index + 1}: {item.line.Trim()}")),
    ];

    private static bool IsBuilt(string file) =>
        file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules" or "built");

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex LaterNote();

    [GeneratedRegex(@"(?<![&\w/])#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b(?!;?\s*\{)")]
    private static partial Regex HexColour();

    [GeneratedRegex(@"(?<![\w.])/(?:work|farm)/[a-z]|registry\.npmjs|api\.nuget\.org", RegexOptions.IgnoreCase)]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"catch\s*(\([^)]*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();
}
