using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Running;

/// <summary>A real mosquitto on a loopback port: open to all, or with TLS and one account. It keeps its sessions in a file, so that it can be stopped and started again.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private const int HashRounds = 101;

    private readonly string folder = Directory.CreateTempSubdirectory("mosquitto-").FullName;
    private Process? process;

    private Mosquitto(int? port) => Port = port ?? FreePorts.Next();

    public int Port { get; }

    /// <summary>The PEM file of the authority that signed the broker's certificate; null without TLS.</summary>
    public string? CaFile { get; private set; }

    /// <summary>Where Debian puts the broker; null when it is not installed.</summary>
    public static string? Executable { get; } = new[] { "/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto" }.FirstOrDefault(File.Exists);

    public static async Task<Mosquitto> StartAsync(int? port = null, (string Name, string Password)? account = null, bool tls = false)
    {
        Assert.SkipWhen(Executable is null, "mosquitto is not installed; ./test.sh installs it.");
        var broker = new Mosquitto(port);
        var lines = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"listener {broker.Port} 127.0.0.1"), account is null ? "allow_anonymous true" : "allow_anonymous false",
            "user root", "max_queued_messages 0", "max_inflight_messages 0", "set_tcp_nodelay true", "persistence true", $"persistence_location {broker.folder}/",
        };
        if (account is { } known)
        {
            var file = Path.Combine(broker.folder, "passwords");
            await File.WriteAllTextAsync(file, PasswordLine(known.Name, known.Password) + "\n");
            lines.Add("password_file " + file);
        }

        if (tls)
        {
            broker.CaFile = await WriteCertificatesAsync(broker.folder);
            lines.Add("certfile " + Path.Combine(broker.folder, "server.pem"));
            lines.Add("keyfile " + Path.Combine(broker.folder, "server.key"));
        }

        await File.WriteAllLinesAsync(Path.Combine(broker.folder, "mosquitto.conf"), lines);
        await broker.StartAgainAsync();
        return broker;
    }

    public async Task StartAgainAsync()
    {
        process?.Dispose();
        process = Process.Start(new ProcessStartInfo(Executable!, ["-c", Path.Combine(folder, "mosquitto.conf")]) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("mosquitto could not be started.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var deadline = Stopwatch.GetTimestamp() + (10 * Stopwatch.Frequency);
        while (!await AnswersAsync(Port))
        {
            Assert.True(Stopwatch.GetTimestamp() < deadline, "mosquitto did not open its port within 10 s.");
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            await pause.WaitForNextTickAsync();
        }
    }

    /// <summary>Stops it in order (SIGTERM), so that its sessions are in the file.</summary>
    public async Task StopAsync()
    {
        if (process is { HasExited: false })
        {
            using var stop = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A line of mosquitto's password file: PBKDF2 with SHA-512.</summary>
    private static string PasswordLine(string name, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(12);
        var hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, HashRounds, HashAlgorithmName.SHA512, 64);
        return string.Create(CultureInfo.InvariantCulture, $"{name}:$7${HashRounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    private static async Task<string> WriteCertificatesAsync(string folder)
    {
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var authorityKey = RSA.Create(2048);
        var authority = new CertificateRequest("CN=test authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        using var signer = authority.CreateSelfSigned(from, from.AddDays(30));
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(signer, from, from.AddDays(20), RandomNumberGenerator.GetBytes(8));
        await File.WriteAllTextAsync(Path.Combine(folder, "server.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "server.key"), key.ExportPkcs8PrivateKeyPem());
        var file = Path.Combine(folder, "ca.pem");
        await File.WriteAllTextAsync(file, signer.ExportCertificatePem());
        return file;
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
