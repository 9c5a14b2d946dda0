using CommandCenter.Grains.Storing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Tests.Storing;

/// <summary>Every store over one empty database, which goes with it.</summary>
internal sealed class OpenStore : IAsyncDisposable
{
    public OpenStore(StoringOptions options)
    {
        Options = options;
        Database = new OperationsDatabase(Microsoft.Extensions.Options.Options.Create(options), TimeProvider.System, NullLogger<OperationsDatabase>.Instance);
        Registry = new RegistryStore(Database);
        Rules = new RuleStore(Database);
        RuleBook = new RuleBookStore(Database);
        Plans = new PlanStore(Database);
        Units = new UnitStore(Database);
        Warnings = new WarningStore(Database);
        Snapshots = new SnapshotStore(Database);
        Incidents = new IncidentStore(Database);
        Clocks = new ClockStore(Database);
        Outbox = new OutboxStore(Database);
        Audit = new AuditStore(Database);
        Ledger = new LedgerStore(Database, Microsoft.Extensions.Options.Options.Create(options));
    }

    public StoringOptions Options { get; }
    public OperationsDatabase Database { get; }
    public IRegistryStore Registry { get; }
    public IRuleStore Rules { get; }
    public IRuleBookStore RuleBook { get; }
    public IPlanStore Plans { get; }
    public IUnitStore Units { get; }
    public IWarningStore Warnings { get; }
    public ISnapshotStore Snapshots { get; }
    public IIncidentStore Incidents { get; }
    public IClockStore Clocks { get; }
    public IOutboxStore Outbox { get; }
    public IAuditStore Audit { get; }
    public ILedgerStore Ledger { get; }

    /// <summary>A store in an SQLite file of a new folder.</summary>
    public static OpenStore InFolder() => new(new() { DataDirectory = Directory.CreateTempSubdirectory("commandcenter-store-").FullName });

    public ValueTask DisposeAsync()
    {
        if (Options.Provider == StoreProvider.Sqlite)
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(Options.DataDirectory, recursive: true);
        }

        return ValueTask.CompletedTask;
    }
}
