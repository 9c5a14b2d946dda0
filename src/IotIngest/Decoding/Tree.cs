using System.Text.Json;
using System.Xml;

namespace IotIngest.Decoding;

// Camera formats come as XML of many firmwares and as JSON with the same names. Both become the same small tree: names without namespace prefix and without the '@' of attributes,
// attributes as members, an array as one member of its name for each element. It is a flat list in document order, so nothing recurses and its size is bounded.
internal sealed class Tree
{
    /// <summary>Elements, attributes and members of one document; a larger one is refused.</summary>
    public const int PartsMax = 8_192;

    private const int DepthMax = 64;
    private static readonly JsonReaderOptions JsonOptions = new() { MaxDepth = DepthMax };
    private Node[] nodes = new Node[32];
    private int count;

    /// <summary>The document's element, or the unnamed part around the members of a JSON object or the elements of a JSON array.</summary>
    public Part Root => new(this, 0);

    /// <summary>Null, with the reason, when the bytes are neither good XML nor good JSON.</summary>
    public static Tree? Read(ReadOnlySpan<byte> payload, out string why) => LooksLikeXml(payload) ? ReadXml(payload, out why) : ReadJson(payload, out why);

    public static bool LooksLikeXml(ReadOnlySpan<byte> payload)
    {
        foreach (var current in payload)
        {
            if (current is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0 or 0xef or 0xbb or 0xbf or 0xff or 0xfe))
            {
                return current == '<';
            }
        }

