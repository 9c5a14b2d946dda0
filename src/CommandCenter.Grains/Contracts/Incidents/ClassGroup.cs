using System.Collections.Frozen;
using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>Which classes of incident may be the same occurrence, told by different sources; the key of an intake grain. A class that is not listed is a group of its own.</summary>
public static class ClassGroup
{
    /// <summary>The class of a warning or report that names none: 其他突发事件.</summary>
    public static readonly ClassCode Unnamed = new("SJ-04-99");

    private static readonly FrozenDictionary<string, ImmutableArray<string>> ByGroup = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal)
    {
        // The overflowing well, the water on the road and the blocked drain are one flood to those who report it.
        ["flood"] = ["SJ-04-06", "SJ-04-04"],
        ["gas"] = ["SJ-21-01", "SJ-04-03"],
        ["fire"] = ["SJ-21-02", "SJ-01-15"],
        ["river"] = ["SJ-21-08", "SJ-21-19"],
        ["water_supply"] = ["SJ-04-02", "SJ-21-18", "SJ-21-23"],
        ["road"] = ["SJ-04-01", "SJ-01-10", "BJ-01-01", "BJ-01-02", "BJ-01-03", "BJ-01-04", "BJ-01-05", "BJ-01-06", "BJ-01-07", "BJ-01-08", "BJ-01-09", "BJ-01-10", "BJ-01-11", "BJ-01-12", "BJ-01-14"],
        ["garbage"] = ["SJ-01-02", "SJ-01-03", "SJ-01-04"],
        ["street_trade"] = ["SJ-05-01", "SJ-05-04"],
        ["dust"] = ["SJ-21-10", "SJ-03-02"],
        ["noise"] = ["SJ-21-11", "SJ-03-01", "SJ-05-08"],
        ["crowd"] = ["SJ-21-06", "SJ-04-09"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> ByClass = ByGroup
        .SelectMany(group => group.Value.Select(code => (code, group.Key)))
        .ToFrozenDictionary(pair => pair.code, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>The group of a class.</summary>
    public static string Of(ClassCode code)
    {
        var text = string.IsNullOrEmpty(code.Value) ? Unnamed.Value : code.Value;
        return ByClass.GetValueOrDefault(text, text);
    }

    /// <summary>True for the classes where a life may hang on minutes: fire, gas, people trapped, fallen, crowded or under water.</summary>
    public static bool ThreatensLife(ClassCode code) =>
        Of(code) is "gas" or "fire" or "flood" || code.Value is "SJ-21-03" or "SJ-21-04" or "SJ-21-05" or "SJ-21-06" or "SJ-21-09" or "SJ-21-26";

    /// <summary>Every class of a group.</summary>
    public static ImmutableArray<ClassCode> Members(string group) =>
        ByGroup.TryGetValue(group, out var codes) ? [.. codes.Select(code => new ClassCode(code))] : [new ClassCode(group)];
}
