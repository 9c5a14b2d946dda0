using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Running;
using Xunit;

namespace CommandCenter.Grains.Tests.Storing;

/// <summary>A real PostgreSQL of this machine on a free loopback port, in a folder that goes with it. Where none is installed, its tests skip and say so.</summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private string? binaries;
    private string? folder;
    private int port;
    private int databases;

    /// <summary>Why there is no server; null: it runs.</summary>
    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        binaries = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(path => File.Exists(Path.Combine(path, "postgres"))).Order().LastOrDefault()
            : null;
        if (binaries is null)
        {
            Missing = "needs PostgreSQL: there is no /usr/lib/postgresql/*/bin (Debian: apt-get install postgresql)";
            return;
        }

        folder = Directory.CreateTempSubdirectory("commandcenter-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "postgres", folder);
        }

        port = FreePorts.Next();
        await RunAsServerAsync("initdb", "-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");

        // pg_ctl -w returns when the server answers.
        await RunAsServerAsync("pg_ctl", "-D", Data, "-l", Path.Combine(folder, "log"), "-w", "-o",
            $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off -c max_connections=200", "start");
    }

    /// <summary>Makes an empty database and answers how to reach it.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellation)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"store{Interlocked.Increment(ref databases)}");
        await using var connection = new NpgsqlConnection(Address("postgres"));
        await connection.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync(cancellation);
        return Address(name);
    }

    public async ValueTask DisposeAsync()
    {
        if (folder is not null)
        {
            NpgsqlConnection.ClearAllPools();
            if (File.Exists(Path.Combine(Data, "postmaster.pid")))
            {
                await RunAsServerAsync("pg_ctl", "-D", Data, "-w", "-m", "immediate", "stop");
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private string Data => Path.Combine(folder!, "data");

    private string Address(string database) => $"Host=127.0.0.1;Port={port};Username=postgres;Database={database};Maximum Pool Size=20";

    /// <summary>The server refuses to run as root, so root becomes the user postgres for it.</summary>
    private Task RunAsServerAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(binaries!, program);
        return Environment.IsPrivilegedProcess
            ? RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments])
            : RunAsync(path, arguments);
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        // The output goes nowhere: a daemon that inherits a pipe would hold it open for ever.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "\"$0\" \"$@\" >/dev/null 2>&1 </dev/null", program, .. arguments]) { WorkingDirectory = folder };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}
