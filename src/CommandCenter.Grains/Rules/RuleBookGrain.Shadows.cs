using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Rules;

// New versions that run beside those in force. The book keeps the orders; the streets run them and keep what they raise.
internal sealed partial class RuleBookGrain
{
    private const int ShadowsListedMax = 200;
    private const int OldWarningsMax = 5_000;
    private const int KeptOfResultMax = 100;

    private readonly SortedDictionary<string, StoredShadow> _shadows = new(StringComparer.Ordinal);

    public async Task<Outcome<RuleShadow>> StartShadowAsync(StartShadow command, Actor actor)
    {
        if (!actor.Has(Role.System))
        {
            return Outcome.Refused<RuleShadow>(Refusal.NotAllowed, "您的角色不能启动影子运行。");
        }

        var now = clock.Now;
        if (RuleBookDeciding.Wrong(new() { Rule = command.Rule, Document = command.Document, Why = command.Why }) is { } wrong)
        {
            return Outcome.Invalid<RuleShadow>(wrong);
        }

        if (command.Until <= now || command.Until > now.AddDays(options.Value.ShadowDaysMax))
        {
            return Outcome.Invalid<RuleShadow>("until", $"must be later than now, at most {options.Value.ShadowDaysMax} days");
        }

        var (rule, errors) = Read(command.Rule, command.Document);
        if (rule is null)
        {
            return Outcome.Invalid<RuleShadow>(errors.ToImmutableDictionary(error => "rule." + error.Key, error => error.Value));
        }

        if (rule.Area?.Scope == AreaScope.District)
        {
            return Outcome.Invalid<RuleShadow>("rule.parameters.scope", "a rule that is judged in the district cannot run as a shadow; one that is judged in the streets can");
        }

        if (ShadowOf(rule.Id) is { } running)
        {
            return running.Document == RuleParsing.WithVersion(rule) && running.Until == command.Until
                ? Outcome.Of(AsItStands(running), repeated: true)
                : Outcome.Refused<RuleShadow>(Refusal.NotInThisPhase, $"该规则已有影子运行 {running.Id},请先转正或撤除。");
        }

        if (_shadows.Values.Count(stored => stored.Shadow.State == ShadowState.Running) >= options.Value.ShadowsMax)
        {
            return Outcome.Refused<RuleShadow>(Refusal.Unprocessable, $"最多同时保留 {options.Value.ShadowsMax} 个影子运行,请先转正或撤除其一。");
        }

        var made = new RuleShadow
        {
            Id = RuleBookDeciding.NextId("s", now, _shadows.ContainsKey), Rule = rule.Id, State = ShadowState.Running, Document = RuleParsing.WithVersion(rule),
            BasedOn = InForce(rule.Id)?.Version ?? 0, From = now, Until = command.Until, By = actor.ToBy(), Why = RuleBookDeciding.Trimmed(command.Why), Revision = 1,
        };
        var stored = new StoredShadow(made, null);
        if (!await book.CommitAsync([Shelved(stored, now)], [ShadowAudit(actor, "rule_shadow_started", made, command.Why, now)]))
        {
            return Overtaken<RuleShadow>();
        }

        _shadows[made.Id] = stored;
        _shadowsDue = true;
        return await TryApplyAsync()
            ? Outcome.Of(AsItStands(made))
            : Outcome.Refused<RuleShadow>(Refusal.Unavailable, $"影子运行 {made.Id} 已保存,但尚有街道未开始;系统将自动重试。");
    }

    public async Task<ImmutableArray<RuleShadow>> ListShadowsAsync()
    {
        var listed = _shadows.Values.OrderBy(stored => stored.Shadow.State != ShadowState.Running).ThenByDescending(stored => stored.Shadow.From).Take(ShadowsListedMax)
            .Select(stored => AsItStands(stored.Shadow)).ToImmutableArray();
        if (listed.All(shadow => shadow.State is ShadowState.Promoted or ShadowState.Dropped))
        {
            return listed;
        }

        var faults = (await Task.WhenAll(areas.Streets.Select(async street => (street.Id, Faults: await FaultsOfAsync(street.Id))))).ToArray();
        return [.. listed.Select(shadow => faults.FirstOrDefault(street => street.Faults.ContainsKey(shadow.Id)) is { Faults: { } told } at && shadow.State is ShadowState.Running or ShadowState.Ended
            ? shadow with { State = ShadowState.Stopped, Fault = $"{at.Id}: {told[shadow.Id]}" } : shadow)];
    }

