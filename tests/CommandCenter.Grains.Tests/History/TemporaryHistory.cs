using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CommandCenter.Grains.Tests.History;

/// <summary>A history in a folder of its own that is removed at the end.</summary>
internal sealed class TemporaryHistory : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly HistoryOptions _options;

    public TemporaryHistory(Action<HistoryOptions>? configure = null)
    {
        Folder = Directory.CreateTempSubdirectory("history-").FullName;
        _options = new() { DataDirectory = Folder, CommitLingerMs = 0 };
        configure?.Invoke(_options);
        Open = Make();
    }

    public string Folder { get; }

    public FakeTimeProvider City { get; } = new(Noon);

    public DuckDbHistory Open { get; private set; }

    /// <summary>Closes and opens again, as a restart does.</summary>
    public async Task RestartAsync()
    {
        await Open.DisposeAsync();
        Open = Make();
    }

    /// <summary>Closes, and counts the rows of the tables in the file.</summary>
    public async Task<long[]> CountAsync(params string[] tables)
    {
        await Open.DisposeAsync();
        var counts = new long[tables.Length];
        await using (var connection = new DuckDB.NET.Data.DuckDBConnection("Data Source=" + Path.Combine(Folder, "history.duckdb")))
        {
            await connection.OpenAsync();
            for (var i = 0; i < tables.Length; i++)
            {
                await using var command = connection.CreateCommand();
                command.CommandText = "SELECT count(*) FROM " + tables[i];
                counts[i] = Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        Open = Make();
        return counts;
    }

    /// <summary>Puts a file with the tables of the first release in place, with one reading of 7 at noon.</summary>
    public async Task WriteFirstReleaseAsync()
    {
        await using var connection = new DuckDB.NET.Data.DuckDBConnection("Data Source=" + Path.Combine(Folder, "history.duckdb"));
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        var ms = Noon.ToUnixTimeMilliseconds();
        command.CommandText = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
            CREATE TABLE names (kind UTINYINT NOT NULL, id INTEGER NOT NULL, name VARCHAR NOT NULL);
            CREATE TABLE batches (arrival BIGINT NOT NULL, street INTEGER NOT NULL, node INTEGER NOT NULL, sequence BIGINT NOT NULL, received BIGINT NOT NULL);
            CREATE TABLE readings (arrival BIGINT NOT NULL, device INTEGER NOT NULL, quantity SMALLINT NOT NULL, observed BIGINT NOT NULL, received BIGINT NOT NULL,
                value DOUBLE NOT NULL, quality UTINYINT NOT NULL, live BOOLEAN NOT NULL);
            INSERT INTO names VALUES (0, 1, 'wl-017'), (1, 1, 'water_depth'), (2, 1, '320404002'), (3, 1, 'node-1');
            INSERT INTO batches VALUES (1, 1, 1, 1, {ms});
            INSERT INTO readings VALUES (1, 1, 1, {ms}, {ms}, 7, 0, true);
            """);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Opens a copy of the files as they lie on disk now, as after a loss of the process.</summary>
    public DuckDbHistory OpenCopyOfFiles(string folder)
    {
        foreach (var file in Directory.GetFiles(Folder))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return new(Options.Create(new HistoryOptions { DataDirectory = folder }), new DomainClock(City), TimeProvider.System, NullLogger<DuckDbHistory>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await Open.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private DuckDbHistory Make() => new(Options.Create(_options), new DomainClock(City), TimeProvider.System, NullLogger<DuckDbHistory>.Instance);
}
