using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Dispatching;

/// <summary>Plans and units over their stores. One grain holds it, so versions are given in order.</summary>
internal sealed class PlanBook(IPlanStore plans, IUnitStore units, IncidentSetting setting)
{
    private const int IdLengthMax = 64;
    private const int NameLengthMax = 100;
    private const int CapacityMax = 1_000;

    private readonly SortedDictionary<string, string> newest = new(StringComparer.Ordinal);

    public async Task LoadAsync(DateTimeOffset now)
    {
        newest.Clear();
        foreach (var stored in await plans.LoadNewestAsync())
        {
            newest[stored.Id] = stored.Json;
        }

        if (newest.Count == 0)
        {
            foreach (var (id, document) in ShippedPlans.Plans())
            {
                await StoreAsync(new PlanId(id), 1, document, Actor.System, now);
            }
        }

        if ((await units.LoadAllAsync()).IsEmpty)
        {
            foreach (var unit in ShippedPlans.Units())
            {
                await units.SaveAsync(unit, new AuditRow(now, Actor.System.ToBy(), "unit.ship", unit.Id.Value, null));
            }
        }
    }

    public ImmutableArray<string> List() => [.. newest.Values];

    public string? Find(PlanId id) => id.Value is null ? null : newest.GetValueOrDefault(id.Value);

    public async Task<Outcome<string>> PutPlanAsync(PlanId id, string document, Actor actor, DateTimeOffset now)
    {
        if (!(actor.Has(Role.System) || actor.Has(Role.Dispatcher)))
        {
            return Outcome.Refused<string>(Refusal.NotAllowed, "您的角色不能修改预案。");
        }

        if (!IsId(id.Value))
        {
            return Outcome.Invalid<string>("id", $"1 至 {IdLengthMax} 个字母、数字、- 或 _。");
        }

        var known = Find(id);
        var version = known is null ? 1 : PlanDocuments.Head(known).Version + 1;
        var parsed = PlanParsing.Parse(id, version, document);
        if (!parsed.Succeeded)
        {
            return new Outcome<string> { Refusal = parsed.Refusal, Detail = parsed.Detail, Errors = parsed.Errors };
        }

        return known is not null && PlanDocuments.SameContent(known, document, id)
            ? Outcome.Of(known, repeated: true)
            : Outcome.Of(await StoreAsync(id, version, document, actor, now));
    }

    public async Task<Outcome<ResponseUnit>> PutUnitAsync(ResponseUnit unit, Actor actor, DateTimeOffset now)
    {
        if (!(actor.Has(Role.System) || actor.Has(Role.Dispatcher) || actor.Has(Role.Duty)))
        {
            return Outcome.Refused<ResponseUnit>(Refusal.NotAllowed, "您的角色不能修改处置单位。");
        }

        var errors = Check(unit);
        if (!errors.IsEmpty)
        {
            return Outcome.Invalid<ResponseUnit>(errors);
        }

        if (!MaySee(unit, actor) || (unit.Area == setting.District && !actor.SeesWholeDistrict))
        {
            return Outcome.Refused<ResponseUnit>(Refusal.NotFound);
        }

        var known = (await units.LoadAllAsync()).FirstOrDefault(other => other.Id == unit.Id);
        if (known is not null && known == unit with { Version = known.Version })
        {
            return Outcome.Of(known, repeated: true);
        }

        var stored = unit with { Version = (known?.Version ?? 0) + 1 };
        await units.SaveAsync(stored, new AuditRow(now, actor.ToBy(), "unit.put", unit.Id.Value, null));
        return Outcome.Of(stored);
    }

    public async Task<ImmutableArray<ResponseUnitView>> ListUnitsAsync(Actor actor)
    {
        var binding = await units.LoadBindingTasksAsync();
        return
        [
            .. (await units.LoadAllAsync()).Where(unit => MaySee(unit, actor)).OrderBy(unit => unit.Id.Value, StringComparer.Ordinal)
                .Select(unit => new ResponseUnitView(unit, binding.GetValueOrDefault(unit.Id, []))),
        ];
    }

    /// <summary>A unit that serves the whole district can be sent by every street, so every street sees it.</summary>
    private bool MaySee(ResponseUnit unit, Actor actor) => unit.Area == setting.District || actor.MaySee(unit.Area) || actor.Units.Contains(unit.Id);

    private async Task<string> StoreAsync(PlanId id, int version, string document, Actor actor, DateTimeOffset now)
    {
        var stamped = PlanDocuments.Stamp(document, id, version);
        await plans.SaveAsync(new StoredDocument(id.Value, version, stamped, now, actor.Id), new AuditRow(now, actor.ToBy(), "plan.put", id.Value, $"version {version}"));
        newest[id.Value] = stamped;
        return stamped;
    }

    private ImmutableDictionary<string, ImmutableArray<string>> Check(ResponseUnit unit)
    {
        var errors = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>();
        if (!IsId(unit.Id.Value))
        {
            errors["id"] = [$"1 至 {IdLengthMax} 个字母、数字、- 或 _。"];
        }

        if (string.IsNullOrWhiteSpace(unit.Name) || unit.Name.Length > NameLengthMax)
        {
            errors["name"] = [$"必填,最多 {NameLengthMax} 字。"];
        }

        if (string.IsNullOrWhiteSpace(unit.Role) || unit.Role.Length > NameLengthMax)
        {
            errors["role"] = [$"必填,最多 {NameLengthMax} 字。"];
        }

        if (!setting.Owners.Contains(unit.Area))
        {
            errors["area"] = ["没有这个板块。"];
        }

        if (unit.Capacity is < 1 or > CapacityMax)
        {
            errors["capacity"] = [$"为 1 至 {CapacityMax}。"];
        }

        if (unit.Longitude is null != unit.Latitude is null || unit.Longitude is not (null or (>= -180 and <= 180)) || unit.Latitude is not (null or (>= -90 and <= 90)))
        {
            errors["lon"] = ["经度和纬度须同时给出,并在范围之内。"];
        }

        return errors.ToImmutable();
    }

    private static bool IsId(string? id) =>
        id is { Length: > 0 and <= IdLengthMax } && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
