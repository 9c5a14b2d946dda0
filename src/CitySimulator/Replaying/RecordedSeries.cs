using System.Globalization;
using CsvHelper;

namespace CitySimulator;

/// <summary>One value of a recording. <see cref="Offset"/> is its distance from the first row.</summary>
internal readonly record struct RecordedValue(TimeSpan Offset, double Value, string RecordedAt);

/// <summary>A column of a CSV file with its times. Rows without a value are counted and left out; the time they stood for still passes.</summary>
internal sealed record RecordedSeries(IReadOnlyList<RecordedValue> Values, int Rows, int Missing)
{
    private const int RowsMax = 5_000_000;
    private static readonly string[] TimeNames = ["at", "time", "timestamp", "datetime", "date_time", "date"];
    private static readonly string[] MissingWords = ["", "NA", "N/A", "NaN", "null", "-"];

    /// <summary>Reads the column. The time comes from <c>year month day hour [minute]</c> columns or from one column of times; else each row is <paramref name="step"/> after the one before.</summary>
    /// <exception cref="UnfitInputException">The file does not fit; the message says where.</exception>
    public static RecordedSeries Read(TextReader text, string column, TimeSpan? step)
    {
        using var csv = CsvReader.Create(text, new CsvReaderOptions { TrackLineNumbers = true }, false);
        csv.ReadHeader();
        if (csv.Headers is not { Count: > 0 } names)
        {
            throw new UnfitInputException("The file is empty: its first line must name the columns.");
        }

        string[] header = [.. names.Select(name => name.Trim())];
        var valueAt = Find(header, column) ?? throw new UnfitInputException($"There is no column '{column}'; the file has: {string.Join(", ", header)}.");
        var timeOf = step is null ? TimeReader(header) : null;
        var values = new List<RecordedValue>();
        var (rows, missing) = (0, 0);
        DateTime? first = null;
        var last = TimeSpan.Zero;
        while (ReadRow(csv))
        {
            var line = csv.LineNumber;
            if (++rows > RowsMax)
            {
                throw new UnfitInputException($"The file has more than {RowsMax} rows.");
            }

            var (offset, shown) = step is { } each
                ? (each * (rows - 1), $"row {rows}")
                : OffsetOf(timeOf!(csv, line), ref first);
            if (offset < last)
            {
                throw new UnfitInputException($"Line {line}: the time goes back; the rows must be in order of time.");
            }

            last = offset;
            var field = Field(csv, valueAt);
            if (MissingWords.Contains(field, StringComparer.OrdinalIgnoreCase))
            {
                missing++;
            }
            else if (double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
            {
                values.Add(new(offset, value, shown));
            }
            else
            {
                throw new UnfitInputException($"Line {line}: '{field}' in column '{column}' is not a number.");
            }
        }

        return values.Count > 0 ? new(values, rows, missing) : throw new UnfitInputException($"Column '{column}' holds no value in {rows} rows.");
    }

    private static (TimeSpan Offset, string Shown) OffsetOf(DateTime time, ref DateTime? first)
    {
        first ??= time;
        return (time - first.Value, time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
    }

    private static Func<CsvReader, long, DateTime> TimeReader(string[] header)
    {
        if (Find(header, "year") is { } year && Find(header, "month") is { } month && Find(header, "day") is { } day && Find(header, "hour") is { } hour)
        {
            var minute = Find(header, "minute");
            return (csv, line) =>
            {
                try
                {
                    return new DateTime(Whole(csv, year), Whole(csv, month), Whole(csv, day), Whole(csv, hour), minute is { } at ? Whole(csv, at) : 0, 0, DateTimeKind.Unspecified);
                }
                catch (Exception wrong) when (wrong is FormatException or ArgumentOutOfRangeException)
                {
                    throw new UnfitInputException($"Line {line}: year, month, day and hour are no date.");
                }
            };
        }

        if (TimeNames.Select(name => Find(header, name)).FirstOrDefault(found => found is not null) is { } column)
        {
            return (csv, line) => DateTimeOffset.TryParse(Field(csv, column), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time.UtcDateTime
                : throw new UnfitInputException($"Line {line}: '{Field(csv, column)}' in column '{header[column]}' is not a time.");
        }

        throw new UnfitInputException($"The file has no time (year, month, day, hour, or one of {string.Join(", ", TimeNames)}): say --interval-seconds for the distance of its rows.");
    }

    private static bool ReadRow(CsvReader csv)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvFormatException wrong)
        {
            throw new UnfitInputException($"The file is not proper CSV: {wrong.Message}");
        }
    }

    private static string Field(CsvReader csv, int column) => column < csv.FieldCount ? csv.GetString(column).Trim() : string.Empty;

    private static int Whole(CsvReader csv, int column) => int.Parse(Field(csv, column), CultureInfo.InvariantCulture);

    private static int? Find(string[] header, string name)
    {
        var index = Array.FindIndex(header, item => string.Equals(item, name, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : index;
    }
}

/// <summary>A recording that cannot be replayed; the message is for the person at the console.</summary>
internal sealed class UnfitInputException(string message) : Exception(message);
