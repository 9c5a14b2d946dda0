using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Localization;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>What is wrong with a form, by the field names of the device document. The first fault of a field counts.</summary>
public sealed class Faults
{
    private readonly SortedDictionary<string, (string Word, object[] Values)> _byField = new(StringComparer.Ordinal);

    public bool Any => _byField.Count > 0;

    public IEnumerable<string> Fields => _byField.Keys;

    public void Add(string field, string word, params object[] values) => _byField.TryAdd(field, (word, values));

    /// <summary>Takes over what the registry found: its messages begin with one word of reason.</summary>
    public void Add(ImmutableDictionary<string, ImmutableArray<string>> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        foreach (var (field, messages) in errors)
        {
            var parts = messages.FirstOrDefault(string.Empty).Split(':', 2, StringSplitOptions.TrimEntries);
            Add(field, "registry." + parts[0], parts.Length == 2 ? parts[1] : string.Empty);
        }
    }

    /// <summary>Null when the field is well. A reason without a text of its own is shown as it came.</summary>
    public string? Say(string field, IStringLocalizer words)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (!_byField.TryGetValue(field, out var fault))
        {
            return null;
        }

        var text = words[$"fault.{fault.Word}", fault.Values];
        return text.ResourceNotFound ? $"{fault.Word} {string.Join(' ', fault.Values)}" : text.Value;
    }
}
