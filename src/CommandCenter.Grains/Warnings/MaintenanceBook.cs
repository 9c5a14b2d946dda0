using System.Collections.Immutable;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Warnings;

/// <summary>What may be asked of a maintenance window, and its stored form. Pure.</summary>
internal static class MaintenanceBook
{
    public const int ListedMax = 1000;
    private const int TextLengthMax = 1_000;

    public static StoredDocument Write(MaintenanceWindow window, DateTimeOffset at, string by) =>
        new(window.Id, window.Version, JsonSerializer.Serialize(window, ContractJson.Options), at, by);

    public static IEnumerable<MaintenanceWindow> Read(ImmutableArray<StoredDocument> documents) =>
        documents.Select(document => JsonSerializer.Deserialize<MaintenanceWindow>(document.Json, ContractJson.Options)!);

    public static MaintenanceWindow At(MaintenanceWindow window, DateTimeOffset now) => window with
    {
        State = window.EndsAt <= now ? MaintenanceState.Ended : window.From <= now ? MaintenanceState.Active : MaintenanceState.Planned,
    };

    /// <summary>The fields that are wrong; empty: it can be created.</summary>
    public static ImmutableDictionary<string, ImmutableArray<string>> Check(MaintenanceWindow window, DateTimeOffset now, WarningsOptions options)
    {
        var errors = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>();
        if (string.IsNullOrWhiteSpace(window.Reason) || window.Reason.Length > TextLengthMax)
        {
            errors["reason"] = [$"is needed, at most {TextLengthMax} characters"];
        }

        if (window.To <= window.From)
        {
            errors["to"] = ["must be after from"];
        }
        else if (window.To <= now)
        {
            errors["to"] = ["must be in the future"];
        }
        else if (window.To - window.From > TimeSpan.FromDays(options.MaintenanceDaysMax))
        {
            errors["to"] = [$"must be at most {options.MaintenanceDaysMax} days after from"];
        }

        if (window.From < now.AddMinutes(-5))
        {
            errors["from"] = ["must not lie in the past"];
        }

        if (window.Devices.IsEmpty && window.Tags.IsEmpty && window.Kinds.IsEmpty && window.Areas.IsEmpty && window.Rules.IsEmpty)
        {
            errors["devices"] = ["devices, tags, kinds, areas or rules must name what it covers"];
        }

        return errors.ToImmutable();
    }

    /// <summary>Whether the actor may see it: one that is not of the whole district sees what lies in its areas.</summary>
    public static bool MaySee(Actor actor, MaintenanceWindow window) =>
        actor.SeesWholeDistrict || window.Areas.Any(area => actor.MaySee(area));
}
