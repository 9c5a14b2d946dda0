using System.Collections.Immutable;
using System.Reflection;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Rules;

/// <summary>The rules to judge by, and the stored documents that this program cannot read.</summary>
internal sealed record LoadedRules(ImmutableArray<RuleDefinition> Rules, ImmutableArray<StoredDocument> Unreadable);

/// <summary>The shipped rules (Rules/Pack/*.json). They stand in for whatever the store does not hold yet, so a street judges right from its first second.</summary>
internal static partial class RulePack
{
    private const string Prefix = "RulePack.";

    /// <summary>The shipped documents by id, version 1.</summary>
    public static ImmutableSortedDictionary<string, RuleDefinition> Shipped { get; } = Load();

    /// <summary>The newest version of every rule: the stored ones, and the shipped ones that are not stored or whose stored document cannot be read.
    /// One bad document costs one rule, never the street.</summary>
    public static async Task<LoadedRules> LoadNewestAsync(IRuleStore store, ILogger logger)
    {
        var rules = Shipped.ToBuilder();
        var unreadable = ImmutableArray.CreateBuilder<StoredDocument>();
        foreach (var document in await store.LoadNewestAsync())
        {
            var parsed = RuleParsing.Parse(new(document.Id), document.Json, document.Version);
            if (parsed.Rule is { } rule)
            {
                rules[document.Id] = rule;
            }
            else
            {
                unreadable.Add(document);
                LogUnreadable(logger, document.Id, document.Version, string.Join("; ", parsed.Errors.Select(error => error.Key + " " + error.Value[0])));
            }
        }

        return new([.. rules.Values], unreadable.ToImmutable());
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
