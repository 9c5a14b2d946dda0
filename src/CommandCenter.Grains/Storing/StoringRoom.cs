using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CommandCenter.Grains.Storing;

/// <summary>Wires the room.</summary>
internal static class StoringRoom
{
    public static IServiceCollection AddStoring(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton<OperationsDatabase>()
            .AddHostedService<StoreOpening>()
            .AddSingleton<IRegistryStore, RegistryStore>()
            .AddSingleton<IRuleStore, RuleStore>()
            .AddSingleton<IRuleBookStore, RuleBookStore>()
            .AddSingleton<IPlanStore, PlanStore>()
            .AddSingleton<ICapStore, CapStore>()
            .AddSingleton<IUnitStore, UnitStore>()
            .AddSingleton<IWarningStore, WarningStore>()
            .AddSingleton<IMaintenanceStore, MaintenanceStore>()
            .AddSingleton<IQualityStore, QualityStore>()
            .AddSingleton<ISnapshotStore, SnapshotStore>()
            .AddSingleton<IIncidentStore, IncidentStore>()
            .AddSingleton<IClockStore, ClockStore>()
            .AddSingleton<IOutboxStore, OutboxStore>()
            .AddSingleton<IAuditStore, AuditStore>()
            .AddSingleton<ILedgerStore, LedgerStore>();
    }
}
