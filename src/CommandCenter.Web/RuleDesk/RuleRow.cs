using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.RuleDesk;

/// <summary>One rule of the list: its document as it is in force, and what is known around it.</summary>
public sealed record RuleRow
{
    public required RuleId Id { get; init; }
    public required JsonObject Document { get; init; }
    public required Label Name { get; init; }
    public required string Kind { get; init; }
    public required string Topic { get; init; }
    public required int Version { get; init; }
    public required bool Enabled { get; init; }

    /// <summary>Thresholds that wait for a person who vouches for them (待校核).</summary>
    public int UnsignedThresholds { get; init; }

    /// <summary>False: as it was shipped.</summary>
    public required bool Changed { get; init; }
    public DateTimeOffset? ChangedAt { get; init; }
    public string? ChangedBy { get; init; }

    /// <summary>The run of a new version beside the one in force; null: none.</summary>
    public string? Shadow { get; init; }

    /// <summary>New versions that wait for a second person.</summary>
    public ImmutableArray<string> Proposals { get; init; } = [];

    public bool NeedsSigning => UnsignedThresholds > 0;

    public bool Waits => Shadow is not null || Proposals.Length > 0;

    public static RuleRow Of(RuleSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var json = RuleJson.Parse(summary.Document);
        return new()
        {
            Id = summary.Rule, Document = json, Name = RuleJson.Name(json, summary.Rule.Value), Kind = RuleJson.Kind(json), Topic = RuleTopics.Of(RuleJson.Text(json, "class")),
            Version = summary.Version, Enabled = RuleJson.Flag(json, "enabled", true), UnsignedThresholds = summary.UnsignedCount, Changed = summary.Changed || !summary.Shipped,
            ChangedAt = summary.At, ChangedBy = summary.ByName ?? summary.By, Shadow = summary.Shadow, Proposals = summary.Proposals,
        };
    }
}

/// <summary>What the list is cut to. Empty means everything.</summary>
public sealed record RuleFilter
{
    public string Text { get; init; } = string.Empty;
    public string? Topic { get; init; }
    public string? Kind { get; init; }
    public bool NeedsSigning { get; init; }
    public bool Disabled { get; init; }

    /// <summary>Null: all; true: changed here; false: as shipped.</summary>
    public bool? Changed { get; init; }
    public bool Open { get; init; }
    public bool Waiting { get; init; }

    public bool IsEmpty => this == new RuleFilter();

    /// <summary>Every word must be in the id, a name, the class or what is measured, in any case.</summary>
    public bool Takes(RuleRow row, string known, int open)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(known);
        return (Topic is null || row.Topic == Topic) && (Kind is null || row.Kind == Kind) && (!NeedsSigning || row.NeedsSigning) && (!Disabled || !row.Enabled)
            && (Changed is not { } changed || row.Changed == changed) && (!Open || open > 0) && (!Waiting || row.Waits)
            && Text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .All(word => row.Id.Value.Contains(word, StringComparison.OrdinalIgnoreCase) || known.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>R2 before R10, and the composites after the rules that they rest on.</summary>
    public static ImmutableArray<RuleRow> Sort(IEnumerable<RuleRow> rows) =>
        [.. rows.OrderBy(row => row.Id.Value is ['R', >= '0' and <= '9', ..] ? 0 : row.Id.Value is ['C', >= '0' and <= '9', ..] ? 1 : 2).ThenBy(row => row.Id.Value, StringComparer.Create(System.Globalization.CultureInfo.InvariantCulture, System.Globalization.CompareOptions.NumericOrdering))];
}
