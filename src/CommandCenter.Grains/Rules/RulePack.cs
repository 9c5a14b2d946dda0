using System.Collections.Immutable;
using System.Reflection;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Rules;

/// <summary>The shipped rules (Rules/Pack/*.json). They stand in for whatever the store does not hold yet, so a street judges right from its first second.</summary>
internal static class RulePack
{
    private const string Prefix = "RulePack.";

    /// <summary>The shipped documents by id, version 1.</summary>
    public static ImmutableSortedDictionary<string, RuleDefinition> Shipped { get; } = Load();

    /// <summary>The newest version of every rule: the stored ones, and the shipped ones that are not stored.</summary>
    public static async Task<ImmutableArray<RuleDefinition>> LoadNewestAsync(IRuleStore store)
    {
        var rules = Shipped.ToBuilder();
        foreach (var document in await store.LoadNewestAsync())
        {
            var parsed = RuleParsing.Parse(new(document.Id), document.Json, document.Version);
            rules[document.Id] = parsed.Rule ?? throw new InvalidOperationException(
                $"Stored rule {document.Id} version {document.Version} cannot be read: {string.Join("; ", parsed.Errors.Select(error => error.Key + " " + error.Value[0]))}");
        }

        return [.. rules.Values];
    }

    private static ImmutableSortedDictionary<string, RuleDefinition> Load()
    {
        var rules = ImmutableSortedDictionary.CreateBuilder<string, RuleDefinition>(StringComparer.Ordinal);
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var id = name[Prefix.Length..^".json".Length];
            var parsed = RuleParsing.Parse(new(id), reader.ReadToEnd(), 1);
            rules[id] = parsed.Rule ?? throw new InvalidOperationException(
                $"Shipped rule {id} is wrong: {string.Join("; ", parsed.Errors.Select(error => error.Key + " " + error.Value[0]))}");
        }

        return rules.ToImmutable();
    }
}
