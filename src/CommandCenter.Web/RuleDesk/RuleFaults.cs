using System.Collections.Immutable;
using Microsoft.Extensions.Localization;

namespace CommandCenter.Web.RuleDesk;

/// <summary>What is wrong with a draft, by the field names of the document, said in the language of the screen. A complaint of the server that has no text of its own
/// is shown as it came.</summary>
public sealed partial class RuleFaults
{
    private readonly SortedDictionary<string, string> _byField = new(StringComparer.Ordinal);

    public bool Any => _byField.Count > 0;

    public IReadOnlyCollection<string> Fields => _byField.Keys;

    public void Clear() => _byField.Clear();

    public void Add(string field, string message) => _byField.TryAdd(field, message);

    public void Add(ImmutableDictionary<string, ImmutableArray<string>> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        foreach (var (field, messages) in errors)
        {
            Add(field, messages.FirstOrDefault(string.Empty));
        }
    }

    public void Forget(string field) => _byField.Remove(field);

    public void ForgetUnder(string field)
    {
        foreach (var known in _byField.Keys.Where(known => known == field || known.StartsWith(field + ".", StringComparison.Ordinal) || known.StartsWith(field + "[", StringComparison.Ordinal)).ToArray())
        {
            _byField.Remove(known);
        }
    }

    public string? Say(string field, IStringLocalizer words) => _byField.TryGetValue(field, out var message) ? Translate(message, words) : null;

    /// <summary>Faults that no field of the form shows: they stand above it, so that none is lost.</summary>
    public IEnumerable<(string Field, string Text)> Others(Func<string, bool> shown, IStringLocalizer words)
    {
        ArgumentNullException.ThrowIfNull(shown);
        return _byField.Where(fault => !shown(fault.Key)).Select(fault => (fault.Key, Translate(fault.Value, words)));
    }

    /// <summary>The complaint in the language of the screen, with its figures.</summary>
    public static string Translate(string message, IStringLocalizer words)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(words);
        foreach (var (pattern, key) in Known)
        {
            if (pattern.Match(message) is { Success: true } found)
            {
                return words["fault." + key, [.. found.Groups.Values.Skip(1).Select(group => (object)group.Value)]];
            }
        }

        return message;
    }

    /// <summary>True when the complaint has a text of its own.</summary>
    internal static bool IsKnown(string message) => Known.Any(known => known.Pattern.IsMatch(message));
}
