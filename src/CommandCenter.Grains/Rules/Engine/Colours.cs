using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Levels by their colour: what stays the same when a rule gets more or fewer of them.</summary>
internal static class Colours
{
    /// <summary>-1 when the rule has no such level.</summary>
    public static int IndexOf(RuleDefinition rule, Colour colour)
    {
        for (var i = 0; i < rule.Levels.Length; i++)
        {
            if (rule.Levels[i].Colour == colour)
            {
                return i;
            }
        }

        return -1;
    }
}
