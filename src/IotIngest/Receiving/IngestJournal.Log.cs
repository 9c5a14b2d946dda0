using Microsoft.Extensions.Logging;

namespace IotIngest.Receiving;

internal sealed partial class IngestJournal
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The ingest journal cannot commit; publishes of QoS 1 and 2 are not acknowledged until it can")]
    private partial void LogCannotCommit(Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The ingest journal commits again")]
    private partial void LogCommitsAgain();

    [LoggerMessage(Level = LogLevel.Error, Message = "Row {Id} of the ingest journal is damaged; it stays in the file and is not replayed")]
    private partial void LogBrokenRow(Exception broken, long id);
}