    public async Task<ShadowComparison?> CompareShadowAsync(string id, Actor actor)
    {
        if (!_shadows.TryGetValue(id ?? string.Empty, out var stored))
        {
            return null;
        }

        return stored.Shadow.State == ShadowState.Running ? await CompareAsync(stored.Shadow, actor) : InScope(stored, actor);
    }

    public async Task<Outcome<RuleChanged>> PromoteShadowAsync(string id, string why, int? expectedVersion, Actor actor)
    {
        if (Running(id, why, actor) is var (shadow, refusal) && shadow is null)
        {
            return new() { Refusal = refusal!.Refusal, Detail = refusal.Detail, Errors = refusal.Errors };
        }

        var now = clock.Now;
        var put = await PutAwayAsync(shadow!, ShadowState.Promoted, why, actor, now);
        var outcome = await ChangeAsync(
            new() { Rule = shadow!.Rule, Document = shadow.Document, Why = $"影子运行 {shadow.Id} 转正: {why.Trim()}", ExpectedVersion = expectedVersion ?? shadow.BasedOn },
            actor, "rule_shadow_promoted", [Shelved(put, now)]);
        if (IsStored(outcome))
        {
            _shadows[shadow.Id] = put;
            _shadowsDue = true;
            await TryApplyAsync();
        }

        return outcome;
    }

    public async Task<Outcome<RuleShadow>> DropShadowAsync(string id, string why, Actor actor)
    {
        if (Running(id, why, actor) is var (shadow, refusal) && shadow is null)
        {
            return refusal!;
        }

        var now = clock.Now;
        var put = await PutAwayAsync(shadow!, ShadowState.Dropped, why, actor, now);
        if (!await book.CommitAsync([Shelved(put, now)], [ShadowAudit(actor, "rule_shadow_dropped", shadow!, why, now)]))
        {
            return Overtaken<RuleShadow>();
        }

        _shadows[shadow!.Id] = put;
        _shadowsDue = true;
        await TryApplyAsync();
        return Outcome.Of(put.Shadow);
    }

    private (RuleShadow? Shadow, Outcome<RuleShadow>? Refusal) Running(string id, string why, Actor actor)
    {
        if (!_shadows.TryGetValue(id ?? string.Empty, out var stored))
        {
            return (null, Outcome.Refused<RuleShadow>(Refusal.NotFound));
        }

        if (!actor.Has(Role.System))
        {
            return (null, Outcome.Refused<RuleShadow>(Refusal.NotAllowed, "您的角色不能结束影子运行。"));
        }

        if (RuleBookDeciding.WrongWhy(why) is { } wrong)
        {
            return (null, Outcome.Invalid<RuleShadow>(wrong));
        }

        return stored.Shadow.State == ShadowState.Running ? (stored.Shadow, null) : (null, Outcome.Refused<RuleShadow>(Refusal.NotInThisPhase, "该影子运行已转正或撤除。"));
    }

    /// <summary>The run as it is when put away, with what is kept of its result.</summary>
    private async Task<StoredShadow> PutAwayAsync(RuleShadow shadow, ShadowState state, string why, Actor actor, DateTimeOffset now)
    {
        var result = await CompareAsync(shadow, Actor.System);
        var put = result.Shadow with { State = state, Decision = new(actor.ToBy(), now, why.Trim()), Revision = shadow.Revision + 1 };
        return new(put, result with
        {
            Shadow = put, Old = Kept(result.Old), New = Kept(result.New), OnlyOld = Kept(result.OnlyOld), OnlyNew = Kept(result.OnlyNew),
            Truncated = result.Truncated || result.Old.Length > KeptOfResultMax || result.New.Length > KeptOfResultMax,
        });
    }

