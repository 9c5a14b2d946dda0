using System.Collections.Immutable;
using System.Security.Claims;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Operators;

/// <summary>The actor inside a signed-in principal, and back. Pages read it from their authentication state, the HTTP interface from the request.</summary>
public static class ActorClaims
{
    private const string Name = "cc:name";
    private const string Kind = "cc:kind";
    private const string RoleWord = "cc:role";
    private const string Area = "cc:area";
    private const string Unit = "cc:unit";
    private const string Whole = "cc:whole";

    /// <summary>The one at the desk when nobody has to sign in: may do everything, and says so by name.</summary>
    public static Actor LocalDesk { get; } = new()
    {
        Id = "local", Name = "本机席位", Kind = ActorKind.User, Roles = [Role.Admin], SeesWholeDistrict = true,
    };

    public static ClaimsPrincipal ToPrincipal(Actor actor, string scheme)
    {
        ArgumentNullException.ThrowIfNull(actor);
        var identity = new ClaimsIdentity(scheme, ClaimTypes.NameIdentifier, RoleWord);
        identity.AddClaim(new(ClaimTypes.NameIdentifier, actor.Id));
        identity.AddClaim(new(Name, actor.Name));
        identity.AddClaim(new(Kind, actor.Kind.ToString()));
        identity.AddClaims(actor.Roles.Select(role => new Claim(RoleWord, role.ToString())));
        identity.AddClaims(actor.Areas.Select(area => new Claim(Area, area.Value)));
        identity.AddClaims(actor.Units.Select(unit => new Claim(Unit, unit.Value)));
        if (actor.SeesWholeDistrict)
        {
            identity.AddClaim(new(Whole, "true"));
        }

        return new ClaimsPrincipal(identity);
    }

    /// <summary>Null when nobody is signed in.</summary>
    public static Actor? FromPrincipal(ClaimsPrincipal? principal)
    {
        if (principal?.Identity is not { IsAuthenticated: true } || principal.FindFirst(ClaimTypes.NameIdentifier) is not { } id)
        {
            return null;
        }

        return new Actor
        {
            Id = id.Value,
            Name = principal.FindFirst(Name)?.Value ?? id.Value,
            Kind = Enum.TryParse<ActorKind>(principal.FindFirst(Kind)?.Value, out var kind) ? kind : ActorKind.User,
            Roles = [.. principal.FindAll(RoleWord).Select(claim => Enum.Parse<Role>(claim.Value))],
            Areas = [.. principal.FindAll(Area).Select(claim => new AreaId(claim.Value))],
            Units = [.. principal.FindAll(Unit).Select(claim => new ResponseUnitId(claim.Value))],
            SeesWholeDistrict = principal.HasClaim(Whole, "true"),
        };
    }

    /// <summary>The actor of a request that passed authorization.</summary>
    internal static Actor ActorOf(this HttpContext context) =>
        FromPrincipal(context.User) ?? throw new InvalidOperationException($"{context.Request.Path} was reached without an actor.");
}
