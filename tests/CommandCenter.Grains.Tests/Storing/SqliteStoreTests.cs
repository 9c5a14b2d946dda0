using CommandCenter.Grains.Storing;
using Microsoft.Data.Sqlite;
using Xunit;

namespace CommandCenter.Grains.Tests.Storing;

public sealed class SqliteStoreTests : StoreTests
{
    private protected override Task<OpenStore> OpenAsync() => Task.FromResult(OpenStore.InFolder());

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")]
    [InlineData("busy_timeout", "30000")]
    public async Task Every_connection_is_set_so_that_a_commit_survives_the_loss_of_power(string setting, string expected)
    {
        await using var store = await OpenAsync();

        Assert.Equal(expected, await store.Database.WriteAsync((context, token) => PragmaAsync(context, setting, token), Cancelled));
        Assert.Equal(expected, await store.Database.ReadAsync((context, token) => PragmaAsync(context, setting, token), Cancelled));
    }

    [Fact]
    public async Task A_reader_is_not_held_up_by_an_open_write()
    {
        await using var store = await OpenAsync();
        await store.Registry.SaveAsync([Samples.Device("a")], [], Cancelled);
        var writing = new TaskCompletionSource();
        var read = new TaskCompletionSource();

        var write = store.Database.WriteAsync(
            async (context, token) =>
            {
                await using var command = context.Command("DELETE FROM devices");
                await command.ExecuteNonQueryAsync(token);
                writing.SetResult();
                await read.Task.WaitAsync(TimeSpan.FromSeconds(20), token);
            },
            Cancelled);
        await writing.Task;

        Assert.Single(await store.Registry.LoadAllAsync(Cancelled));
        read.SetResult();
        await write;
        Assert.Empty(await store.Registry.LoadAllAsync(Cancelled));
    }

    [Fact]
    public async Task A_migration_that_was_killed_does_not_block_the_next_start()
    {
        await using var store = await OpenAsync();
        await store.Database.Ready;
        await store.Database.WriteAsync(
            async (context, token) =>
            {
                await using var command = context.Command("""
                    CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                    INSERT OR REPLACE INTO "__EFMigrationsLock" VALUES (1, '2026-11-23 04:00:00+00:00');
                    DELETE FROM "__EFMigrationsHistory";
                    """);
                await command.ExecuteNonQueryAsync(token);
            },
            Cancelled);

        // Without its history the migration runs again and meets its own tables: it must come that far and not wait for the dead one's lock.
        var error = await Assert.ThrowsAsync<SqliteException>(() => new OpenStore(store.Options).Database.Ready.WaitAsync(TimeSpan.FromSeconds(20), Cancelled));

        Assert.Contains("already exists", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_parts_of_one_process_may_open_the_same_file_at_once()
    {
        await using var store = await OpenAsync();
        var second = new OpenStore(store.Options);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Task.Run(() => (n % 2 == 0 ? store : second).Registry.SaveAsync([Samples.Device($"d-{n}")], [], Cancelled))));

        Assert.Equal(20, (await store.Registry.LoadAllAsync(Cancelled)).Length);
    }

    private static async Task<string> PragmaAsync(OperationsContext context, string setting, CancellationToken cancellation)
    {
        await Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.OpenConnectionAsync(context.Database, cancellation);
        await using var command = context.Command($"PRAGMA {setting}");
        return Convert.ToString(await command.ExecuteScalarAsync(cancellation), System.Globalization.CultureInfo.InvariantCulture)!;
    }
}
