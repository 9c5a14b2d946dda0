using System.Text;

namespace CommandCenter.Web.Api;

/// <summary>A table in RFC 4180 form with a heading: quoted cells may hold delimiters, line breaks and doubled quotes. Empty lines are skipped. The delimiter is the one
/// that the heading uses most: comma, semicolon, tab or the wide comma.</summary>
internal sealed class CsvTable
{
    private static readonly char[] Delimiters = [',', ';', '\t', '\uFF0C'];

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
    public static CsvTable Parse(string text, Func<string, string>? nameOf = null, int rowsMax = int.MaxValue)
    {
        var rows = new List<Row>();
        List<string>? heading = null;
        text = text.TrimStart('\uFEFF');
        foreach (var (line, cells) in Split(text, DelimiterOf(text)))
        {
            if (heading is null)
            {
                // The first line by which Excel tells itself the delimiter.
                if (cells[0].StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

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

    private static char DelimiterOf(string text)
    {
        var line = text.AsSpan().TrimStart();
        if (line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && line.Length > 4 && Delimiters.Contains(line[4]))
        {
            return line[4];
        }

        var end = line.IndexOf('\n');
        line = end < 0 ? line : line[..end];
        var (best, most) = (Delimiters[0], 0);
        foreach (var delimiter in Delimiters)
        {
            if (line.Count(delimiter) > most)
            {
                (best, most) = (delimiter, line.Count(delimiter));
            }
        }

        return best;
    }

    private static IEnumerable<(int Line, List<string> Cells)> Split(string text, char delimiter)
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
                case '\n':
                case var other when other == delimiter:
                    cells.Add(wasQuoted ? cell.ToString() : cell.ToString().Trim());
                    cell.Clear();
                    wasQuoted = false;
                    if (letter == '\n')
                    {
                        if (cells.Exists(filled => filled.Length > 0))
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