        return false;
    }

    public static Tree? ReadXml(ReadOnlySpan<byte> payload, out string why)
    {
        var text = PayloadTexts.OfXml(payload);
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = text.Length + 1, MaxCharactersFromEntities = 1,
            IgnoreComments = true, IgnoreProcessingInstructions = true, CheckCharacters = false, CloseInput = true,
        };
        var tree = new Tree();
        try
        {
            var names = new NameTable();
            using var reader = XmlReader.Create(new StringReader(text), settings, new XmlParserContext(names, new ForgivingNamespaces(names), null, XmlSpace.None));
            why = tree.FillFromXml(reader) ? string.Empty : $"more than {PartsMax} parts or {DepthMax} levels in one document";
            return why.Length == 0 ? tree : null;
        }
        catch (Exception broken) when (broken is XmlException or ArgumentException or InvalidOperationException)
        {
            why = broken.Message is { Length: > 200 } message ? message[..200] : broken.Message;
            return null;
        }
    }

    public static Tree? ReadJson(ReadOnlySpan<byte> payload, out string why)
    {
        var utf8 = PayloadTexts.Utf8(payload);
        var tree = TryReadJson(utf8, out why);
        return tree is null && BareWords.TryQuote(utf8, out var quoted) ? TryReadJson(quoted, out why) : tree;
    }

    private static Tree? TryReadJson(ReadOnlySpan<byte> utf8, out string why)
    {
        var tree = new Tree();
        try
        {
            var reader = new Utf8JsonReader(utf8, JsonOptions);
            why = tree.FillFromJson(ref reader) ? string.Empty : $"more than {PartsMax} parts in one document";
            return why.Length == 0 ? tree : null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            why = broken is JsonException ? broken.Message : "a text is not valid Unicode";
            return null;
        }
    }

    private bool FillFromXml(XmlReader reader)
    {
        Span<int> open = stackalloc int[DepthMax + 1];
        var depth = 0;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    var isEmpty = reader.IsEmptyElement;
                    if (depth == DepthMax || !TryAdd(reader.LocalName, string.Empty, out open[depth]))
                    {
                        return false;
                    }

                    depth++;
                    while (reader.MoveToNextAttribute())
                    {
                        if (reader.Prefix != "xmlns" && reader.Name != "xmlns" && !TryAdd(reader.LocalName, reader.Value, out _))
                        {
                            return false;
                        }
                    }

                    if (isEmpty)
                    {
                        nodes[open[--depth]].End = count;
                    }

                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    // Text around child elements says nothing in these formats; the first piece is enough.
                    ref var owner = ref nodes[open[depth - 1]];
                    owner.Text = owner.Text.Length == 0 ? reader.Value.Trim() : owner.Text;
                    break;
                case XmlNodeType.EndElement:
                    nodes[open[--depth]].End = count;
                    break;
                default:
                    break;
            }
        }

        return count > 0;
    }

    private bool FillFromJson(ref Utf8JsonReader reader)
    {
        Span<int> open = stackalloc int[DepthMax + 2];
        Span<bool> isArray = stackalloc bool[DepthMax + 2];
        var arrayNames = new string[DepthMax + 2];
        TryAdd(string.Empty, string.Empty, out open[0]);
        var depth = 0;
        var name = string.Empty;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = LocalName(reader.GetString()!);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    // The outermost braces are the root, and an array that is a member's value adds no level of its own.
                    var isList = reader.TokenType == JsonTokenType.StartArray;
                    var same = depth == 0 || (isList && !isArray[depth]);
                    if (!same && !TryAdd(name, string.Empty, out open[depth + 1]))
                    {
                        return false;
                    }

                    open[depth + 1] = same ? open[depth] : open[depth + 1];
                    isArray[++depth] = isList;
                    arrayNames[depth] = name;
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    nodes[open[depth--]].End = count;
                    name = isArray[depth] ? arrayNames[depth] : string.Empty;
                    break;
                case JsonTokenType.Null:
                    break;
                default:
                    var text = reader.TokenType switch
                    {
                        JsonTokenType.String => reader.GetString()!,
                        JsonTokenType.True => "true",
                        JsonTokenType.False => "false",
                        _ => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
                    };
                    if (!isArray[depth] && name is "#text" or "$t" or "$")
                    {
                        nodes[open[depth]].Text = text;
                    }
                    else if (!TryAdd(name, text, out _))
                    {
                        return false;
                    }

                    break;
            }
        }

        nodes[0].End = count;
        return true;
    }

    private static string LocalName(string name)
    {
        var start = name.StartsWith('@') ? 1 : 0;
        var colon = name.LastIndexOf(':');
        start = colon >= 0 && colon < name.Length - 1 ? colon + 1 : start;
        return start == 0 ? name : name[start..];
    }

    private bool TryAdd(string name, string text, out int index)
    {
        index = count;
        if (count == PartsMax)
        {
            return false;
        }

        if (count == nodes.Length)
        {
            Array.Resize(ref nodes, count * 2);
        }

        nodes[count] = new Node { Name = name, Text = text, End = count + 1 };
        count++;
        return true;
    }

    private struct Node
    {
        public string Name;
        public string Text;
        public int End;
    }

    /// <summary>One element, attribute or member; or none, of which every question has an empty answer, so that a path through a document needs no checks on the way.</summary>
    public readonly struct Part(Tree? tree, int index)
    {
        public bool Exists => tree is not null;
        public string Name => tree is null ? string.Empty : tree.nodes[index].Name;

        /// <summary>Its own text; empty when there is none.</summary>
        public string Text => tree is null ? string.Empty : tree.nodes[index].Text;
        public bool HasMembers => tree is not null && tree.nodes[index].End > index + 1;

        /// <summary>The first member of that name, whatever its case.</summary>
        public Part this[string name]
        {
            get
            {
                foreach (var member in Members)
                {
                    if (member.Is(name))
                    {
                        return member;
                    }
                }

                return default;
            }
        }

        public MemberList Members => new(tree, index, null);

        /// <summary>The members of that name: the elements of an array, or repeated elements.</summary>
        public MemberList All(string name) => new(tree, index, name);

        public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

        /// <summary>The first part of that name at any depth.</summary>
        public Part Find(string name)
        {
            if (tree is not null)
            {
                for (var i = index + 1; i < tree.nodes[index].End; i++)
                {
                    if (string.Equals(tree.nodes[i].Name, name, StringComparison.OrdinalIgnoreCase))
                    {
                        return new(tree, i);
                    }
                }
            }

            return default;
        }

        /// <summary>The text of the first of the names that says something; empty when none does.</summary>
        public string TextOf(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (this[name].Text is { Length: > 0 } text)
                {
                    return text;
                }
            }

            return string.Empty;
        }

        /// <summary>The same at any depth.</summary>
        public string FindText(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (Find(name).Text is { Length: > 0 } text)
                {
                    return text;
                }
            }

            return string.Empty;
        }

        public double? Number => Numbers.Parse(Text);

        public struct MemberList(Tree? tree, int parent, string? name)
        {
            private int index = -1;

            public readonly Part Current => new(tree, index);

            public readonly MemberList GetEnumerator() => this;

            public bool MoveNext()
            {
                if (tree is null)
                {
                    return false;
                }

                do
                {
                    index = index < 0 ? parent + 1 : tree.nodes[index].End;
                }
                while (index < tree.nodes[parent].End && name is not null && !string.Equals(tree.nodes[index].Name, name, StringComparison.OrdinalIgnoreCase));
                return index < tree.nodes[parent].End;
            }
        }
    }

    /// <summary>Firmware writes prefixes that it never declares; the names are read without them anyway.</summary>
    private sealed class ForgivingNamespaces(XmlNameTable names) : XmlNamespaceManager(names)
    {
        public override string? LookupNamespace(string prefix) => base.LookupNamespace(prefix) ?? (prefix.Length > 0 ? "urn:undeclared" : null);
    }
}

/// <summary>Numbers as devices write them.</summary>
internal static class Numbers
{
    /// <summary>Null when the text is no finite number.</summary>
    public static double? Parse(string text) =>
        double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
