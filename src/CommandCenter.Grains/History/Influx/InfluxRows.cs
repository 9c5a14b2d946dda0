using System.Text.Json;

namespace CommandCenter.Grains.History.Influx;

/// <summary>The rows of one statement's answer, cell by cell.</summary>
internal sealed class InfluxRows
{
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private JsonElement[][] _values = [];

    private InfluxRows()
    {
    }

    public int Count => _values.Length;

    public long Integer(int row, string column) => Cell(row, column) is { ValueKind: JsonValueKind.Number } cell
        ? cell.TryGetInt64(out var whole) ? whole : (long)cell.GetDouble()
        : 0;

    public double Number(int row, string column) => Cell(row, column) is { ValueKind: JsonValueKind.Number } cell ? cell.GetDouble() : double.NaN;

    public string Text(int row, string column) => Cell(row, column) is { ValueKind: JsonValueKind.String } cell ? cell.GetString()! : string.Empty;

    public bool Flag(int row, string column) => Cell(row, column) is { ValueKind: JsonValueKind.True };

    public static InfluxRows Read(JsonElement answer)
    {
        var rows = new InfluxRows();
        if (answer.TryGetProperty("error", out var error))
        {
            throw new InfluxOutageException(error.GetString() ?? "no reason given");
        }

        if (!answer.TryGetProperty("results", out var results) || results.GetArrayLength() == 0)
        {
            return rows;
        }

        var result = results[0];
        if (result.TryGetProperty("error", out error))
        {
            throw new InfluxOutageException(error.GetString() ?? "no reason given");
        }

        if (!result.TryGetProperty("series", out var series) || series.GetArrayLength() == 0)
        {
            return rows;
        }

        // Without GROUP BY a tag there is one series.
        var number = 0;
        foreach (var column in series[0].GetProperty("columns").EnumerateArray())
        {
            rows._columns[column.GetString()!] = number++;
        }

        if (series[0].TryGetProperty("values", out var values))
        {
            rows._values = [.. values.Clone().EnumerateArray().Select(row => row.EnumerateArray().ToArray())];
        }

        return rows;
    }

    private JsonElement Cell(int row, string column) => _columns.TryGetValue(column, out var number) ? _values[row][number] : default;
}
