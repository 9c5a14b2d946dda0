using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Officials;

/// <summary>A document as it is kept, with what it meant when it came.</summary>
internal sealed record CapRecord
{
    public required string Identifier { get; init; }
    public required string Sender { get; init; }
    public required DateTimeOffset Sent { get; init; }

    /// <summary>The first document of the chain of updates.</summary>
    public required string Chain { get; init; }
    public required CapAction Action { get; init; }

    /// <summary>Why it raised nothing; null: it did.</summary>
    public string? Note { get; init; }

    /// <summary>The warnings of the chain as they stand after this document.</summary>
    public ImmutableArray<OfficialWarning> Warnings { get; init; } = [];
    public ImmutableArray<WarningId> Ids { get; init; } = [];

    /// <summary>The document itself.</summary>
    public required string Xml { get; init; }
}
