using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;

namespace CommandCenter.Grains.Dispatching;

/// <summary>The response units of the district and how many tasks bind each now. Choosing one here binds it for the next choice.</summary>
internal sealed class UnitRoster
{
    private readonly ImmutableArray<ResponseUnit> units;
    private readonly Dictionary<ResponseUnitId, int> bound;
    private readonly AreaId district;

    public UnitRoster(ImmutableArray<ResponseUnit> units, ImmutableDictionary<ResponseUnitId, ImmutableArray<TaskId>> binding, AreaId district)
    {
        this.units = [.. units.OrderBy(unit => unit.Id.Value, StringComparer.Ordinal)];
        bound = binding.ToDictionary(pair => pair.Key, pair => pair.Value.Length);
        this.district = district;
    }

    public ResponseUnit? Find(ResponseUnitId id) => units.FirstOrDefault(unit => unit.Id == id);

    /// <summary>The nearest enabled unit of the role that serves the place and has a hand free; else why there is none.</summary>
    public (UnitChoice? Choice, string? Shortfall) Choose(string role, IncidentView incident)
    {
        var ofRole = units.Where(unit => unit.Role == role).ToImmutableArray();
        var serving = ofRole.Where(unit => unit.Enabled && Serves(unit, incident)).ToImmutableArray();
        var free = serving.Where(HasRoom).ToImmutableArray();
        if (free.IsEmpty)
        {
            return (null, ofRole.IsEmpty ? $"没有登记“{RoleNames.Of(role)}”类处置单位。"
                : serving.IsEmpty ? $"“{RoleNames.Of(role)}”类的 {ofRole.Length} 个单位都不服务本板块或已停用。"
                : $"服务本板块的 {serving.Length} 个“{RoleNames.Of(role)}”单位都已满负荷。");
        }

        var chosen = free
            .Select(unit => (Unit: unit, DistanceM: Distance(unit, incident)))
            .OrderBy(candidate => candidate.DistanceM ?? int.MaxValue)
            .ThenBy(candidate => candidate.Unit.Area == incident.Area ? 0 : 1)
            .ThenBy(candidate => candidate.Unit.Id.Value, StringComparer.Ordinal)
            .First();
        Bind(chosen.Unit.Id);
        return (new UnitChoice(chosen.Unit.Id, chosen.Unit.Name, chosen.DistanceM, Why(chosen.Unit, chosen.DistanceM, free.Length)), null);
    }

    /// <summary>A unit that a person named instead; or what speaks against it.</summary>
    public (UnitChoice? Choice, Decision? Flaw) Take(ResponseUnitId id, string role, IncidentView incident, string field)
    {
        if (Find(id) is not { } unit)
        {
            return (null, Decision.Invalid(field, $"没有单位 {id}。"));
        }

        if (!unit.Enabled)
        {
            return (null, Decision.Invalid(field, $"单位 {unit.Name} 已停用。"));
        }

        if (role.Length > 0 && unit.Role != role)
        {
            return (null, Decision.Invalid(field, $"{unit.Name}不是“{RoleNames.Of(role)}”类单位。"));
        }

        if (!HasRoom(unit))
        {
            return (null, Decision.Refused(Refusal.Unprocessable, $"{unit.Name}已满负荷({Bound(unit.Id)}/{unit.Capacity})。"));
        }

        Bind(id);
        return (new UnitChoice(id, unit.Name, Distance(unit, incident), "由派遣人员指定。"), null);
    }

    private void Bind(ResponseUnitId id) => bound[id] = Bound(id) + 1;

    private int Bound(ResponseUnitId id) => bound.GetValueOrDefault(id);

    private bool HasRoom(ResponseUnit unit) => Bound(unit.Id) < unit.Capacity;

    private bool Serves(ResponseUnit unit, IncidentView incident) =>
        unit.Area == district || unit.Area == incident.Area || unit.Area == incident.Owner || incident.Areas.Contains(unit.Area);

    private static int? Distance(ResponseUnit unit, IncidentView incident) =>
        unit is { Longitude: { } unitLongitude, Latitude: { } unitLatitude } && incident is { Longitude: { } longitude, Latitude: { } latitude }
            ? (int)Math.Round(CoordinateSystems.DistanceM(unitLongitude, unitLatitude, longitude, latitude))
            : null;

    private string Why(ResponseUnit unit, int? distanceM, int among)
    {
        var place = unit.Area == district ? "服务全区" : "服务本板块";
        var near = distanceM is { } metres
            ? among > 1 ? $"距现场 {metres} 米,{among} 个可派单位中最近" : $"距现场 {metres} 米"
            : "位置未知";
        return $"{place},{near},在办 {Bound(unit.Id) - 1}/{unit.Capacity}。";
    }
}

/// <summary>The words of plans for who does it, in Chinese. An unknown role is shown as it is written.</summary>
internal static class RoleNames
{
    private static readonly ImmutableDictionary<string, string> Known = ImmutableDictionary<string, string>.Empty
        .Add("duty_desk", "城运值班").Add("traffic_police", "交警").Add("street_enforcement", "街道综合执法").Add("drainage", "排水管理")
        .Add("urban_management", "城管").Add("community_grid", "社区网格").Add("power_lighting", "供电照明").Add("fire_rescue", "消防救援").Add("health", "卫健急救")
        .Add("gas_company", "燃气企业").Add("police", "公安").Add("housing_construction", "住建").Add("environment", "环保应急监测")
        .Add("micro_fire_station", "微型消防站").Add("water_company", "供水企业").Add("property", "物业").Add("elevator_maintenance", "电梯维保")
        .Add("grid_rescue_station", "网格救援站").Add("market_supervision", "市场监管").Add("sanitation", "环卫").Add("system_check", "城运复核");

    public static string Of(string role) => Known.GetValueOrDefault(role, role);
}
