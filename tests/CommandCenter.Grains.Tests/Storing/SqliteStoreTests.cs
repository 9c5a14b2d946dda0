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

    [Fact]
    public async Task What_was_answered_is_in_the_files_even_when_the_process_dies_without_closing_them()
    {
        await using var store = await OpenAsync();
        Assert.Equal(Grains.Storing.CommitResult.Committed, await store.Incidents.CommitAsync(Samples.Commit("inc-1", 0, null, "w:w-1"), Cancelled));
        var copy = Directory.CreateTempSubdirectory("commandcenter-store-").FullName;

        // What a killed process leaves behind: the file and its log, nothing written back, no index of the log.
        foreach (var name in new[] { "operations.db", "operations.db-wal" })
        {
            File.Copy(Path.Combine(store.Options.DataDirectory, name), Path.Combine(copy, name));
        }

        await using var survivor = new OpenStore(new() { DataDirectory = copy });
        Assert.Equal([Samples.Event("inc-1", 1)], await survivor.Incidents.LoadEventsAsync(new("inc-1"), Cancelled));
        Assert.Equal(new("inc-1"), await survivor.Incidents.FindBySourceAsync("w:w-1", Cancelled));
    }

    [Theory]
    [InlineData("SELECT id FROM warnings WHERE state IN ('Raised') AND area IN ('1') ORDER BY onset_at DESC, id DESC LIMIT 101", "ix_warnings_list")]
    [InlineData("SELECT id FROM incidents WHERE is_open ORDER BY opened_at DESC, id DESC LIMIT 101", "ix_incidents_list")]
    [InlineData("SELECT id FROM tasks WHERE state IN ('Issued') ORDER BY issued_at DESC, id DESC LIMIT 101", "ix_tasks_list")]
    [InlineData("SELECT id FROM warnings WHERE area = '1' AND state <> 'Cleared'", "ix_warnings_open")]
    [InlineData("SELECT id FROM warnings WHERE area = '1' AND cleared_at >= 5", "ix_warnings_cleared")]
    [InlineData("SELECT id FROM warnings WHERE area = '1' AND shelved_until > 5", "ix_warnings_shelved")]
    [InlineData("SELECT id, raised_at, cleared_at, peak_colour, rule, subject, area, overlays, incident FROM warnings WHERE raised_at >= 5 AND raised_at < 9 AND NOT drill", "COVERING INDEX ix_warnings_quality")]
    [InlineData("SELECT due_at FROM clocks WHERE fired_at IS NULL AND due_at <= 5", "ix_clocks_waiting")]
    [InlineData("SELECT id FROM tasks WHERE binds", "ix_tasks_binding")]
    public async Task A_list_walks_its_index(string query, string index)
    {
        await using var store = await OpenAsync();

        var plan = await store.Database.ReadAsync(
            async (context, token) =>
            {
                await Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.OpenConnectionAsync(context.Database, token);
                await using var command = context.Command("EXPLAIN QUERY PLAN " + query);
                await using var reader = await command.ExecuteReaderAsync(token);
                var steps = new List<string>();
                while (await reader.ReadAsync(token))
                {
                    steps.Add(reader.GetString(3));
                }

                return string.Join("; ", steps);
            },
            Cancelled);

        Assert.Contains(index, plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }

    private static async Task<string> PragmaAsync(OperationsContext context, string setting, CancellationToken cancellation)
    {
        await Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.OpenConnectionAsync(context.Database, cancellation);
        await using var command = context.Command($"PRAGMA {setting}");
        return Convert.ToString(await command.ExecuteScalarAsync(cancellation), System.Globalization.CultureInfo.InvariantCulture)!;
    }
}
