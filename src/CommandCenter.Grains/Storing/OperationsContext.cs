using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CommandCenter.Grains.Storing;

/// <summary>The tables of the operations store. The two derived contexts exist because EF keeps one set of migrations per context type.</summary>
internal abstract partial class OperationsContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<DeviceRow> Devices => Set<DeviceRow>();
    public DbSet<BrokerAccountRow> BrokerAccounts => Set<BrokerAccountRow>();
    public DbSet<DocumentRow> Documents => Set<DocumentRow>();
    public DbSet<UnitRow> Units => Set<UnitRow>();
    public DbSet<WarningRow> Warnings => Set<WarningRow>();
    public DbSet<SnapshotRow> Snapshots => Set<SnapshotRow>();
    public DbSet<IncidentRow> Incidents => Set<IncidentRow>();
    public DbSet<IncidentEventRow> IncidentEvents => Set<IncidentEventRow>();
    public DbSet<IncidentSourceRow> IncidentSources => Set<IncidentSourceRow>();
    public DbSet<TaskRow> Tasks => Set<TaskRow>();
    public DbSet<ClockRow> Clocks => Set<ClockRow>();
    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();
    public DbSet<AuditEntryRow> Audit => Set<AuditEntryRow>();
    public DbSet<StoredPersonRow> Persons => Set<StoredPersonRow>();
    public DbSet<NumberRow> Numbers => Set<NumberRow>();
    public DbSet<RejectionRow> Rejections => Set<RejectionRow>();
    public DbSet<RejectionTotalRow> RejectionTotals => Set<RejectionTotalRow>();
    public DbSet<UnregisteredRow> Unregistered => Set<UnregisteredRow>();
    public DbSet<KeptMessageRow> KeptMessages => Set<KeptMessageRow>();
    public DbSet<WrongClockRow> WrongClocks => Set<WrongClockRow>();

    /// <summary>The collation that compares texts by their code points, so that pages come in the same order from both databases; null: that is the default.</summary>
    protected abstract string? OrdinalCollation { get; }

    /// <summary>Columns of the scope that stand in the index of a list. A page walks that index until it is full; where few rows match, what the index itself
    /// tells spares the reading of whole documents: with 100,000 warnings in SQLite a page of one match takes 30 ms instead of 150 ms and more.</summary>
    protected abstract string[] ScopeColumns { get; }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcMilliseconds>();

        // Words survive a reordering of the enumeration, and can be read in the database.
        configurationBuilder.Properties<Enum>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<DeviceRow>(row =>
        {
            row.HasKey(device => device.Id);
            row.HasIndex(device => device.Area);
        });
        modelBuilder.Entity<BrokerAccountRow>().HasKey(account => account.Device);
        modelBuilder.Entity<DocumentRow>().HasKey(document => new { document.Shelf, document.Id, document.Version });
        modelBuilder.Entity<UnitRow>().HasKey(unit => unit.Id);
        modelBuilder.Entity<WarningRow>(row =>
        {
            row.HasKey(warning => warning.Id);
            row.HasIndex([nameof(WarningRow.OnsetAt), nameof(WarningRow.Id), nameof(WarningRow.State), nameof(WarningRow.Colour), .. ScopeColumns], "ix_warnings_list");
            row.HasIndex(warning => new { warning.Rule, warning.Subject, warning.OnsetAt });
            row.HasIndex(warning => warning.Area, "ix_warnings_open").HasFilter("state <> 'Cleared'");
            row.HasIndex(warning => new { warning.Area, warning.ClearedAt }, "ix_warnings_cleared").HasFilter("cleared_at IS NOT NULL");
            row.HasIndex(warning => new { warning.Area, warning.ShelvedUntil }, "ix_warnings_shelved").HasFilter("shelved_until IS NOT NULL");
            row.HasIndex(
                [
                    nameof(WarningRow.RaisedAt), nameof(WarningRow.Id), nameof(WarningRow.ClearedAt), nameof(WarningRow.PeakColour), nameof(WarningRow.State),
                    nameof(WarningRow.Rule), nameof(WarningRow.Subject), nameof(WarningRow.Class), nameof(WarningRow.Silenced), nameof(WarningRow.Inhibited),
                    nameof(WarningRow.Drill), nameof(WarningRow.Incident), .. ScopeColumns,
                ],
                "ix_warnings_quality");
        });
        modelBuilder.Entity<SnapshotRow>().HasKey(snapshot => snapshot.Key);
        modelBuilder.Entity<IncidentRow>(row =>
        {
            row.HasKey(incident => incident.Id);
            row.HasIndex([nameof(IncidentRow.OpenedAt), nameof(IncidentRow.Id), nameof(IncidentRow.State), nameof(IncidentRow.IsOpen), .. ScopeColumns], "ix_incidents_list");
            row.HasIndex(incident => incident.Class, "ix_incidents_open").HasFilter("is_open");
        });
        modelBuilder.Entity<IncidentEventRow>().HasKey(entry => new { entry.Incident, entry.Drill, entry.Seq });
        modelBuilder.Entity<IncidentSourceRow>().HasKey(source => source.Source);
        modelBuilder.Entity<TaskRow>(row =>
        {
            row.HasKey(task => task.Id);
            row.HasIndex([nameof(TaskRow.IssuedAt), nameof(TaskRow.Id), nameof(TaskRow.State), nameof(TaskRow.Unit), .. ScopeColumns], "ix_tasks_list");
            row.HasIndex(task => new { task.Unit, task.IssuedAt });
            row.HasIndex(task => task.Unit, "ix_tasks_binding").HasFilter("binds");
        });
        modelBuilder.Entity<ClockRow>(row =>
        {
            row.HasKey(clock => new { clock.Subject, clock.Clock, clock.DueAt });
            row.HasIndex(clock => clock.DueAt, "ix_clocks_waiting").HasFilter("fired_at IS NULL");
        });
        modelBuilder.Entity<OutboxRow>(row =>
        {
            row.HasKey(item => item.Key);
            row.HasIndex(item => item.NextAttemptAt, "ix_outbox_waiting").HasFilter("state = 'Queued'");
        });
        modelBuilder.Entity<AuditEntryRow>(row =>
        {
            row.HasKey(entry => entry.Seq);
            row.HasIndex(entry => new { entry.ById, entry.Seq });
        });
        modelBuilder.Entity<StoredPersonRow>(row =>
        {
            row.ToTable("persons");
            row.HasKey(person => person.Ref);
        });
        modelBuilder.Entity<NumberRow>(row =>
        {
            row.HasKey(number => new { number.Day, number.Drill });
            row.Property(number => number.Day).ValueGeneratedNever();
        });
        modelBuilder.Entity<RejectionRow>(row =>
        {
            row.HasKey(rejection => rejection.Seq);
            row.HasIndex(rejection => rejection.Id).IsUnique();
            row.HasIndex(rejection => rejection.Message);
        });
        modelBuilder.Entity<KeptMessageRow>(row =>
        {
            row.HasKey(message => message.Seq);
            row.HasIndex(message => message.Id).IsUnique();
            row.HasIndex(message => new { message.Seq, message.Size });
        });
        modelBuilder.Entity<WrongClockRow>().HasKey(clock => clock.Device);
        modelBuilder.Entity<RejectionTotalRow>().HasKey(total => total.Reason);
        modelBuilder.Entity<UnregisteredRow>(row =>
        {
            row.HasKey(device => new { device.Format, device.Key });
            row.HasIndex(device => new { device.FirstSeenAt, device.Format, device.Key });
            row.HasIndex(device => new { device.LastSeenAt, device.Format, device.Key });
        });

        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            entity.SetTableName(SnakeCase(entity.GetTableName()!));
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
                if (property.ClrType == typeof(string) && OrdinalCollation is { } collation)
                {
                    property.SetCollation(collation);
                }
            }
        }
    }

    private static string SnakeCase(string name) => WordStart().Replace(name, "_$0").ToLower(CultureInfo.InvariantCulture);

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex WordStart();

    private sealed class UtcMilliseconds() : ValueConverter<DateTimeOffset, long>(
        at => at.ToUnixTimeMilliseconds(), milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}

