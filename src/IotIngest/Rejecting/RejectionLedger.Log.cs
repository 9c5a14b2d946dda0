using Microsoft.Extensions.Logging;

namespace IotIngest.Rejecting;

internal sealed partial class RejectionLedger
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The rejection ledger does not answer; counts are kept here until it does")]
    private partial void LogNotReported(Exception failure);
}
