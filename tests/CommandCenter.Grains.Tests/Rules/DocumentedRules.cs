using System.Text.Json;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>The rule documents that docs/rules.md shows, so that what is documented is what works.</summary>
internal static class DocumentedRules
{
    public static List<(string Id, string Document)> All()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "docs", "rules.md")))
        {
            folder = folder.Parent;
        }

        var text = File.ReadAllText(Path.Combine(folder!.FullName, "docs", "rules.md"));
        var examples = new List<(string, string)>();
        foreach (var block in text.Split("```json").Skip(1).Select(part => part.Split("```")[0]))
        {
            var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(block), new JsonReaderOptions { AllowMultipleValues = true });
            while (reader.Read())
            {
                using var document = JsonDocument.ParseValue(ref reader);
                if (document.RootElement.TryGetProperty("kind", out _))
                {
                    examples.Add((document.RootElement.GetProperty("id").GetString()!, document.RootElement.GetRawText()));
                }
            }
        }

        return examples;
    }
}
