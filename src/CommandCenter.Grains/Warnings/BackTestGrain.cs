using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace CommandCenter.Grains.Warnings;

/// <summary>Tries a rule on the stored past, on a thread of its own, through the same machine that judges the present. A few run at once; further ones are told to come again.</summary>
[Reentrant]
internal sealed partial class BackTestGrain(
    IRuleStore rules, IRegistryStore registry, AreaFences fences, DomainClock clock, IOptions<BackTestOptions> options, IOptions<HistoryOptions> history, BackTestPlaces places, ILogger<BackTestGrain> logger) : Grain, IBackTestGrain, IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private BackTestOrder? _order;
    private Task<Outcome<BackTestAnswer>>? _running;
    private BackTestProgress? _progress;

    public async Task<BackTestState> StartAsync(BackTestOrder order, Actor actor)
    {
        if (_running is not null)
        {
            return _order == order ? State() : new(0, null, Outcome.Refused<BackTestAnswer>(Refusal.NotInThisPhase));
        }

        _order = order;
        var (prepared, refusal) = await PrepareAsync(order, actor);
        if (prepared is null)
        {
            _running = Task.FromResult(refusal!);
        }
        else if (!places.TryEnter())
        {
            _running = Task.FromResult(Outcome.Refused<BackTestAnswer>(Refusal.Unavailable, $"{options.Value.AtOnceMax} back-tests run already"));
        }
        else
        {
            var past = GrainFactory.GetGrain<IReadingHistoryGrain>(0);
            _running = Task.Run(() => RunAsync(prepared, past));
        }

        return State();
    }

    public async Task<BackTestState> WaitAsync()
    {
        DelayDeactivation(TimeSpan.FromMinutes(5));
        if (_running is { IsCompleted: false } running)
        {
            await ((Task)running).WaitAsync(WaitMax).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }

        return State();
    }

    public Task CancelAsync() => _stop.CancelAsync();

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        if (_running is { } running)
        {
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _stop.Dispose();

    private BackTestState State() => new(
        Volatile.Read(ref _progress)?.Taken ?? 0, Volatile.Read(ref _progress)?.ReachedAt,
        _running switch
        {
            { IsCompletedSuccessfully: true } => _running.GetAwaiter().GetResult(),
            { IsCanceled: true } => Outcome.Refused<BackTestAnswer>(Refusal.NotInThisPhase, "cancelled"),
            { IsFaulted: true } => Outcome.Refused<BackTestAnswer>(Refusal.Unavailable, "the history does not answer"),
            _ => null,
        });

    private async Task<(Prepared? Prepared, Outcome<BackTestAnswer>? Refusal)> PrepareAsync(BackTestOrder order, Actor actor)
    {
        if (!actor.Has(Role.Duty) && !actor.Has(Role.Dispatcher) && !actor.Has(Role.Leader) && !actor.Has(Role.System))
        {
            return (null, Outcome.Refused<BackTestAnswer>(Refusal.NotAllowed));
        }

        if (order.From >= order.To)
        {
            return (null, Outcome.Invalid<BackTestAnswer>("to", "must be later than from"));
        }

        if (order.To - order.From > TimeSpan.FromDays(options.Value.DaysMax))
        {
            return (null, Outcome.Invalid<BackTestAnswer>("from", $"at most {options.Value.DaysMax} days"));
        }

        var (rule, wrong) = await FindRuleAsync(order);
        if (rule is null)
        {
            return (null, wrong);
        }

        if (rule.Kind is RuleKind.Count or RuleKind.Composite)
        {
            return (null, Outcome.Refused<BackTestAnswer>(Refusal.Unprocessable, "rule.kind: a rule over several devices cannot be tried on the past yet"));
        }

        if (history.Value.Provider == HistoryProvider.InfluxDb && RuleKinds.Of(rule.Kind).Feed != RuleFeed.Readings)
        {
            // Silence instead of an answer: events and positions are not read back from InfluxDB, and "no warnings" would be a false calm.
            return (null, Outcome.Refused<BackTestAnswer>(Refusal.Unprocessable, "rule.kind: with History:Provider InfluxDb only rules of readings can be tried on the past"));
        }

        var (devices, refused) = await FindDevicesAsync(order, rule, actor);
        return devices.IsEmpty && refused is not null ? (null, refused) : (new(rule, devices, order.From, order.To, Quantities(rule, devices)), null);
    }

    private async Task<(RuleDefinition? Rule, Outcome<BackTestAnswer>? Refusal)> FindRuleAsync(BackTestOrder order)
    {
        if (order.Document is { } document)
        {
            var parsed = RuleParsing.Parse(order.Rule ?? new("tried"), document, 1);
            return parsed.Rule is { } tried
                ? (tried, null)
                : (null, Outcome.Invalid<BackTestAnswer>(parsed.Errors.ToImmutableDictionary(error => "rule." + error.Key, error => error.Value)));
        }

        var known = (await RulePack.LoadNewestAsync(rules, logger)).Rules.FirstOrDefault(rule => rule.Id == order.Rule);
        return known is null ? (null, Outcome.Invalid<BackTestAnswer>("rule", $"there is no rule {order.Rule}")) : (known, null);
    }

    private async Task<(ImmutableArray<DeviceRegistration> Devices, Outcome<BackTestAnswer>? Refusal)> FindDevicesAsync(BackTestOrder order, RuleDefinition rule, Actor actor)
    {
        if (order.Devices.Length > options.Value.DevicesMax)
        {
            return ([], Outcome.Invalid<BackTestAnswer>("devices", $"at most {options.Value.DevicesMax}"));
        }

        if (order.Devices.IsEmpty)
        {
            var selected = (await registry.LoadAllAsync()).Where(device => actor.MaySee(device.Street, device.Areas) && rule.Select.Matches(device)).ToImmutableArray();
            return selected.Length <= options.Value.DevicesMax
                ? (selected, selected.IsEmpty ? Outcome.Invalid<BackTestAnswer>("devices", "the rule selects no device") : null)
                : ([], Outcome.Invalid<BackTestAnswer>("devices", $"the rule selects {selected.Length}; name at most {options.Value.DevicesMax}"));
        }

        var devices = ImmutableArray.CreateBuilder<DeviceRegistration>();
        foreach (var id in order.Devices.Distinct())
        {
            if (await registry.FindAsync(id) is { } device && actor.MaySee(device.Street, device.Areas))
            {
                devices.Add(device);
            }
            else
            {
                return ([], Outcome.Invalid<BackTestAnswer>("devices", $"there is no device {id}"));
            }
        }

        return (devices.ToImmutable(), null);
    }

    private async Task<Outcome<BackTestAnswer>> RunAsync(Prepared prepared, IReadingHistoryGrain history)
    {
        try
        {
            var told = new Progress(progress => Volatile.Write(ref _progress, progress));
            var result = await BackTest.RunAsync(
                [prepared.Rule], prepared.Devices, ReadAsync(prepared, history), prepared.From, End(prepared), told, fences, _stop.Token);
            return Outcome.Of(new BackTestAnswer(result.Evaluated, [.. result.Warnings.Select(Tell)]));
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or OutOfMemoryException))
        {
            LogFailed(logger, failure, prepared.Rule.Id.Value);
            return Outcome.Refused<BackTestAnswer>(Refusal.Unavailable, "the history does not answer");
        }
        finally
        {
            places.Leave();
        }
    }

    // The streets one after the other: what one device does changes nothing for a device of another street.
    private async IAsyncEnumerable<IngestBatch> ReadAsync(Prepared prepared, IReadingHistoryGrain history)
    {
        foreach (var street in prepared.Devices.GroupBy(device => device.Street).OrderBy(group => group.Key.Value, StringComparer.Ordinal))
        {
            await foreach (var batch in history.ReadPastAsync(
                street.Key, [.. street.Select(device => device.Id)], prepared.Quantities, prepared.From - WarmUp(prepared.Rule), prepared.To).WithCancellation(_stop.Token))
            {
                yield return batch;
            }
        }
    }

    /// <summary>Holds that began before the end may fall due up to now, as they have in life; nothing is known of what comes.</summary>
    private DateTimeOffset End(Prepared prepared) => prepared.To < clock.Now ? prepared.To : clock.Now;

    /// <summary>What fills windows and baselines before the beginning.</summary>
    private static TimeSpan WarmUp(RuleDefinition rule)
    {
        var longest = TimeSpan.FromDays(2);
        foreach (var condition in rule.Conditions)
        {
            var need = condition.Own switch
            {
                BaselineParameters => TimeSpan.FromDays(42),
                WindowParameters window => TimeSpan.FromMilliseconds(window.ViewsMs.Max()),
                RateParameters rate => TimeSpan.FromMilliseconds(rate.LookBackMs),
                _ => TimeSpan.Zero,
            };
            longest = need > longest ? need : longest;
        }

        return longest;
    }

    /// <summary>What the rule looks at; whether a device was silent every one of its readings tells.</summary>
    private static ImmutableArray<QuantityId> Quantities(RuleDefinition rule, ImmutableArray<DeviceRegistration> devices) => RuleKinds.Of(rule.Kind).Feed == RuleFeed.Silence
        ? [.. QuantityKinds.All.Select(kind => kind.Id).Concat(devices.SelectMany(device => device.Quantities.Select(quantity => quantity.Name))).Distinct()]
        :
    [
        .. rule.Conditions.Select(condition => condition.Quantity).Append(rule.Quantity).OfType<QuantityId>().Concat(rule.Guards.Select(guard => guard.Quantity)).Distinct(),
    ];

    private static TriedWarning Tell(BackTestWarning warning) => new()
    {
        Rule = warning.Rule, Subject = warning.Subject, Colour = warning.Colour, OnsetAt = warning.OnsetAt, RaisedAt = warning.RaisedAt, ClearedAt = warning.ClearedAt,
        Changes = [.. warning.Changes.Select(change => new TriedChange(change.At, change.Colour))],
    };

    private sealed record Prepared(RuleDefinition Rule, ImmutableArray<DeviceRegistration> Devices, DateTimeOffset From, DateTimeOffset To, ImmutableArray<QuantityId> Quantities);

    private sealed class Progress(Action<BackTestProgress> take) : IProgress<BackTestProgress>
    {
        public void Report(BackTestProgress value) => take(value);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The back-test of rule {Rule} ended without a result")]
    private static partial void LogFailed(ILogger logger, Exception failure, string rule);
}
