using System.Text;

namespace CommandCenter.Web.Api;

/// <summary>A table in RFC 4180 form with a heading: quoted cells may hold commas, line breaks and doubled quotes. Empty lines are skipped.</summary>
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

    public static CsvTable Parse(string text)
    {
        var rows = new List<Row>();
        List<string>? heading = null;
        foreach (var (line, cells) in Split(text.TrimStart('\uFEFF')))
        {
            if (heading is null)
            {
                heading = cells;
                continue;
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

    private static IEnumerable<(int Line, List<string> Cells)> Split(string text)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var (quoted, wasQuoted, line, rowLine) = (false, false, 1, 1);
        for (var i = 0; i <= text.Length; i++)
        {
            var ends = i == text.Length;
            var letter = ends ? '\n' : text[i];
            if (quoted && !ends)
            {
                if (letter == '"' && i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else if (letter == '"')
                {
                    quoted = false;
                }
                else
                {
                    line += letter == '\n' ? 1 : 0;
                    cell.Append(letter);
                }

                continue;
            }

            switch (letter)
            {
                case '"' when cell.ToString().Trim().Length == 0 && !wasQuoted:
                    cell.Clear();
                    (quoted, wasQuoted) = (true, true);
                    break;
                case ',' or '\n':
                    cells.Add(wasQuoted ? cell.ToString() : cell.ToString().Trim());
                    cell.Clear();
                    wasQuoted = false;
                    if (letter == '\n')
                    {
                        if (cells.Count > 1 || cells[0].Length > 0)
                        {
                            yield return (rowLine, cells);
                        }

                        cells = [];
                        line++;
                        rowLine = line;
                    }

                    break;
                case '\r':
                    break;
                default:
                    if (!wasQuoted)
                    {
                        cell.Append(letter);
                    }

                    break;
            }
        }
    }
}
