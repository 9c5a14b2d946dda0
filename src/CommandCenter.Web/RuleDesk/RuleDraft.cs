using System.Globalization;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.RuleDesk;

/// <summary>A rule document as it is being edited. The document itself is edited in place, field by field, so that what no form shows stays as it was.
/// A number that cannot be read yet is kept as typed and is a fault of its field.</summary>
public sealed class RuleDraft
{
    private readonly Dictionary<string, string> _typed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonNode?> _putAside = new(StringComparer.Ordinal);
    private readonly Dictionary<JsonObject, (JsonObject Owner, string Name)> _lent = [];
    private readonly OrderedDictionary<string, Func<ValueTask>?> _shown = new(StringComparer.Ordinal);
    private readonly string _original;

    private RuleDraft(JsonObject document, string id, bool isNew, int baseVersion)
    {
        (Document, Id, IsNew, BaseVersion) = (document, id, isNew, baseVersion);
        _original = ToJson();
    }

    /// <summary>Something was edited: the page draws anew and looks again at what is selected.</summary>
    public event Action? Edited;

    public JsonObject Document { get; }

    /// <summary>Of a new rule typed by the person.</summary>
    public string Id { get; private set; }
    public bool IsNew { get; }

    /// <summary>The version that was in force when editing began; 0: a new rule.</summary>
    public int BaseVersion { get; }
    public RuleFaults Faults { get; } = new();
    public string Kind => RuleJson.Kind(Document);
    public bool IsChanged => _typed.Count > 0 || ToJson() != _original;

    /// <summary>Numbers that cannot be read, by field.</summary>
    public IEnumerable<string> Unread => _typed.Keys;

    public static RuleDraft Edit(string id, string document, int version) => new(RuleJson.Parse(document), id, isNew: false, version);

    /// <summary>A copy begins switched off and unnamed, so that no rule is judged twice by accident.</summary>
    public static RuleDraft CopyOf(JsonObject document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var copy = document.DeepClone().AsObject();
        copy.Remove("version");
        copy["enabled"] = false;
        return new(copy, string.Empty, isNew: true, 0);
    }

    public static RuleDraft Fresh(string kind) => new(RuleSchema.Fresh(kind), string.Empty, isNew: true, 0);

    public void Name(string id) => (Id, _) = (id.Trim(), Touch());

    /// <summary>The document to be sent: with the id of the address, without a version, which the server gives.</summary>
    public string ToJson()
    {
        var copy = Document.DeepClone().AsObject();
        copy.Remove("version");
        copy.Remove("id");
        var sent = new JsonObject { ["id"] = Id };
        foreach (var (name, value) in copy.ToArray())
        {
            copy.Remove(name);
            sent[name] = value;
        }

        return RuleJson.Write(sent);
    }

    public string NumberText(JsonObject? owner, string name, string path) =>
        _typed.TryGetValue(path, out var typed) ? typed : RuleJson.Number(owner, name) is { } value ? RuleJson.Plain(value) : string.Empty;

    /// <summary>An empty field says nothing; a wrong one keeps what stood there and is a fault.</summary>
    public void SetNumber(JsonObject owner, string name, string path, string? text, double scale = 1)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Faults.Forget(path);
        _typed.Remove(path);
        text = text?.Trim().Replace('。', '.').Replace(',', ',') ?? string.Empty;
        if (text.Length == 0)
        {
            owner.Remove(name);
        }
        else if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
        {
            owner[name] = Math.Round(value * scale, 9);
        }
        else
        {
            _typed[path] = text;
            Faults.Add(path, "must be a number");
        }

