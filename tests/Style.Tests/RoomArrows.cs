using System.Text.RegularExpressions;

namespace Style.Tests;

/// <summary>The rooms of the house and which of them may know which: ARCHITECTURE.md says it, this holds it.</summary>
public sealed partial class RoomArrows
{
    /// <summary>Rooms of CommandCenter.Grains in the order of the flow: a room may mention those before it. Storing is a border that every room may use.</summary>
    private static readonly string[] Order =
    [
        "Contracts", "Geography", "Registry", "History", "Storing", "Pushing", "Streets", "Rules", "Warnings", "Incidents", "Dispatching", "Notices", "Districts", "Officials", "Hosting",
    ];

    /// <summary>The grain shells that call forward, as house rule: a street grain runs Rules and Warnings in its own turn.</summary>
    private static readonly (string Room, string Knows)[] ForwardByShell =
    [
        ("Registry", "Storing"), ("Streets", "Rules"), ("Streets", "Warnings"), ("Rules", "Warnings"), ("Incidents", "Dispatching"), ("Geography", "Hosting"),
    ];

    [Fact]
    public void A_room_of_the_grains_mentions_only_rooms_before_it()
    {
        var root = Path.Combine(Tree.Root, "src", "CommandCenter.Grains");
        var wrong = new List<string>();
        foreach (var file in Sources(root))
        {
            var room = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)[0];
            var place = Array.IndexOf(Order, room);
            if (place < 0)
            {
                continue;
            }

            foreach (Match match in GrainsUsing().Matches(File.ReadAllText(file)))
            {
                var known = match.Groups[1].Value;
                var other = Array.IndexOf(Order, known);
                if (other > place && !ForwardByShell.Contains((room, known)))
                {
                    wrong.Add($"{Path.GetRelativePath(Tree.Root, file)} mentions {known}, which comes after {room}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Theory]
    [InlineData("IotIngest")]
    [InlineData("CommandCenter.Web")]
    public void Outside_the_grains_only_contracts_and_hosting_are_known(string project)
    {
        var wrong = Sources(Path.Combine(Tree.Root, "src", project))
            .SelectMany(file => GrainsUsing().Matches(File.ReadAllText(file))
                .Select(match => match.Groups[1].Value)
                .Where(room => room is not ("Contracts" or "Hosting"))
                .Where(room => !file.Contains($"{Path.DirectorySeparatorChar}Hosting{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .Select(room => $"{Path.GetRelativePath(Tree.Root, file)} mentions {room}"))
            .ToList();

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public void The_simulated_city_knows_nothing_of_the_platform()
    {
        var wrong = Sources(Path.Combine(Tree.Root, "src", "CitySimulator"))
            .Where(file => Regex.IsMatch(File.ReadAllText(file), @"using\s+(CommandCenter|IotIngest)"))
            .ToList();

        Assert.Empty(wrong);
    }

    private static IEnumerable<string> Sources(string root) =>
        Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex(@"using\s+(?:static\s+)?CommandCenter\.Grains\.(\w+)")]
    private static partial Regex GrainsUsing();
}
