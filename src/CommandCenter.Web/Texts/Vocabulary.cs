using System.Globalization;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Texts;

/// <summary>The labels of the vocabulary in the screen's language. An unknown word stands for itself.</summary>
public sealed class Vocabulary
{
    /// <summary>Before the vocabulary has come: every word stands for itself.</summary>
    public static Vocabulary Nothing { get; } = new(new VocabularyDocument());

    private readonly Dictionary<string, Label> _kinds;
    private readonly Dictionary<string, Label> _events;
    private readonly Dictionary<string, Label> _classes;
    private readonly Dictionary<string, Label> _quantities;

    public Vocabulary(VocabularyDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        _kinds = document.Kinds.ToDictionary(word => word.Id, word => word.Name, StringComparer.Ordinal);
        _events = document.Events.ToDictionary(word => word.Id, word => word.Name, StringComparer.Ordinal);
        _classes = document.Classes.ToDictionary(word => word.Id, word => word.Name, StringComparer.Ordinal);
        _quantities = document.Quantities.ToDictionary(kind => kind.Id.Value, kind => kind.Name, StringComparer.Ordinal);
        Units = document.Quantities.ToDictionary(kind => kind.Id.Value, kind => kind.Unit, StringComparer.Ordinal);
    }

    /// <summary>The unit of each quantity kind.</summary>
    public IReadOnlyDictionary<string, string> Units { get; }

    public string Kind(string id) => Find(_kinds, id);

    public string Event(string id) => Find(_events, id);

    public string Class(string id) => Find(_classes, id);

    public string Quantity(string id) => Find(_quantities, id);

    /// <summary>The text of a label in the screen's language.</summary>
    public static string Say(Label label)
    {
        ArgumentNullException.ThrowIfNull(label);
        return CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? label.Zh : label.En;
    }

    private static string Find(Dictionary<string, Label> words, string id) => words.TryGetValue(id, out var label) ? Say(label) : id;
}
