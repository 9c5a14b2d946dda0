using System.Globalization;

namespace Running;

/// <summary>The ingest program in a process of its own, in front of a running center. It can be killed and started again over the same data folder.</summary>
internal sealed class RunningIngest : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("iot-ingest-").FullName;

    private RunningIngest(int gatewayPort, int brokerPort, string[] arguments) => Program = new ChildProgram("IotIngest",
    [
        "--Broker:Mode=External", "--Broker:Host=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"--Broker:Port={brokerPort}"),
        string.Create(CultureInfo.InvariantCulture, $"--Cluster:GatewayPort={gatewayPort}"), $"--Data:Directory={folder}", .. arguments,
    ]);

    public ChildProgram Program { get; }

    public static async Task<RunningIngest> StartAsync(int gatewayPort, int brokerPort, params string[] arguments)
    {
        var ingest = new RunningIngest(gatewayPort, brokerPort, arguments);
        try
        {
            await ingest.StartAgainAsync();
            return ingest;
        }
        catch
        {
            await ingest.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts, or starts again, and waits until the subscription holds.</summary>
    public Task StartAgainAsync()
    {
        Program.Start();
        return Program.SaysAsync("Connected to the broker at", TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        await Program.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