/// <summary>The store in an SQLite file.</summary>
internal sealed class SqliteOperationsContext(DbContextOptions<SqliteOperationsContext> options) : OperationsContext(options)
{
    protected override string? OrdinalCollation => null;

    protected override string[] ScopeColumns => [nameof(ILocatedRow.Area), nameof(ILocatedRow.Overlays)];

    /// <summary>Lets the migration tool make the context without a host.</summary>
    internal sealed class Design : IDesignTimeDbContextFactory<SqliteOperationsContext>
    {
        public SqliteOperationsContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteOperationsContext>().UseSqlite("Data Source=:memory:").Options);
    }
}

/// <summary>The store in PostgreSQL.</summary>
internal sealed class PostgreSqlOperationsContext(DbContextOptions<PostgreSqlOperationsContext> options) : OperationsContext(options)
{
    protected override string? OrdinalCollation => "C";

    /// <summary>PostgreSQL would read the row for these conditions all the same, and limits the length of an index entry.</summary>
    protected override string[] ScopeColumns => [];

    /// <summary>Lets the migration tool make the context without a host.</summary>
    internal sealed class Design : IDesignTimeDbContextFactory<PostgreSqlOperationsContext>
    {
        public PostgreSqlOperationsContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgreSqlOperationsContext>().UseNpgsql("Host=localhost").Options);
    }
}
