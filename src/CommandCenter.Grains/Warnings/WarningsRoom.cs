using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Warnings;

/// <summary>Wires the room.</summary>
internal static class WarningsRoom
{
    public static IServiceCollection AddWarnings(this IServiceCollection services)
    {
        services.AddOptions<WarningsOptions>().BindConfiguration("Warnings")
            .Validate(options => options.AcknowledgeMinutes is >= 1 and <= 1440, "Warnings:AcknowledgeMinutes must be from 1 to 1440")
            .Validate(options => options.ShelveDaysMax is >= 1 and <= 30, "Warnings:ShelveDaysMax must be from 1 to 30")
            .Validate(options => options.MaintenanceDaysMax is >= 1 and <= 90, "Warnings:MaintenanceDaysMax must be from 1 to 90")
            .Validate(options => options.CoolDownMinutes is >= 0 and <= 60, "Warnings:CoolDownMinutes must be from 0 to 60")
            .Validate(options => options.RedToShiftLeaderMinutes is >= 1 and <= 1440, "Warnings:RedToShiftLeaderMinutes must be from 1 to 1440")
            .Validate(
                options => options.RedToDutyLeaderMinutes <= 1440 && options.RedToDutyLeaderMinutes > options.RedToShiftLeaderMinutes,
                "Warnings:RedToDutyLeaderMinutes must be more than RedToShiftLeaderMinutes, at most 1440")
            .Validate(options => options.OrangeToShiftLeaderMinutes is >= 1 and <= 1440, "Warnings:OrangeToShiftLeaderMinutes must be from 1 to 1440")
            .Validate(
                options => options.OrangeToDutyLeaderMinutes <= 1440 && options.OrangeToDutyLeaderMinutes > options.OrangeToShiftLeaderMinutes,
                "Warnings:OrangeToDutyLeaderMinutes must be more than OrangeToShiftLeaderMinutes, at most 1440")
            .Validate(options => options.EscalationNoticesMax is >= 1 and <= 100, "Warnings:EscalationNoticesMax must be from 1 to 100")
            .Validate(options => options.EscalationsPerTickMax is >= 1 and <= 10_000, "Warnings:EscalationsPerTickMax must be from 1 to 10000")
            .Validate(options => options.FloodWindowMinutes is >= 1 and <= 60, "Warnings:FloodWindowMinutes must be from 1 to 60")
            .Validate(options => options.FloodAbove is >= 1 and <= 1000, "Warnings:FloodAbove must be from 1 to 1000")
            .Validate(options => options.FloodBelow >= 1 && options.FloodBelow <= options.FloodAbove, "Warnings:FloodBelow must be from 1 to FloodAbove")
            .Validate(options => options.RingRepeatSeconds is >= 5 and <= 600, "Warnings:RingRepeatSeconds must be from 5 to 600")
            .Validate(options => options.RingPauseSeconds is >= 1 and <= 60, "Warnings:RingPauseSeconds must be from 1 to 60")
            .Validate(options => options.FloodRingSeconds is >= 30 and <= 3600, "Warnings:FloodRingSeconds must be from 30 to 3600")
            .ValidateOnStart();
        services.AddOptions<BackTestOptions>().BindConfiguration("BackTests")
            .Validate(options => options.DaysMax is >= 1 and <= 36_500, "BackTests:DaysMax must be from 1 to 36500")
            .Validate(options => options.DevicesMax is >= 1 and <= 10_000, "BackTests:DevicesMax must be from 1 to 10000")
            .Validate(options => options.AtOnceMax is >= 1 and <= 16, "BackTests:AtOnceMax must be from 1 to 16")
            .ValidateOnStart();
        services.AddSingleton<BackTestPlaces>();
        return services;
    }
}