    private async Task<ShadowComparison> CompareAsync(RuleShadow shadow, Actor actor)
    {
        var now = clock.Now;
        var to = shadow.Until < now ? shadow.Until : now;
        var answers = await Task.WhenAll(areas.Streets.Select(async street => (street.Id, Part: await PartOfAsync(street.Id, shadow.Id))));
        var old = await book.LoadWarningsAsync(shadow.Rule, shadow.From, to, OldWarningsMax + 1, actor);
        var parts = answers.Select(answer => answer.Part).OfType<ShadowPart>().ToArray();
        var stands = AsItStands(shadow);
        if (parts.FirstOrDefault(part => part.Fault is not null) is { } failed)
        {
            stands = stands with { State = ShadowState.Stopped, Fault = $"{failed.Street}: {failed.Fault}" };
        }

        return ShadowComparing.Compare(
            stands, now, [.. old.Take(OldWarningsMax).Select(ShadowComparing.Tell)], old.Length > OldWarningsMax, parts, [.. answers.Where(answer => answer.Part is null).Select(answer => answer.Id)], actor);
    }

    private async Task<ShadowPart?> PartOfAsync(AreaId street, string shadow)
    {
        try
        {
            return await GrainFactory.GetGrain<IStreetShadowing>(street.Value).GetShadowAsync(shadow);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Told in the answer as missing.
            LogNotTold(logger, failure, street.Value);
            return null;
        }
    }

    private async Task<ImmutableDictionary<string, string>> FaultsOfAsync(AreaId street)
    {
        try
        {
            return await GrainFactory.GetGrain<IStreetShadowing>(street.Value).GetShadowFaultsAsync();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogNotTold(logger, failure, street.Value);
            return ImmutableDictionary<string, string>.Empty;
        }
    }

    private static ShadowComparison? InScope(StoredShadow stored, Actor actor) => stored.Result is not { } result || actor.SeesWholeDistrict
        ? stored.Result
        : ShadowComparing.Within(result, actor);

    private static ImmutableArray<ShadowWarning> Kept(ImmutableArray<ShadowWarning> warnings) => warnings.Length <= KeptOfResultMax ? warnings : warnings[..KeptOfResultMax];

    private async Task LoadShadowsAsync(CancellationToken cancellation)
    {
        foreach (var document in await book.LoadNewestAsync(RuleShelf.Shadows, cancellation))
        {
            _shadows[document.Id] = Documents.Read<StoredShadow>(document.Json);
        }
    }

    /// <summary>The run of the rule that is not put away.</summary>
    private RuleShadow? ShadowOf(RuleId rule) => _shadows.Values.FirstOrDefault(stored => stored.Shadow.Rule == rule && stored.Shadow.State == ShadowState.Running)?.Shadow;

    private RuleShadow AsItStands(RuleShadow shadow) => shadow.State == ShadowState.Running && shadow.Until <= clock.Now ? shadow with { State = ShadowState.Ended } : shadow;

    private static (RuleShelf, StoredDocument) Shelved(StoredShadow stored, DateTimeOffset now) =>
        (RuleShelf.Shadows, new(stored.Shadow.Id, stored.Shadow.Revision, Documents.Write(stored), now, stored.Shadow.Decision?.By.Id ?? stored.Shadow.By.Id));

    private static AuditRow ShadowAudit(Actor actor, string action, RuleShadow shadow, string? why, DateTimeOffset at) =>
        new(at, actor.ToBy(), action, shadow.Rule.Value, RuleBookDeciding.Told(shadow.Id, why));

    [Microsoft.Extensions.Logging.LoggerMessage(Level = Microsoft.Extensions.Logging.LogLevel.Warning, Message = "Street {Street} did not tell of its shadow runs")]
    private static partial void LogNotTold(Microsoft.Extensions.Logging.ILogger logger, Exception failure, string street);
}
