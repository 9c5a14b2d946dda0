using System.Collections.Immutable;

namespace IotIngest.Decoding;

/// <summary>What happened, as a camera format tells it.</summary>
/// <param name="Type">A word of the vocabulary where the meaning is clear, else the format's own word.</param>
/// <param name="Rule">What tells two conditions of one type apart at one device: a rule, a region, a channel.</param>
/// <param name="Holds">The source tells each change of the condition once.</param>
internal readonly record struct CameraEvent(string Key, string Type, string Rule, DeviceTime Time, Phase Phase, bool Holds = false)
{
    public string? OtherKey { get; init; }
    public double? Confidence { get; init; }
    public string? Snapshot { get; init; }
    public ImmutableArray<double> Box { get; init; } = [];

    /// <summary>An update sooner after the last one is left out.</summary>
    public int AtMostEveryMs { get; init; }

    /// <summary>Overrides the state that follows from the phase: the source says itself that the condition goes on.</summary>
    public bool GoesOn { get; init; }
}

/// <summary>Adds events of formats that have no event ids of their own.</summary>
internal static class CameraEvents
{
    private const int KeyLengthMax = 200;
    private const int TypeLengthMax = 64;

    /// <summary>False when the message names no device.</summary>
    public static bool TryAdd(in CameraEvent happened, in DecodeInput input, DecodedMessage into)
    {
        if (happened.Key is not { Length: > 0 and <= KeyLengthMax })
        {
            into.Refuse(CommandCenter.Grains.Contracts.RejectionReason.Malformed, "the message names no device, and neither does its topic");
            return false;
        }

        var group = $"{happened.Key}\n{happened.Type}\n{happened.Rule}";
        var atMs = (happened.Time.At ?? input.ReceivedAt).ToUnixTimeMilliseconds();
        var occurrence = input.Memory.Track(group, happened.Phase, atMs, happened.Holds, happened.AtMostEveryMs, input.IsTrial || happened.Time.Bad is not null);
        if (occurrence.IsTooSoon)
        {
            return true;
        }

        ref var item = ref into.AddItem(ItemKind.Event, happened.Key.AsMemory());
        item.OtherKey = happened.OtherKey.AsMemory();
        (item.At, item.BadTime) = (happened.Time.At, happened.Time.Bad);
        (item.EventId, item.IsQuiet) = (occurrence.Id, occurrence.IsQuiet);
        item.EventState = happened.GoesOn && occurrence.State == CommandCenter.Grains.Contracts.EventState.Start ? CommandCenter.Grains.Contracts.EventState.Update : occurrence.State;
        item.EventType = happened.Type.Length <= TypeLengthMax ? happened.Type : happened.Type[..TypeLengthMax];
        (item.Confidence, item.Snapshot, item.Box) = (happened.Confidence, Link(happened.Snapshot), happened.Box.IsDefault ? [] : happened.Box);
        return true;
    }

    /// <summary>A word that the vocabulary does not have, written as its own words are.</summary>
    public static string OwnWord(string text)
    {
        Span<char> word = stackalloc char[TypeLengthMax];
        var length = 0;
        for (var i = 0; i < text.Length && length < word.Length - 1; i++)
        {
            var isWord = char.IsLetterOrDigit(text[i]);
            if (length > 0 && word[length - 1] != '_' && (!isWord || (char.IsUpper(text[i]) && char.IsLower(text[i - 1]))))
            {
                word[length++] = '_';
            }

            if (isWord)
            {
                word[length++] = char.ToLowerInvariant(text[i]);
            }
        }

        return length == 0 ? "other" : word[..length].TrimEnd('_').ToString();
    }

    /// <summary>A rectangle of shares of the picture as x, y, width, height; empty when it is none.</summary>
    public static ImmutableArray<double> Box(double? x, double? y, double? width, double? height) =>
        x is >= 0 and <= 1 && y is >= 0 and <= 1 && width is > 0 and <= 1 && height is > 0 and <= 1
            ? [Share(x.Value), Share(y.Value), Share(Math.Min(width.Value, 1 - x.Value)), Share(Math.Min(height.Value, 1 - y.Value))] : [];

    private static double Share(double value) => Math.Round(value, 6);

    /// <summary>Only a web address is a picture that a desk can open.</summary>
    private static string? Link(string? text) =>
        text is { Length: <= 2_000 } && (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)) ? text : null;
}
