using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Officials;

/// <summary>Takes official documents from a watched folder, for a source that can only copy files. A file counts once it has not grown since the last look.</summary>
internal sealed partial class CapFolder(IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time, IOptions<OfficialsOptions> options, ILogger<CapFolder> logger) : BackgroundService
{
    private const long BytesMax = 1 << 20;
    private readonly Dictionary<string, long> _seen = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Folder is not { Length: > 0 } folder)
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "taken"));
            Directory.CreateDirectory(Path.Combine(folder, "refused"));
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.FolderSeconds), time);
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                await LookAsync(folder);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task LookAsync(string folder)
    {
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles().Where(file => file.Extension.ToUpperInvariant() is ".XML" or ".CAP").OrderBy(file => file.LastWriteTimeUtc).ToArray())
            {
                if (_seen.TryGetValue(file.Name, out var length) && length == file.Length)
                {
                    _seen.Remove(file.Name);
                    await TakeAsync(folder, file);
                }
                else
                {
                    _seen[file.Name] = file.Length;
                }
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // A folder that cannot be read now may be readable at the next look; what stays in it is not lost.
            LogFailed(logger, failure, folder);
        }
    }

    private async Task TakeAsync(string folder, FileInfo file)
    {
        var outcome = file.Length > BytesMax
            ? Outcome.Refused<CapAnswer>(Refusal.Unprocessable, $"{file.Length} bytes, allowed are {BytesMax}")
            : await grains.GetGrain<IOfficialWarningsGrain>(0).TakeAsync([.. await File.ReadAllBytesAsync(file.FullName)], Actor.System);
        var to = Path.Combine(folder, outcome.Succeeded ? "taken" : "refused", file.Name);
        file.MoveTo(to, overwrite: true);
        if (!outcome.Succeeded)
        {
            await File.WriteAllTextAsync(to + ".reason.txt", outcome.Detail);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The folder of official documents {Folder} cannot be looked through; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception failure, string folder);
}
