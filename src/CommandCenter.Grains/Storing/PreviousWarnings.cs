using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text;
using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>The predecessors of many warnings with one statement: one seek in the index of rule, subject and onset for each. In a flood it is asked with every commit,
/// and what EF makes of the same question costs ten times as much as the answer.</summary>
internal static class PreviousWarnings
{
    public static async Task<int> FindAsync(
        OperationsContext context, IReadOnlyList<WarningView> warnings, ImmutableDictionary<WarningId, WarningId>.Builder found, CancellationToken cancellation)
    {
        await context.Database.OpenConnectionAsync(cancellation);
        await using var command = context.Command(string.Empty);
        var sql = new StringBuilder("WITH asked(id, rule, subject, onset) AS (VALUES ");
        for (var i = 0; i < warnings.Count; i++)
        {
            var warning = warnings[i];
            sql.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? string.Empty : ", ")}(@i{i}, @r{i}, @s{i}, CAST(@o{i} AS bigint))");
            Add(command, $"@i{i}", warning.Id.Value);
            Add(command, $"@r{i}", warning.Rule.Value);
            Add(command, $"@s{i}", Upserts.Storable(warning.Subject));
            Add(command, $"@o{i}", warning.OnsetAt.ToUnixTimeMilliseconds());
        }

        sql.Append(
            """
            ) SELECT asked.id, (SELECT w.id FROM warnings w WHERE w.rule = asked.rule AND w.subject = asked.subject AND w.onset_at < asked.onset AND w.state <> 'Pending'
            ORDER BY w.onset_at DESC, w.id DESC LIMIT 1) FROM asked
            """);
        command.CommandText = sql.ToString();
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            if (!await rows.IsDBNullAsync(1, cancellation))
            {
                found[new(rows.GetString(0))] = new(rows.GetString(1));
            }
        }

        return found.Count;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
