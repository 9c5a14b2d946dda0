using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>How the rule book is run (configuration section <c>Rules</c>).</summary>
public sealed class RulesOptions
{
    /// <summary>A change of a rule becomes a proposal and waits for a second person; default false.</summary>
    public bool ApprovalRequired { get; set; }

    /// <summary>Roles that may approve a proposal; never its author. Default: Leader and System. A configured list replaces it.</summary>
    public string[] ApproverRoles { get; set; } = [];

    /// <summary>Proposals that may wait at once, 1 to 10,000; default 200. A further one is refused until one is decided.</summary>
    public int ProposalsOpenMax { get; set; } = 200;

    /// <summary>The longest shadow run, 1 to 90 days; default 14. A longer one is refused.</summary>
    public int ShadowDaysMax { get; set; } = 14;

    /// <summary>Shadow runs not put away, 0 to 50; default 5. Each costs every street what its rule costs once more; a further one is refused.</summary>
    public int ShadowsMax { get; set; } = 5;

    /// <summary>Warnings of one shadow run kept by each street, 10 to 100,000; default 1,000. Further ones are counted, not listed, and the comparison says so.</summary>
    public int ShadowWarningsMax { get; set; } = 1_000;

    internal ImmutableArray<Role> Approvers =>
        ApproverRoles.Length == 0 ? [Role.Leader, Role.System] : [.. ApproverRoles.Select(role => Enum.Parse<Role>(role, ignoreCase: true)).Distinct()];
}
