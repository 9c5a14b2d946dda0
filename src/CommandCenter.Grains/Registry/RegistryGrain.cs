using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Registry;

/// <summary>The registry of devices: decide, store, tell the streets, tell every ingest node, and only then answer, so that an accepted device's next message counts.</summary>
internal sealed partial class RegistryGrain(
    AreaMap map, IRegistryStore store, ILedgerStore ledger, DomainClock clock, TimeProvider timers, IOptions<RegistryOptions> options, ILogger<RegistryGrain> log)
    : Grain, IRegistryGrain
{
    private const int ListLimit = 1000;

    private readonly RegistryOptions limits = options.Value;
    private RegistryState state = RegistryState.Empty;
    private ImmutableDictionary<DeviceId, BrokerAccount> accounts = ImmutableDictionary<DeviceId, BrokerAccount>.Empty;
    private Telling? telling;

    private Telling Everyone => telling ??= new(
        (street, devices, removed) => GrainFactory.GetGrain<IStreetGrain>(street.Value).ApplyDevicesAsync(devices, removed), limits, timers, log);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        state = RegistryState.From(await store.LoadAllAsync(cancellationToken));
        accounts = (await store.LoadAccountsAsync(cancellationToken)).ToImmutableDictionary(account => account.Device);
        LogLoaded(state.Devices.Count);
    }

    public async Task<Outcome<DeviceRegistration>> PutAsync(DeviceRegistration device, Actor actor) => (await PutManyAsync([device], actor))[0];

    public async Task<ImmutableArray<Outcome<DeviceRegistration>>> PutManyAsync(ImmutableArray<DeviceRegistration> devices, Actor actor)
    {
        if (devices.IsDefaultOrEmpty)
        {
            return [];
        }

        var now = clock.Now;
        var decision = Registering.Decide(state, devices, actor, map, limits.DevicesCountMax);
        if (decision.Changes.Length > 0)
        {
            await SaveAsync(decision.Changes, actor, now);
            state = decision.After;
        }

        var untold = decision.Changes.Concat(RepeatedUntold(decision)).ToList();
        return untold.Count == 0 || await Everyone.TellAsync(untold)
            ? decision.Answers
            : decision.Answers.Select(answer => answer.Succeeded
                ? Outcome.Refused<DeviceRegistration>(Refusal.Unavailable, "The device is stored, but its street does not answer; send it again.")
                : answer).ToImmutableArray();
    }

    public Task<DeviceRegistration?> GetAsync(DeviceId id, Actor actor) => Task.FromResult(Find(id, actor));

    public Task<ImmutableArray<DeviceRegistration?>> GetManyAsync(ImmutableArray<DeviceId> ids, Actor actor) => Task.FromResult(ids.Select(id => Find(id, actor)).ToImmutableArray());

    private DeviceRegistration? Find(DeviceId id, Actor actor) =>
        id.Value is not null && state.Devices.TryGetValue(id, out var device) && Registering.MaySee(actor, device) ? device : null;

    public Task<RegistrySnapshot?> FollowAsync(IRegistryObserver node, long knownSequence)
    {
        Everyone.Follow(node);
        return Task.FromResult(knownSequence == Everyone.Sequence ? null : new RegistrySnapshot(Everyone.Sequence, [.. state.Devices.Values]) { Accounts = [.. accounts.Values] });
    }

    public Task<ImmutableArray<DeviceSource>> SelectUnknownAsync(ImmutableArray<DeviceSource> sources) =>
        Task.FromResult(sources.Where(source => !state.Knows(source)).ToImmutableArray());

    public Task<DeviceFindings?> SearchAsync(DeviceSearch search, Actor actor) =>
        Task.FromResult(search.KnownSequence == Everyone.Sequence ? null : new DeviceFindings(Everyone.Sequence, Searching.Find(state, search, actor)));

    public async Task<Outcome<IssuedCredential>> IssueCredentialAsync(DeviceId device, GatewayRights? gateway, Actor actor)
    {
        // Rights that are not named stay, so they too must be the actor's to give: whoever holds the new secret has them.
        var allowed = Crediting.Decide(state, device, gateway ?? accounts.GetValueOrDefault(device)?.Gateway, actor);
        if (allowed.Value is not { } registered)
        {
            return new() { Refusal = allowed.Refusal, Detail = allowed.Detail, Errors = allowed.Errors };
        }

        var now = clock.Now;
        var secret = DeviceSecrets.Make();
        var account = Crediting.Renew(accounts.GetValueOrDefault(device), device, secret, DeviceSecrets.MakeSalt(), gateway, now);
        await SaveAsync(registered, account, new AuditRow(now, actor.ToBy(), "credential_issued", device.Value, $"version {account.Version}"));
        return Outcome.Of(new IssuedCredential(device, device.Value, secret, account.Version, now, account.Gateway));
    }

    public Task<CredentialState?> DescribeCredentialAsync(DeviceId device, Actor actor) => Task.FromResult(
        Crediting.Decide(state, device, null, actor).Value is not null && accounts.GetValueOrDefault(device) is { } account
            ? new CredentialState(device.Value, account.Version, account.IssuedAt, account.Hash.IsEmpty, account.Gateway)
            : null);

    public async Task<Outcome<DeviceId>> WithdrawCredentialAsync(DeviceId device, Actor actor)
    {
        var allowed = Crediting.Decide(state, device, null, actor);
        if (allowed.Value is not { } registered)
        {
            return new() { Refusal = allowed.Refusal, Detail = allowed.Detail, Errors = allowed.Errors };
        }

        if (accounts.GetValueOrDefault(device) is not { Hash.IsEmpty: false } account)
        {
            return Outcome.Of(device, repeated: true);
        }

        var now = clock.Now;
        var withdrawn = Crediting.Withdraw(account, now);
        await SaveAsync(registered, withdrawn, new AuditRow(now, actor.ToBy(), "credential_withdrawn", device.Value, $"version {withdrawn.Version}"));
        return Outcome.Of(device);
    }

    private async Task SaveAsync(DeviceRegistration device, BrokerAccount account, AuditRow audit)
    {
        try
        {
            await store.SaveAccountAsync(account, audit);
        }
        catch (Exception)
        {
            DeactivateOnIdle();
            throw;
        }

        accounts = accounts.SetItem(account.Device, account);
        await Everyone.TellAsync(device, account);
    }

    private async Task SaveAsync(ImmutableArray<RegistryChange> changes, Actor actor, DateTimeOffset now)
    {
        var by = actor.ToBy();
        try
        {
            await store.SaveAsync(
                [.. changes.Select(change => change.New)],
                [.. changes.Select(change => new AuditRow(now, by, change.Old is null ? "device_registered" : "device_changed", change.New.Id.Value, $"version {change.New.Version}"))]);
            await ForgetUnregisteredAsync([.. changes.Where(change => change.Old is null || change.Old.Source != change.New.Source).Select(change => Identity(change.New))]);
        }
        catch (Exception)
        {
            // What the store holds now is not known here, so the next call loads it again.
            DeactivateOnIdle();
            throw;
        }
    }

    private async Task ForgetUnregisteredAsync(ImmutableArray<DeviceSource> identities)
    {
        if (identities.Length > 1)
        {
            // An import of thousands meets a list that holds few of them, and each removal is a transaction of its own.
            var wanted = identities.ToHashSet();
            var listed = new List<DeviceSource>();
            string? cursor = null;
            do
            {
                var page = await ledger.ListUnregisteredAsync(ListLimit, cursor);
                listed.AddRange(page.Items.Select(device => new DeviceSource(device.Format, device.Key)).Where(wanted.Contains));
                cursor = page.Next;
            }
            while (cursor is not null);
            identities = [.. listed];
        }

        foreach (var identity in identities)
        {
            await ledger.ForgetUnregisteredAsync(identity.Format, identity.Key);
        }
    }

    private static DeviceSource Identity(DeviceRegistration device) => device.Source ?? new DeviceSource(PayloadFormats.Canonical, device.Id.Value);

    private IEnumerable<RegistryChange> RepeatedUntold(RegistryDecision decision) =>
        decision.Answers.Where(answer => answer is { Succeeded: true, Repeated: true } && !Everyone.HasTold(answer.Value!.Id)).Select(answer => new RegistryChange(null, state.Devices[answer.Value!.Id]));
}
