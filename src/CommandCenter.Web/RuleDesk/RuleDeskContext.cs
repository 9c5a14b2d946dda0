using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Texts;

namespace CommandCenter.Web.RuleDesk;

/// <summary>A plan that rules may name.</summary>
public sealed record PlanName(string Id, Label Name);

/// <summary>What every part of the rule desk needs to know: who works here, and the names of areas, vocabulary, plans and rules.</summary>
public sealed record RuleDeskContext(Actor Actor, ImmutableArray<AreaDescription> Areas, Vocabulary Vocabulary, ImmutableArray<PlanName> Plans)
{
    private readonly Dictionary<string, Label> _rules = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Label> Rules => _rules;

    public void Learn(IEnumerable<RuleRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        _rules.Clear();
        foreach (var row in rows)
        {
            _rules[row.Id.Value] = row.Name;
        }
    }

    public string AreaName(string id) => Areas.FirstOrDefault(area => area.Id.Value == id) is { } found ? Vocabulary.Say(found.Name) : id;

    public string RuleName(string id) => _rules.TryGetValue(id, out var name) ? $"{id} {Vocabulary.Say(name)}" : id;

    public string PlanName(string id) => Plans.FirstOrDefault(plan => plan.Id == id) is { } found ? $"{id} {Vocabulary.Say(found.Name)}" : id;
}
