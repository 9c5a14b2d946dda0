using System.Text.Json;

namespace CommandCenter.Grains.Rules;

/// <summary>Enumeration words as documents write them.</summary>
internal static class RuleWords
{
    public static string Lower<T>(T word)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());
}
