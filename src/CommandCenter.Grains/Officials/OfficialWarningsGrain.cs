using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Officials;

/// <summary>The desk of official warnings: a thin shell around <see cref="CapReading"/> and <see cref="CapDeciding"/>. The district holds the warnings; here is what was sent.</summary>
internal sealed partial class OfficialWarningsGrain(
    ICapStore store, IWarningStore warnings, AreaMap map, DomainClock clock, IOptions<GeographyOptions> geography, IOptions<OfficialsOptions> options, ILogger<OfficialWarningsGrain> logger)
    : Grain, IOfficialWarningsGrain
{
    private readonly Dictionary<string, CapRecord> _documents = [];

    // The newest record of each chain, and to which chain an identifier belongs.
    private readonly Dictionary<string, CapRecord> _chains = [];
    private readonly Dictionary<string, string> _chainOf = [];

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var document in (await store.LoadNewestAsync(cancellationToken)).OrderBy(document => document.At))
        {
            Remember(document.Id, Documents.Read<CapRecord>(document.Json));
        }
    }

    public async Task<Outcome<CapAnswer>> TakeAsync(ImmutableArray<byte> document, Actor actor)
    {
        // An official warning holds for the whole district, and so must whoever brings it.
        if (!actor.SeesWholeDistrict || (!actor.Has(Role.Gateway) && !actor.Has(Role.Duty) && !actor.Has(Role.Dispatcher) && !actor.Has(Role.System)))
        {
            return Outcome.Refused<CapAnswer>(Refusal.NotAllowed);
        }

        var read = CapReading.Read(document.AsSpan());
        if (read.Alert is not { } alert)
        {
            var said = string.Join("; ", read.Faults.OrderBy(fault => fault.Key, StringComparer.Ordinal).Select(fault => $"{fault.Key}: {string.Join(", ", fault.Value)}"));
            LogRefused(logger, actor.Id, said);
            return new() { Refusal = Refusal.Unprocessable, Detail = said, Errors = read.Faults };
        }

        var key = KeyOf(alert);
        if (_documents.TryGetValue(key, out var known))
        {
            return Outcome.Of(new CapAnswer(alert.Identifier, CapAction.Duplicate, known.Ids, known.Note), repeated: true);
        }

        var now = clock.Now;
        var before = ChainBefore(alert);
        var decision = CapDeciding.Decide(alert, before, map, now, options.Value.DefaultHours);

        // The district first: should this process die in between, the same document comes again and changes nothing twice.
        var district = GrainFactory.GetGrain<IDistrictGrain>(geography.Value.District);
        var ids = ImmutableArray.CreateBuilder<WarningId>();
        foreach (var official in decision.Warnings)
        {
            if (await district.PutOfficialAsync(official) is { } id)
            {
                ids.Add(id);
            }
        }

        var record = new CapRecord
        {
            Identifier = alert.Identifier,
            Sender = alert.Sender,
            Sent = alert.Sent,
            Chain = decision.Chain,
            Action = decision.Action,
            Note = decision.Note,
            Warnings = decision.Effect ? decision.Warnings : before?.Warnings ?? [],
            Ids = ids.ToImmutable(),
            Xml = Encoding.UTF8.GetString(document.AsSpan()),
        };
        var audit = new AuditRow(now, actor.ToBy(), "take_official_warning", key, $"{alert.Identifier} {decision.Action} {decision.Note}".Trim());
        await store.SaveAsync(new(key, 1, Documents.Write(record), now, actor.Id), audit);
        Remember(key, record);
        LogTaken(logger, alert.Identifier, decision.Action, record.Ids.Length, decision.Note);
        return Outcome.Of(new CapAnswer(alert.Identifier, decision.Action, record.Ids, decision.Note));
    }

    public async Task<string?> WriteAsync(WarningId warning, Actor actor) =>
        await warnings.FindAsync(warning) is { } found && found.State != WarningState.Pending && actor.MaySee(found.Area, found.Areas)
            ? CapWriting.Write(found, options.Value.SenderCode)
            : null;

    private CapRecord? ChainBefore(CapAlert alert)
    {
        foreach (var reference in alert.References)
        {
            if (_chainOf.TryGetValue(reference, out var chain))
            {
                return _chains[chain];
            }
        }

        // A cancellation or update may have come before what it follows.
        if (_chainOf.TryGetValue(alert.Identifier, out var named) && _chains.TryGetValue(named, out var overtaking))
        {
            return overtaking;
        }

        // The national form sometimes takes back without saying what: then it is the newest standing warning of this sender and event.
        if (alert.References.IsEmpty && alert.MessageType is CapMessageType.Cancel or CapMessageType.Update)
        {
            var names = alert.Infos.Select(info => CapEventCodes.Of(info).Name).ToHashSet(StringComparer.Ordinal);
            return _chains.Values.Where(record => record.Sender == alert.Sender && record.Warnings.Any(warning => !warning.Cancelled && names.Contains(warning.Name)))
                .MaxBy(record => record.Sent);
        }

        return null;
    }

    private void Remember(string key, CapRecord record)
    {
        _documents[key] = record with { Xml = string.Empty };
        _chainOf[record.Identifier] = record.Chain;

        // A chain that we know from an update only is found by the identifier that the update names, too.
        _chainOf.TryAdd(record.Chain, record.Chain);
        if (!_chains.TryGetValue(record.Chain, out var newest) || record.Sent >= newest.Sent)
        {
            _chains[record.Chain] = _documents[key];
        }
    }

    private static string KeyOf(CapAlert alert) =>
        "cap-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{alert.Sender}\n{alert.Identifier}")).AsSpan(0, 12));

    [LoggerMessage(Level = LogLevel.Information, Message = "Official document {Identifier}: {Action}, {Warnings} warnings {Note}")]
    private static partial void LogTaken(ILogger logger, string identifier, CapAction action, int warnings, string? note);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An official document from {By} is refused: {Faults}")]
    private static partial void LogRefused(ILogger logger, string by, string faults);
}
