using Microsoft.Extensions.Logging;

namespace IotIngest.Hosting;

public sealed partial class IngestNode
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Replayed {Count} messages of {Batches} commits from the ingest journal")]
    private partial void LogReplayed(int count, int batches);
}
