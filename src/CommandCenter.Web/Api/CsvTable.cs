namespace CommandCenter.Web.Api;

/// <summary>A table with a heading, whole and by column; its form is that of <see cref="CsvRows"/>.</summary>
internal sealed class CsvTable
{
    private CsvTable(IReadOnlyList<string> heading, IReadOnlyList<Row> rows) => (Heading, Rows) = (heading, rows);

    public IReadOnlyList<string> Heading { get; }

    public IReadOnlyList<Row> Rows { get; }

    /// <summary>One row by column; <see cref="Line"/> counts lines of the file from 1, the heading included.</summary>
    public sealed class Row(int line, IReadOnlyDictionary<string, string> cells)
    {
        public int Line => line;

        /// <summary>Null when the table or the row has no such column.</summary>
        public string? this[string column] => cells.GetValueOrDefault(column);
    }

    /// <param name="nameOf">Turns a heading as it stands into the name of its column; null: they are the same.</param>
    /// <exception cref="InvalidDataException">A row is too long.</exception>
    public static CsvTable Parse(string text, Func<string, string>? nameOf = null, int rowsMax = int.MaxValue)
    {
        var rows = new List<Row>();
        List<string>? heading = null;
        foreach (var (line, cells) in CsvRows.Read(text.TrimStart('\uFEFF')))
        {
            if (heading is null)
            {
                heading = nameOf is null ? cells : [.. cells.Select(nameOf)];

                // Excel ends lines with as many delimiters as its widest row had cells.
                while (heading.Count > 1 && heading[^1].Length == 0)
                {
                    heading.RemoveAt(heading.Count - 1);
                }

                continue;
            }

            if (rows.Count >= rowsMax)
            {
                break;
            }

            var row = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var i = 0; i < Math.Min(heading.Count, cells.Count); i++)
            {
                row[heading[i]] = cells[i];
            }

            rows.Add(new Row(line, row));
        }

        return new CsvTable(heading ?? [], rows);
    }
}
