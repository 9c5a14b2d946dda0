using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace CommandCenter.Grains.Storing;

/// <summary>What happens to a row whose key is already there.</summary>
/// <param name="Action">The SQL after ON CONFLICT (…); null: every column is replaced.</param>
/// <param name="Target">Column that must be unique; null: the primary key.</param>
internal sealed record WhenThere(string? Action, string? Target = null)
{
    public static readonly WhenThere Replace = new((string?)null);
    public static readonly WhenThere Keep = new("DO NOTHING");
}

/// <summary>Writes many rows with few statements: INSERT … VALUES (…),(…) ON CONFLICT, which both databases read alike. EF's own change tracking would
/// first have to load what is there; a flood of thousands of changed warnings must cost one pass.</summary>
internal static class Upserts
{
    private static readonly ConcurrentDictionary<IEntityType, Table> Tables = new();

    /// <summary>Inserts or updates inside the open transaction; answers how many rows were written. No key may come twice in one call.</summary>
    public static async Task<int> UpsertAsync<TRow>(this OperationsContext context, IReadOnlyList<TRow> rows, WhenThere whenThere, CancellationToken cancellation)
        where TRow : class
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        var table = Tables.GetOrAdd(context.Model.FindEntityType(typeof(TRow))!, entity => new Table(entity));

        // SQLite pays per parameter and nothing per statement; PostgreSQL pays a round trip per statement and takes 65,535 parameters.
        var rowsPerStatement = Math.Min(rows.Count, context is SqliteOperationsContext ? 8 : Math.Min(1000, 60_000 / table.Columns.Length));
        var written = 0;
        var start = 0;
        while (start < rows.Count)
        {
            var count = Math.Min(rowsPerStatement, rows.Count - start);
            await using var command = table.Prepare(context, count, whenThere);
            do
            {
                for (var row = 0; row < count; row++)
                {
                    for (var column = 0; column < table.Columns.Length; column++)
                    {
                        command.Parameters[(row * table.Columns.Length) + column].Value = table.Columns[column].Read(rows[start + row]);
                    }
                }

                written += await command.ExecuteNonQueryAsync(cancellation);
                start += count;
            }
            while (rows.Count - start >= count);
        }

        return written;
    }

    /// <summary>A command on the context's connection, inside its open transaction.</summary>
    public static DbCommand Command(this OperationsContext context, string sql)
    {
        var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = sql;
        return command;
    }

    /// <summary>PostgreSQL refuses NUL and half surrogate pairs inside a text; both can come in a payload from the street.</summary>
    public static string Storable(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var sign = text[at];
            if (sign == '\0' || char.IsSurrogate(sign))
            {
                return Cleaned(text);
            }
        }

        return text;
    }

    private static string Cleaned(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // EnumerateRunes itself puts U+FFFD for half a pair.
            clean.Append(rune.Value == 0 ? Rune.ReplacementChar.ToString() : rune.ToString());
        }

        return clean.ToString();
    }

    private sealed class Table(IEntityType entity)
    {
        private readonly string name = entity.GetTableName()!;
        private readonly string[] key = [.. entity.FindPrimaryKey()!.Properties.Select(property => property.GetColumnName())];

        public Column[] Columns { get; } = [.. entity.GetProperties().Where(property => property.ValueGenerated == ValueGenerated.Never).Select(property => new Column(property))];

        public DbCommand Prepare(OperationsContext context, int count, WhenThere whenThere)
        {
            var sql = new StringBuilder("INSERT INTO \"").Append(name).Append("\" (")
                .AppendJoin(", ", Columns.Select(column => $"\"{column.Name}\"")).Append(") VALUES ");
            var command = context.Command(string.Empty);
            for (var row = 0; row < count; row++)
            {
                sql.Append(row == 0 ? "(" : ", (");
                for (var column = 0; column < Columns.Length; column++)
                {
                    var parameter = string.Create(CultureInfo.InvariantCulture, $"@p{(row * Columns.Length) + column}");
                    sql.Append(column == 0 ? parameter : ", " + parameter);
                    command.Parameters.Add(Columns[column].Parameter(command, parameter));
                }

                sql.Append(')');
            }

            var action = whenThere.Action ?? "DO UPDATE SET " + string.Join(", ", Columns.Where(column => !key.Contains(column.Name)).Select(column => $"\"{column.Name}\" = excluded.\"{column.Name}\""));
            var target = whenThere.Target is null ? string.Join(", ", key.Select(column => $"\"{column}\"")) : $"\"{whenThere.Target}\"";
            sql.Append(" ON CONFLICT (").Append(target).Append(") ").Append(action);
            command.CommandText = sql.ToString();
            return command;
        }
    }

    private sealed class Column(IProperty property)
    {
        private readonly RelationalTypeMapping mapping = property.GetRelationalTypeMapping();
        private readonly PropertyInfo member = property.PropertyInfo!;

        public string Name { get; } = property.GetColumnName();

        public DbParameter Parameter(DbCommand command, string name) => mapping.CreateParameter(command, name, null, property.IsNullable);

        public object Read(object row)
        {
            var value = member.GetValue(row);
            if (value is string text)
            {
                return Storable(text);
            }

            return (value is not null && mapping.Converter is { } converter ? converter.ConvertToProvider(value) : value) ?? DBNull.Value;
        }
    }
}
