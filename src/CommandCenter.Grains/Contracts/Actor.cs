using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>What an actor may do. <c>Admin</c> holds every other role and exists in Development only.</summary>
public enum Role { Duty, Dispatcher, Leader, Responder, Gateway, System, Security, Audit, Admin }

/// <summary>Who acts: a person at a desk, a response unit, or the system itself.</summary>
public enum ActorKind { User, Unit, System }

/// <summary>The one on whose behalf a command or query runs; every one of them carries it. What lies outside the actor's scope does not exist for it.</summary>
[GenerateSerializer, Immutable, Alias("Actor")]
public sealed record Actor
{
    /// <summary>The rules, plans and clocks of the system itself; sees everything.</summary>
    public static readonly Actor System = new()
    {
        Id = "system", Name = "系统", Kind = ActorKind.System, Roles = [Role.Admin], SeesWholeDistrict = true,
    };

    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required ActorKind Kind { get; init; }
    [Id(3)] public ImmutableArray<Role> Roles { get; init; } = [];

    /// <summary>Streets and overlays the actor may see; unused when <see cref="SeesWholeDistrict"/>.</summary>
    [Id(4)] public ImmutableArray<AreaId> Areas { get; init; } = [];

    /// <summary>Units whose tasks the actor may act on. Empty and holding <see cref="Role.Dispatcher"/> or <see cref="Role.Gateway"/>: every unit in scope.</summary>
    [Id(5)] public ImmutableArray<ResponseUnitId> Units { get; init; } = [];

    [Id(6)] public bool SeesWholeDistrict { get; init; }

    /// <summary>Holds the role, or <see cref="Role.Admin"/>.</summary>
    public bool Has(Role role) => Roles.Contains(role) || Roles.Contains(Role.Admin);

    /// <summary>Whether records of the area, or of an overlay that it also belongs to, are in scope.</summary>
    public bool MaySee(AreaId area, ImmutableArray<AreaId> overlays = default)
    {
        if (SeesWholeDistrict || Areas.Contains(area))
        {
            return true;
        }

        return !overlays.IsDefault && overlays.Any(overlay => Areas.Contains(overlay));
    }

    /// <summary>The short form kept in timelines and audit rows.</summary>
    public By ToBy() => new(Kind, Id, Name);
}

/// <summary>Who did it, as kept in timelines.</summary>
[GenerateSerializer, Immutable, Alias("By")]
public sealed record By([property: Id(0)] ActorKind Kind, [property: Id(1)] string Id, [property: Id(2)] string Name);
