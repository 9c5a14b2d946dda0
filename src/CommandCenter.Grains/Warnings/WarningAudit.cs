using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Warnings;

/// <summary>The audit row of an operator's act on a warning.</summary>
internal static class WarningAudit
{
    public static AuditRow Row(WarningView warning, WarningCommand command, Actor actor, DateTimeOffset now) => command switch
    {
        AcknowledgeWarning acknowledge => new(now, actor.ToBy(), "warning_acknowledged", warning.Id.Value, acknowledge.Comment),
        ShelveWarning shelve => new(now, actor.ToBy(), "warning_shelved", warning.Id.Value, $"until {ContractJson.Format(shelve.Until)}: {shelve.Reason}"),
        UnshelveWarning => new(now, actor.ToBy(), "warning_unshelved", warning.Id.Value, null),
        _ => throw new InvalidOperationException($"Unknown command {command.GetType().Name}."),
    };
}
