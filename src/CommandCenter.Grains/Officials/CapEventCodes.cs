using System.Collections.Frozen;
using System.Text.RegularExpressions;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Officials;

/// <summary>Event codes of GB/T 35561 as two or more public systems send them, and what they mean here. Some feeds number differently, so the words of the title win over the code.</summary>
internal static class CapEventCodes
{
    private static readonly (string Code, string Name, string? Plan)[] All =
    [
        ("11A01", "洪水", "P02"), ("11B01", "台风", "P14"), ("11B03", "暴雨", "P01"), ("11B04", "暴雪", "P14"), ("11B05", "寒潮", "P14"), ("11B06", "大风", "P14"),
        ("11B07", "沙尘暴", "P10"), ("11B09", "高温", null), ("11B14", "雷电", null), ("11B15", "冰雹", "P14"), ("11B16", "霜冻", null), ("11B17", "大雾", null), ("11B19", "霾", "P10"),
        ("11B20", "雷雨大风", "P14"), ("11B21", "道路结冰", "P14"), ("11B22", "干旱", null), ("11B25", "森林火险", null), ("11B99", "其他气象灾害", null), ("11D00", "地质灾害", null),
        ("11E02", "风暴潮", null), ("11000", "自然灾害", null), ("12000", "事故灾难", null), ("13000", "公共卫生事件", null), ("14000", "社会安全事件", null), ("19000", "其他突发事件", null),
    ];

    private static readonly FrozenDictionary<string, string> Names = All.ToFrozenDictionary(entry => entry.Code, entry => entry.Name, StringComparer.OrdinalIgnoreCase);

    // Longer names first: 雷雨大风 holds 大风.
    private static readonly (string Name, string? Plan)[] Words = [.. All.Select(entry => (entry.Name, entry.Plan)).OrderByDescending(entry => entry.Name.Length)];

    public static string? NameOf(string code) => Names.GetValueOrDefault(code.Trim());

    /// <summary>The name of what threatens, and the plan for it.</summary>
    public static (string Name, PlanId? Plan) Of(CapInfo info)
    {
        var title = $"{info.Headline} {info.Event}";
        foreach (var (name, plan) in Words)
        {
            if (title.Contains(name, StringComparison.Ordinal))
            {
                return (name, plan is null ? null : new PlanId(plan));
            }
        }

        var known = info.Code is { } code ? Array.Find(All, entry => string.Equals(entry.Code, code, StringComparison.OrdinalIgnoreCase)) : default;
        return known.Code is null ? (info.Event, null) : (known.Name, known.Plan is null ? null : new PlanId(known.Plan));
    }
}

/// <summary>The colour of an official warning: what the title says, then what the issuer writes as colour, then its code, then its severity.</summary>
internal static partial class CapColours
{
    public static Colour Of(CapInfo info) =>
        OfText(info.Headline) ?? OfText(info.Event) ?? OfWord(info.ColourWord) ?? OfCode(info.Code) ?? OfWord(info.Severity) ?? info.Severity switch
        {
            "Extreme" => Colour.Red,
            "Severe" => Colour.Orange,
            "Moderate" => Colour.Yellow,
            _ => Colour.Blue,
        };

    public static Colour? OfWord(string? word) => word?.Trim().ToUpperInvariant() switch
    {
        "RED" or "红" or "红色" => Colour.Red,
        "ORANGE" or "橙" or "橙色" => Colour.Orange,
        "YELLOW" or "黄" or "黄色" => Colour.Yellow,
        "BLUE" or "蓝" or "蓝色" => Colour.Blue,
        _ => null,
    };

    private static Colour? OfText(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var match = ColourOfTitle().Match(text);
        return match.Success ? OfWord(match.Value[..1]) : null;
    }

    // The code of the weather administration ends in 1 red, 2 orange, 3 yellow, 4 blue.
    private static Colour? OfCode(string? code) => code is not null && WeatherCode().IsMatch(code)
        ? code[^1] switch { '1' => Colour.Red, '2' => Colour.Orange, '3' => Colour.Yellow, '4' => Colour.Blue, _ => null }
        : null;

    [GeneratedRegex("[红橙黄蓝]色", RegexOptions.CultureInvariant)]
    private static partial Regex ColourOfTitle();

    [GeneratedRegex("^p[0-9]{7}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WeatherCode();
}
