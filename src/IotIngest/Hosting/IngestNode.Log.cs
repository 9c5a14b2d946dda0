using Microsoft.Extensions.Logging;

namespace IotIngest.Hosting;

public sealed partial class IngestNode
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Replayed {Count} messages of {Batches} commits from the ingest journal")]
    private partial void LogReplayed(int count, int batches);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The registry or the replay of the journal takes longer than {Milliseconds} ms; the host starts, and the broker opens when they are done")]
    private partial void LogOpensLater(int milliseconds);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Ingest cannot open; the program ends")]
    private partial void LogCannotOpen(Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "History got {Batches} commits from the journal that it had not taken in time")]
    private partial void LogCaughtUp(int batches);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A commit that history has not taken in time cannot be read from the journal now; it is tried again")]
    private partial void LogCannotReadAgain(Exception failure);
}
