using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Warnings;

/// <summary>Keeps the maintenance windows and has every street hold a change before it answers. One writer, so that numbers are given once.</summary>
internal sealed class MaintenanceGrain(IMaintenanceStore store, AreaMap map, DomainClock clock, IOptions<WarningsOptions> options) : Grain, IMaintenanceGrain
{
    // China keeps one offset the whole year.
    private static readonly TimeSpan Shanghai = TimeSpan.FromHours(8);

    private readonly Dictionary<string, MaintenanceWindow> _windows = new(StringComparer.Ordinal);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var window in MaintenanceBook.Read(await store.LoadNewestAsync(cancellationToken)))
        {
            _windows[window.Id] = window;
        }
    }

    public async Task<Outcome<MaintenanceWindow>> CreateAsync(MaintenanceWindow window, Actor actor)
    {
        if (!MayChange(actor))
        {
            return Outcome.Refused<MaintenanceWindow>(Refusal.NotAllowed, "您的角色不能设置检修窗口。");
        }

        var now = clock.Now;
        var errors = MaintenanceBook.Check(window, now, options.Value);
        var areas = Scope(window.Areas, actor);
        if (areas is null)
        {
            errors = errors.SetItem("areas", ["names an area that is not there or not yours"]);
        }

        if (!errors.IsEmpty)
        {
            return Outcome.Invalid<MaintenanceWindow>(errors);
        }

        var made = window with { Id = NextId(now), Areas = areas!.Value, By = actor.Id, At = now, EndedAt = null, EndedBy = null, Version = 1 };
        await SaveAsync(made, actor, "maintenance_created", now);
        return Outcome.Of(MaintenanceBook.At(made, now));
    }

    public async Task<Outcome<MaintenanceWindow>> EndAsync(string id, Actor actor)
    {
        if (!_windows.TryGetValue(id, out var window) || !MaintenanceBook.MaySee(actor, window))
        {
            return Outcome.Refused<MaintenanceWindow>(Refusal.NotFound);
        }

        if (!MayChange(actor))
        {
            return Outcome.Refused<MaintenanceWindow>(Refusal.NotAllowed, "您的角色不能结束检修窗口。");
        }

        var now = clock.Now;
        if (window.EndsAt <= now)
        {
            return Outcome.Of(MaintenanceBook.At(window, now), repeated: true);
        }

        var ended = window with { EndedAt = now, EndedBy = actor.Id, Version = window.Version + 1 };
        await SaveAsync(ended, actor, "maintenance_ended", now);
        return Outcome.Of(MaintenanceBook.At(ended, now));
    }

    public Task<MaintenanceWindow?> GetAsync(string id, Actor actor) => Task.FromResult(
        _windows.TryGetValue(id, out var window) && MaintenanceBook.MaySee(actor, window) ? MaintenanceBook.At(window, clock.Now) : null);

    public Task<ImmutableArray<MaintenanceWindow>> ListAsync(ImmutableArray<MaintenanceState> states, Actor actor)
    {
        var now = clock.Now;
        return Task.FromResult<ImmutableArray<MaintenanceWindow>>(
        [
            .. _windows.Values.Where(window => MaintenanceBook.MaySee(actor, window))
                .Select(window => MaintenanceBook.At(window, now))
                .Where(window => states.IsDefaultOrEmpty || states.Contains(window.State))
                .OrderByDescending(window => window.From).ThenByDescending(window => window.Id, StringComparer.Ordinal)
                .Take(MaintenanceBook.ListedMax),
        ]);
    }

    private static bool MayChange(Actor actor) => actor.Has(Role.Duty) || actor.Has(Role.Dispatcher) || actor.Has(Role.Leader) || actor.Has(Role.System);

    /// <summary>The areas by our own codes, the district as its streets; null: one is not there or not the actor's. Who has a part of the district covers that part only.</summary>
    private ImmutableArray<AreaId>? Scope(ImmutableArray<AreaId> wanted, Actor actor)
    {
        var named = ImmutableArray.CreateBuilder<AreaId>();
        foreach (var area in wanted.IsDefaultOrEmpty && !actor.SeesWholeDistrict ? actor.Areas : wanted.IsDefault ? [] : wanted)
        {
            if (map.Find(area) is not { } known)
            {
                return null;
            }

            if (known.Id == map.District.Id && actor.SeesWholeDistrict)
            {
                named.Add(known.Id);
                named.AddRange(map.Streets.Select(street => street.Id));
            }
            else if (actor.MaySee(known.Id))
            {
                named.Add(known.Id);
            }
            else
            {
                return null;
            }
        }

        return [.. named.Distinct()];
    }

    private string NextId(DateTimeOffset now)
    {
        var day = string.Create(CultureInfo.InvariantCulture, $"m-{now.ToOffset(Shanghai):yyyyMMdd}-");
        var number = 1;
        while (_windows.ContainsKey(day + number.ToString("000", CultureInfo.InvariantCulture)))
        {
            number++;
        }

        return day + number.ToString("000", CultureInfo.InvariantCulture);
    }

    private async Task SaveAsync(MaintenanceWindow window, Actor actor, string action, DateTimeOffset now)
    {
        await store.SaveAsync(MaintenanceBook.Write(window, now, actor.Id), new(now, actor.ToBy(), action, window.Id, window.Reason));
        _windows[window.Id] = window;
        await Task.WhenAll(
            map.Streets.Select(street => GrainFactory.GetGrain<IStreetGrain>(street.Id.Value).ApplyMaintenanceAsync())
                .Append(GrainFactory.GetGrain<IDistrictGrain>(map.District.Id.Value).ApplyMaintenanceAsync()));
    }
}
