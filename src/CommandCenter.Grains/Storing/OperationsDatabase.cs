using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Storing;

/// <summary>Opens the operations database, brings its tables up to date once, and runs reads and writes on it.
/// A write is one transaction and durable when the call returns. SQLite has one writer: writers of this process queue here and do not spin on its lock.</summary>
internal sealed partial class OperationsDatabase
{
    /// <summary>One queue per database file, because two silos of one process may share a file.</summary>
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> SqliteWriters = new(StringComparer.Ordinal);

    /// <summary>Any number that no other program uses in this database.</summary>
    private const long MigratingLock = 20_261_124;

    private readonly ILogger<OperationsDatabase> logger;
    private readonly TimeProvider time;
    private readonly Func<OperationsContext> open;
    private readonly string? sqliteFile;
    private readonly SemaphoreSlim? writer;
    private readonly Lazy<Task> ready;

    public OperationsDatabase(IOptions<StoringOptions> options, TimeProvider time, ILogger<OperationsDatabase> logger)
    {
        this.logger = logger;
        this.time = time;
        var store = options.Value;
        if (store.Provider == StoreProvider.PostgreSql)
        {
            if (string.IsNullOrWhiteSpace(store.ConnectionString))
            {
                throw new InvalidOperationException("ConnectionStrings:Store must be set when Store:Provider is PostgreSql.");
            }

            var pool = new PooledDbContextFactory<PostgreSqlOperationsContext>(
                new DbContextOptionsBuilder<PostgreSqlOperationsContext>().UseNpgsql(store.ConnectionString).Options, store.ContextPoolMax);
            open = pool.CreateDbContext;
        }
        else
        {
            var connection = new SqliteConnectionStringBuilder(store.ConnectionString) { DefaultTimeout = store.BusySeconds };
            if (connection.DataSource.Length == 0)
            {
                connection.DataSource = Path.Combine(store.DataDirectory, "operations.db");
            }

            sqliteFile = Path.GetFullPath(connection.DataSource);
            writer = SqliteWriters.GetOrAdd(sqliteFile, _ => new SemaphoreSlim(1, 1));
            var pool = new PooledDbContextFactory<SqliteOperationsContext>(
                new DbContextOptionsBuilder<SqliteOperationsContext>()
                    .UseSqlite(connection.ConnectionString)
                    .AddInterceptors(new SqliteSettings(store.BusySeconds))
                    .Options, store.ContextPoolMax);
            open = pool.CreateDbContext;
        }

        ready = new(() => Task.Run(PrepareAsync));
    }

    /// <summary>Done when the tables are up to date. Whoever asks first starts it, so that a grain that wakes before the host's own start neither fails nor waits for ever.</summary>
    public Task Ready => ready.Value;

    /// <summary>Runs a query. SQLite answers on the calling thread, so the work goes to the pool and a grain's turn stays free.</summary>
    public async Task<T> ReadAsync<T>(Func<OperationsContext, CancellationToken, Task<T>> query, CancellationToken cancellation)
    {
        await Ready.WaitAsync(cancellation);
        return await Task.Run(
            async () =>
            {
                await using var context = open();
                context.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
                return await query(context, cancellation);
            },
            cancellation);
    }

    /// <summary>Runs a change as one transaction. A change that rolls its transaction back leaves nothing behind.</summary>
    public async Task<T> WriteAsync<T>(Func<OperationsContext, CancellationToken, Task<T>> change, CancellationToken cancellation)
    {
        await Ready.WaitAsync(cancellation);
        if (writer is not null)
        {
            await writer.WaitAsync(cancellation);
        }

        try
        {
            return await Task.Run(
                async () =>
                {
                    await using var context = open();
                    await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
                    var answer = await change(context, cancellation);
                    if (context.Database.CurrentTransaction is not null)
                    {
                        // From here on the caller may no longer turn back: whether it was stored must be known.
                        await transaction.CommitAsync(CancellationToken.None);
                    }

                    return answer;
                },
                cancellation);
        }
        finally
        {
            writer?.Release();
        }
    }

    /// <summary>The same for a change without an answer.</summary>
    public Task WriteAsync(Func<OperationsContext, CancellationToken, Task> change, CancellationToken cancellation) =>
        WriteAsync(
            async (context, token) =>
            {
                await change(context, token);
                return true;
            },
            cancellation);

    private async Task PrepareAsync()
    {
        if (sqliteFile is null)
        {
            await MigrateAsync();
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(sqliteFile)!);
        await using var alone = await LockFileAsync(sqliteFile + ".migrating");
        await ForgetBrokenMigrationAsync();
        await MigrateAsync();
    }

    private async Task MigrateAsync()
    {
        await using var context = open();
        if (sqliteFile is null && await context.Database.CanConnectAsync())
        {
            // PostgreSQL lets go of EF's own lock after each migration, so a second silo would begin one that the first has just done.
            await context.Database.OpenConnectionAsync();
            await using var wait = context.Command(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"SELECT pg_advisory_lock({MigratingLock})"));
            await wait.ExecuteNonQueryAsync();
        }

        try
        {
            await MigrateAloneAsync(context);
        }
        finally
        {
            if (sqliteFile is null && context.Database.GetDbConnection().State == System.Data.ConnectionState.Open)
            {
                // Pooled connections outlive their context.
                await using var release = context.Command(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"SELECT pg_advisory_unlock({MigratingLock})"));
                await release.ExecuteNonQueryAsync();
            }
        }
    }

    private async Task MigrateAloneAsync(OperationsContext context)
    {
        var pending = (await context.Database.GetPendingMigrationsAsync()).ToList();
        if (pending.Count > 0)
        {
            Log.Migrating(logger, pending.Count, pending[^1]);
            await context.Database.MigrateAsync();
        }
    }

    /// <summary>EF marks a running migration of SQLite with a row and waits for it without end; a process that was killed in between leaves the row behind.
    /// The file lock is let go by the system itself, so whoever holds it may remove the row.</summary>
    private async Task ForgetBrokenMigrationAsync()
    {
        await using var context = open();
        await context.Database.OpenConnectionAsync();
        await using var find = context.Command("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsLock'");
        if (await find.ExecuteScalarAsync() is > 0L)
        {
            await using var delete = context.Command("DELETE FROM \"__EFMigrationsLock\"");
            await delete.ExecuteNonQueryAsync();
        }
    }

    private async Task<FileStream> LockFileAsync(string path)
    {
        const int attemptsMax = 600;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < attemptsMax)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), time);
            }
        }
    }

    /// <summary>Settings that SQLite keeps per connection. FULL makes a commit in WAL mode wait for the disk, which is the promise of this store.</summary>
    private sealed class SqliteSettings(int busySeconds) : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Apply(connection);
            return Task.CompletedTask;
        }

        private void Apply(DbConnection connection)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = {busySeconds * 1000};";
            command.ExecuteNonQuery();
        }
    }
}
