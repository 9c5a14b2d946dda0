using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Parts;

/// <summary>How a warning's colour is written, in the same form on every screen.</summary>
public static class Severity
{
    /// <summary>The gravest first, as every list and tally orders them.</summary>
    public static IReadOnlyList<Colour> Gravest { get; } = [Colour.Red, Colour.Orange, Colour.Yellow, Colour.Blue];

    /// <summary>The word in style classes, resources and documents.</summary>
    public static string Word(Colour colour) => colour switch
    {
        Colour.Red => "red",
        Colour.Orange => "orange",
        Colour.Yellow => "yellow",
        Colour.Blue => "blue",
        _ => throw new ArgumentOutOfRangeException(nameof(colour), colour, "No such colour."),
    };

    public static string Shape(Colour colour) => colour switch
    {
        Colour.Red => "▲▲",
        Colour.Orange => "▲",
        Colour.Yellow => "◆",
        _ => "●",
    };

    /// <summary>预警级别: red is the first.</summary>
    public static string Grade(Colour colour) => colour switch
    {
        Colour.Red => "Ⅰ级",
        Colour.Orange => "Ⅱ级",
        Colour.Yellow => "Ⅲ级",
        _ => "Ⅳ级",
    };

    /// <summary>响应级别 1 to 4 in Roman figures.</summary>
    public static string Roman(int level) => level switch { 1 => "Ⅰ", 2 => "Ⅱ", 3 => "Ⅲ", _ => "Ⅳ" };

    public static int Count(WarningCounts counts, Colour colour)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return colour switch { Colour.Red => counts.Red, Colour.Orange => counts.Orange, Colour.Yellow => counts.Yellow, _ => counts.Blue };
    }

    /// <summary>The gravest colour that is there; null when all is calm.</summary>
    public static Colour? Worst(WarningCounts counts)
    {
        foreach (var colour in Gravest)
        {
            if (Count(counts, colour) > 0)
            {
                return colour;
            }
        }

        return null;
    }
}
