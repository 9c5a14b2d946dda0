using System.Globalization;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>Recordings of real stations under ../shared/data/streams; tests that need them skip where that folder is absent. Gaps stay gaps.</summary>
internal static class RecordedStreams
{
    /// <summary>Time and value of every row that has one.</summary>
    public static List<(long At, double Value)> River(string gauge, string file = "river_level_038_039_042.csv")
    {
        var lines = File.ReadLines(Find("river_japan_0844900400", file));
        var column = Array.FindIndex(lines.First().Split(','), name => name.EndsWith(gauge, StringComparison.Ordinal));
        return [.. lines.Skip(1).Select(line => line.Split(',')).Where(cells => cells[column].Length > 0)
            .Select(cells => (Time(DateTime.Parse(cells[0], CultureInfo.InvariantCulture)), double.Parse(cells[column], CultureInfo.InvariantCulture)))];
    }

    public static List<(long At, double Value)> Air(string station, string quantity)
    {
        var lines = File.ReadLines(Find("air_beijing_prsa", $"PRSA_Data_{station}_20130301-20170228.csv"));
        var column = Array.IndexOf(lines.First().Split(','), $"\"{quantity}\"");
        return [.. lines.Skip(1).Select(line => line.Split(',')).Where(cells => cells[column] != "NA")
            .Select(cells => (Time(new DateTime(Whole(cells[1]), Whole(cells[2]), Whole(cells[3]), Whole(cells[4]), 0, 0, DateTimeKind.Unspecified)), double.Parse(cells[column], CultureInfo.InvariantCulture)))];
    }

    // The clock times are local; which offset they have does not matter to durations.
    private static long Time(DateTime local) => (long)(local - DateTime.UnixEpoch).TotalMilliseconds;

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Find(string folder, string file)
    {
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            var path = Path.Combine(place.FullName, "..", "shared", "data", "streams", folder, file);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"The recordings of {folder} need ../shared");
        return string.Empty;
    }
}
