namespace CommandCenter.Web.RuleDesk;

/// <summary>Sorts rules into fields of work by their class of incident, so that a hundred of them can be looked through. To sort a class elsewhere, change a line here.</summary>
internal static class RuleTopics
{
    public static readonly string[] All = ["water", "weather", "gas", "fire", "people", "order", "environment", "structures", "supply", "plant", "network", "sensors", "other"];

    private static readonly Dictionary<string, string> ByClass = new(StringComparer.Ordinal)
    {
        ["SJ-04-04"] = "water", ["SJ-04-06"] = "water", ["SJ-21-08"] = "water", ["SJ-21-19"] = "water",
        ["SJ-04-07"] = "weather", ["SJ-21-17"] = "weather", ["SJ-21-20"] = "weather",
        ["SJ-04-03"] = "gas", ["SJ-21-01"] = "gas", ["SJ-21-09"] = "gas",
        ["SJ-21-02"] = "fire", ["SJ-21-22"] = "fire", ["SJ-21-23"] = "fire", ["SJ-21-24"] = "fire", ["SJ-01-15"] = "fire",
        ["SJ-04-09"] = "people", ["SJ-21-03"] = "people", ["SJ-21-04"] = "people", ["SJ-21-05"] = "people", ["SJ-21-06"] = "people", ["SJ-21-26"] = "people",
        ["SJ-21-25"] = "order",
        ["SJ-21-10"] = "environment", ["SJ-21-11"] = "environment", ["SJ-21-27"] = "environment",
        ["SJ-04-01"] = "structures", ["SJ-21-07"] = "structures", ["SJ-04-08"] = "structures",
        ["SJ-04-02"] = "supply", ["SJ-21-18"] = "supply", ["SJ-04-05"] = "supply",
        ["SJ-21-12"] = "plant", ["SJ-21-13"] = "plant",
        ["SJ-21-14"] = "network", ["SJ-21-15"] = "network", ["SJ-21-16"] = "network",
        ["SJ-21-21"] = "sensors",
    };

    private static readonly (string Start, string Topic)[] ByGroup = [("BJ-", "structures"), ("SJ-03", "environment"), ("SJ-01", "order"), ("SJ-02", "order"), ("SJ-05", "order")];

    public static string Of(string? code)
    {
        if (code is null)
        {
            return "other";
        }

        return ByClass.TryGetValue(code, out var topic) ? topic : ByGroup.FirstOrDefault(group => code.StartsWith(group.Start, StringComparison.Ordinal)).Topic ?? "other";
    }
}
