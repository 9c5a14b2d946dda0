using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Rules;

/// <summary>Wires the room.</summary>
internal static class RulesRoom
{
    public static IServiceCollection AddRules(this IServiceCollection services)
    {
        services.AddSingleton<AreaFences>();
        services.AddOptions<RulesOptions>().BindConfiguration("Rules")
            .Validate(options => options.ApproverRoles.All(role => Enum.TryParse<Contracts.Role>(role, ignoreCase: true, out _)), "Rules:ApproverRoles must be names of roles")
            .Validate(options => options.ProposalsOpenMax is >= 1 and <= 10_000, "Rules:ProposalsOpenMax must be from 1 to 10000")
            .Validate(options => options.ShadowDaysMax is >= 1 and <= 90, "Rules:ShadowDaysMax must be from 1 to 90")
            .Validate(options => options.ShadowsMax is >= 0 and <= 50, "Rules:ShadowsMax must be from 0 to 50")
            .Validate(options => options.ShadowWarningsMax is >= 10 and <= 100_000, "Rules:ShadowWarningsMax must be from 10 to 100000")
            .ValidateOnStart();
        return services;
    }
}