        Attach(owner);
        Touch();
    }

    public void SetText(JsonObject owner, string name, string path, string? text)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Faults.Forget(path);
        if (string.IsNullOrEmpty(text))
        {
            owner.Remove(name);
        }
        else
        {
            owner[name] = text;
        }

        Attach(owner);
        Touch();
    }

    public void SetFlag(JsonObject owner, string name, string path, bool on)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Faults.Forget(path);
        owner[name] = on;
        Attach(owner);
        Touch();
    }

    public void SetTexts(JsonObject owner, string name, string path, IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Faults.Forget(path);
        owner[name] = new JsonArray([.. texts.Select(text => (JsonNode)JsonValue.Create(text)!)]);
        Attach(owner);
        Touch();
    }

    public void SetNode(JsonObject owner, string name, string path, JsonNode? node)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Faults.ForgetUnder(path);
        if (node is null)
        {
            owner.Remove(name);
        }
        else
        {
            owner[name] = node;
        }

        Attach(owner);
        Touch();
    }

    /// <summary>Takes a colour away everywhere that a document may name it. What it held is put aside and comes back with it.</summary>
    public void SetColour(string colour, bool on)
    {
        var places = Places(colour);
        if (on)
        {
            foreach (var (owner, key) in places)
            {
                if (_putAside.Remove(key + colour, out var kept) && kept is not null)
                {
                    owner[colour] = kept;
                }
            }

            var levels = Made(Document, "levels");
            if (levels[colour] is null)
            {
                levels[colour] = new JsonObject { ["onDelaySeconds"] = RuleJson.Levels(Document).Select(level => RuleJson.Number(level.Level, "onDelaySeconds")).LastOrDefault() ?? 0 };
            }
        }
        else
        {
            foreach (var (owner, key) in places)
            {
                if (owner[colour] is { } node)
                {
                    owner.Remove(colour);
                    _putAside[key + colour] = node;
                }
            }
        }

        Faults.ForgetUnder("levels." + colour);
        Touch();
    }

    /// <summary>The child object. One that is not there is lent, and becomes part of the document with the first thing that is put into it: looking at a form changes nothing.</summary>
    public JsonObject Child(JsonObject owner, string name)
    {
        ArgumentNullException.ThrowIfNull(owner);
        if (owner[name] is JsonObject child)
        {
            return child;
        }

        foreach (var (known, place) in _lent)
        {
            if (ReferenceEquals(place.Owner, owner) && place.Name == name)
            {
                return known;
            }
        }

        var lent = new JsonObject();
        _lent[lent] = (owner, name);
        return lent;
    }

    /// <summary>Puts an item at the end of a list, which is made when it is not there.</summary>
    public void Add(JsonObject owner, string name, JsonNode item)
    {
        ArgumentNullException.ThrowIfNull(owner);
        if (owner[name] is not JsonArray list)
        {
            owner[name] = list = [];
        }

        list.Add(item);
        Attach(owner);
        Touch();
    }

    /// <summary>What was edited outside of the setters.</summary>
    public bool Touch()
    {
        Edited?.Invoke();
        return true;
    }

    /// <summary>A field of the form is on the screen under the name, and can be gone to.</summary>
    public void Show(string field, Func<ValueTask>? focus) => _shown[field] = focus;

    public void Hide(string field) => _shown.Remove(field);

    public bool IsShown(string field) => _shown.ContainsKey(field);

    /// <summary>Goes to the uppermost field that has a fault; what cannot be gone to is passed over.</summary>
    public async Task FocusFirstFaultAsync()
    {
        foreach (var (field, focus) in _shown)
        {
            if (focus is not null && Faults.Fields.Contains(field))
            {
                await focus();
                return;
            }
        }
    }

    private void Attach(JsonObject owner)
    {
        while (owner.Count > 0 && _lent.Remove(owner, out var place))
        {
            place.Owner[place.Name] = owner;
            owner = place.Owner;
        }
    }

    private static JsonObject Made(JsonObject owner, string name)
    {
        if (owner[name] is not JsonObject child)
        {
            owner[name] = child = [];
        }

        return child;
    }

    private List<(JsonObject Owner, string Key)> Places(string colour)
    {
        var places = new List<(JsonObject, string)> { (Made(Document, "levels"), "levels") };
        var also = RuleJson.Objects(Document, "also");
        for (var i = 0; i < also.Count; i++)
        {
            if (RuleJson.Object(also[i], "levels") is { } levels)
            {
                places.Add((levels, $"also[{i}]"));
            }
        }

        if (RuleJson.Object(Document, "overrides") is { } overrides)
        {
            places.AddRange(overrides.Where(pair => pair.Value is JsonObject).Select(pair => (pair.Value!.AsObject(), "overrides." + pair.Key)));
        }

        // An expression of its own for each colour.
        if (Kind == "composite" && RuleJson.Object(RuleJson.Object(Document, "parameters"), "when") is { } when && when.Any(part => RuleJson.Colours.Contains(part.Key)))
        {
            places.Add((when, "when"));
        }

        return places;
    }
}
