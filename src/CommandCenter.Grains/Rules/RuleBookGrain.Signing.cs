using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Rules;

// Who answers for thresholds without a verified basis. The signatures of a rule are one document beside it; a version that changes a threshold takes its signature away
// in the transaction that stores the version.
internal sealed partial class RuleBookGrain
{
    private readonly Dictionary<string, (int Version, ImmutableArray<RuleSignature> Signatures)> _signatures = new(StringComparer.Ordinal);

    public Task<RuleThresholds?> GetThresholdsAsync(RuleId id) => Task.FromResult(InForce(id) is { } rule ? ThresholdsOf(rule) : null);

    public Task<ImmutableArray<RuleThresholds>> ListUnsignedAsync() =>
        Task.FromResult<ImmutableArray<RuleThresholds>>([.. _rules.Values.Select(ThresholdsOf).Where(rule => rule.UnsignedCount > 0)]);

    public async Task<Outcome<RuleThresholds>> SignAsync(SignThresholds command, Actor actor)
    {
        if (InForce(command.Rule) is not { } rule)
        {
            return Outcome.Refused<RuleThresholds>(Refusal.NotFound);
        }

        var now = clock.Now;
        var signed = RuleSigning.Sign(rule, SignaturesOf(rule.Id.Value), command, actor, now);
        if (!signed.Succeeded)
        {
            return new() { Refusal = signed.Refusal, Detail = signed.Detail, Errors = signed.Errors };
        }

        var document = Shelved(rule.Id, signed.Value, actor.Id, now);
        var audit = new AuditRow(now, actor.ToBy(), "rule_signed", rule.Id.Value, $"{string.Join(", ", command.Paths)}: {command.Basis.Trim()}");
        if (!await book.CommitAsync([document], [audit]))
        {
            return Overtaken<RuleThresholds>();
        }

        TakeSignatures([document]);
        return Outcome.Of(ThresholdsOf(rule));
    }

    private RuleThresholds ThresholdsOf(RuleDefinition rule) =>
        new(rule.Id, rule.Version, rule.Name, rule.Unverified, RuleSigning.Thresholds(rule, SignaturesOf(rule.Id.Value)));

    private ImmutableArray<RuleSignature> SignaturesOf(string rule) => _signatures.TryGetValue(rule, out var known) ? known.Signatures : [];

    /// <summary>What must be stored with a new version because thresholds have changed: the signatures that stay, and who lost theirs.</summary>
    private (ImmutableArray<(RuleShelf, StoredDocument)> Documents, ImmutableArray<AuditRow> Audit) Lapse(RuleDefinition rule, StoredDocument version)
    {
        var before = SignaturesOf(rule.Id.Value);
        var fitting = RuleSigning.Fitting(rule, before);
        var gone = before.RemoveAll(signature => fitting.Contains(signature));
        return gone.IsEmpty
            ? ([], [])
            : ([Shelved(rule.Id, fitting, version.By, version.At)],
                [new(version.At, Actor.System.ToBy(), "rule_signature_lapsed", rule.Id.Value, $"version {rule.Version}: {string.Join(", ", gone.Select(signature => $"{signature.Path} ({signature.By.Name})"))}")]);
    }

    private void TakeSignatures(ImmutableArray<(RuleShelf Shelf, StoredDocument Document)> documents)
    {
        foreach (var (_, document) in documents)
        {
            _signatures[document.Id] = (document.Version, Documents.Read<ImmutableArray<RuleSignature>>(document.Json));
        }
    }

    private async Task LoadSignaturesAsync(CancellationToken cancellation) =>
        TakeSignatures([.. (await book.LoadNewestAsync(RuleShelf.Signatures, cancellation)).Select(document => (RuleShelf.Signatures, document))]);

    private (RuleShelf, StoredDocument) Shelved(RuleId rule, ImmutableArray<RuleSignature> signatures, string by, DateTimeOffset at) =>
        (RuleShelf.Signatures, new(rule.Value, (_signatures.TryGetValue(rule.Value, out var known) ? known.Version : 0) + 1, Documents.Write(signatures), at, by));
}
