using System.Collections.Immutable;
using System.Xml.Linq;

namespace CommandCenter.Grains.Officials;

/// <summary>Every fault of a document, by the path of its element.</summary>
internal sealed class CapFaults
{
    private const int NamedMax = 50;
    private readonly Dictionary<string, List<string>> faults = [];

    public bool IsEmpty => faults.Count == 0;

    public void Add(string element, string fault)
    {
        if (faults.Count >= NamedMax && !faults.ContainsKey(element))
        {
            return;
        }

        if (!faults.TryGetValue(element, out var list))
        {
            faults[element] = list = [];
        }

        if (list.Count < NamedMax)
        {
            list.Add(fault);
        }
    }

    public CapReadResult Refuse(string element, string fault)
    {
        Add(element, fault);
        return new(null, ToImmutable());
    }

    public ImmutableDictionary<string, ImmutableArray<string>> ToImmutable() => faults.ToImmutableDictionary(entry => entry.Key, entry => entry.Value.ToImmutableArray());
}

/// <summary>An element with what may be asked of it. What is missing or wrong is noted as a fault; the caller goes on, so that one answer names all faults.</summary>
internal sealed class CapElement(XElement element, bool national, CapFaults faults, string path = "")
{
    public bool National => national;

    /// <summary>1.1 or 1.2; the national form counts as 1.2.</summary>
    public string Document => element.Name.NamespaceName.EndsWith(":1.1", StringComparison.Ordinal) ? "1.1" : "1.2";

    public string Value => element.Value.Trim();
    public bool IsBlank => Value.Length == 0;
    public bool HasElements => element.HasElements;

    public bool Has(string name) => element.Element(element.Name.Namespace + name) is not null;

    /// <summary>Null: the element is missing or blank.</summary>
    public string? Text(string name) => element.Element(element.Name.Namespace + name)?.Value.Trim() is { Length: > 0 } text ? text : null;

    public IEnumerable<CapElement> Children(string name) =>
        element.Elements(element.Name.Namespace + name).Select((child, index) => new CapElement(child, national, faults, $"{PathOf(name)}{(index == 0 ? string.Empty : $"[{index + 1}]")}"));

    public string Required(string name)
    {
        if (Text(name) is { } text)
        {
            return text;
        }

        Refuse(name, Has(name) ? "is empty" : "is missing");
        return string.Empty;
    }

    public void NeedsChild(string name)
    {
        if (!Has(name))
        {
            Refuse(name, "is missing");
        }
    }

    /// <summary>One of the words. The national form leaves much out or writes it in small letters.</summary>
    public string Word(string name, IReadOnlyList<string> words)
    {
        if (Text(name) is not { } text)
        {
            if (!national || name is "status" or "msgType")
            {
                Refuse(name, Has(name) ? "is empty" : "is missing");
            }

            return "Unknown";
        }

        var found = words.FirstOrDefault(word => string.Equals(word, text, national ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
        if (found is null)
        {
            Refuse(name, $"\"{CapReading.Short(text)}\" is not one of {string.Join(' ', words)}");
        }

        return found ?? "Unknown";
    }

    public void Own(IReadOnlyList<string> words)
    {
        if (!words.Contains(Value))
        {
            Refuse($"\"{CapReading.Short(Value)}\" is not one of {string.Join(' ', words)}");
        }
    }

    public DateTimeOffset? RequiredTime(string name)
    {
        if (Text(name) is null)
        {
            Refuse(name, Has(name) ? "is empty" : "is missing");
            return null;
        }

        return Time(name);
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        var time = CapReading.ParseTime(text, national);
        if (time is null)
        {
            Refuse(name, $"\"{CapReading.Short(text)}\" is not a time with an offset, such as 2026-11-24T08:00:00+08:00");
        }

        return time;
    }

    public (string Name, string Value) RequiredPair()
    {
        if (national)
        {
            return (Text("valueName") ?? string.Empty, Text("value") ?? Value);
        }

        // An empty value is allowed; a missing one is not.
        NeedsChild("value");
        return (Required("valueName"), Text("value") ?? string.Empty);
    }

    public void Refuse(string fault) => faults.Add(path, fault);

    public void Refuse(string name, string fault) => faults.Add(PathOf(name), fault);

    private string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";
}
