using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Api;

/// <summary>Reads a JSON document as typed values at the border and keeps what is wrong, each under the name of its field. Fields that nobody
/// asked for are wrong too: a misspelt one would be lost silently.</summary>
internal sealed class DocumentReader
{
    private readonly JsonElement _element;
    private readonly string _path;
    private readonly Dictionary<string, List<string>> _errors;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<DocumentReader> _children = [];

    private DocumentReader(JsonElement element, string path, Dictionary<string, List<string>> errors) => (_element, _path, _errors) = (element, path, errors);

    public static DocumentReader Of(JsonElement element)
    {
        var reader = new DocumentReader(element, string.Empty, []);
        if (element.ValueKind != JsonValueKind.Object)
        {
            reader.Refuse("body", "must be a JSON object");
        }

        return reader;
    }

    /// <summary>Reads the body. An empty body is an empty object. The second value answers a body that is no JSON or too large.</summary>
    public static async Task<(DocumentReader Reader, IResult? Refusal)> ReadAsync(HttpRequest request, int bytesMax = 1 << 20)
    {
        var (text, refusal) = await ReadBytesAsync(request, bytesMax);
        if (refusal is not null)
        {
            return (Of(EmptyObject()), refusal);
        }

        return TryParse(text, out var element, out var error) ? (Of(element), null) : (Of(EmptyObject()), Answers.Invalid("body", error));
    }

    /// <summary>The raw body, at most <paramref name="bytesMax"/>.</summary>
    public static async Task<(ReadOnlyMemory<byte> Body, IResult? Refusal)> ReadBytesAsync(HttpRequest request, int bytesMax)
    {
        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await request.Body.ReadAsync(body.GetMemory(4_096), request.HttpContext.RequestAborted);
            if (read == 0)
            {
                return (body.WrittenMemory, null);
            }

            body.Advance(read);
            if (body.WrittenCount > bytesMax)
            {
                return (default, Results.Problem(
                    statusCode: StatusCodes.Status413PayloadTooLarge,
                    detail: string.Create(CultureInfo.InvariantCulture, $"The body may have at most {bytesMax} bytes.")));
            }
        }
    }

    public static bool TryParse(ReadOnlyMemory<byte> body, out JsonElement element, out string error)
    {
        error = string.Empty;
        if (body.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            element = EmptyObject();
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            element = document.RootElement.Clone();
            return true;
        }
        catch (JsonException broken)
        {
            element = EmptyObject();
            error = "must be JSON: " + broken.Message;
            return false;
        }
    }

    /// <summary>The problem with every wrong and every unknown field; null when all is well. Call after everything was asked for.</summary>
    public IResult? Refusal()
    {
        CollectUnknown();
        return _errors.Count == 0 ? null : Answers.Invalid(_errors.ToDictionary(error => error.Key, error => error.Value.ToImmutableArray()));
    }

    /// <summary>The wrong fields so far, without the unknown ones.</summary>
    public IReadOnlyDictionary<string, List<string>> Errors => _errors;

    public void Refuse(string field, string message)
    {
        var path = _path.Length == 0 ? field : $"{_path}.{field}";
        if (!_errors.TryGetValue(path, out var messages))
        {
            _errors[path] = messages = [];
        }

        messages.Add(message);
    }

    /// <summary>Fields that may stand in the document and are not read, such as those that an answer has added.</summary>
    public void Ignore(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            _asked.Add(field);
        }
    }

    public bool Has(string field) => Find(field) is not null;

    public string? Text(string field, int lengthMax = 4_000)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Refuse(field, "must be a text");
            return null;
        }

        var text = value.GetString()!;
        if (text.Length > lengthMax)
        {
            Refuse(field, string.Create(CultureInfo.InvariantCulture, $"must have at most {lengthMax} characters"));
            return null;
        }

        return text;
    }

    /// <summary>An empty text in place of a missing one, which is refused.</summary>
    public string RequiredText(string field, int lengthMax = 4_000)
    {
        var text = Text(field, lengthMax);
        if (text is null && !_errors.ContainsKey(_path.Length == 0 ? field : $"{_path}.{field}"))
        {
            Refuse(field, "is required");
        }
        else if (text is not null && string.IsNullOrWhiteSpace(text))
        {
            Refuse(field, "must not be empty");
        }

        return text ?? string.Empty;
    }

    public double? Number(string field, double min = double.MinValue, double max = double.MaxValue)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || !double.IsFinite(number))
        {
            Refuse(field, "must be a number");
            return null;
        }

        if (number < min || number > max)
        {
            Refuse(field, string.Create(CultureInfo.InvariantCulture, $"must be {min} to {max}"));
            return null;
        }

        return number;
    }

    public int? Whole(string field, int min, int max)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number))
        {
            Refuse(field, "must be a whole number");
            return null;
        }

        if (number < min || number > max)
        {
            Refuse(field, string.Create(CultureInfo.InvariantCulture, $"must be {min} to {max}"));
            return null;
        }

        return number;
    }

    public bool? Flag(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Refuse(field, "must be true or false");
        return null;
    }

    public DateTimeOffset? Time(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && Times.TryParse(value.GetString()!, out var at))
        {
            return at;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var epochMs) && Times.TryFromEpochMs(epochMs, out at))
        {
            return at;
        }

        Refuse(field, "must be an RFC 3339 time with offset, or epoch milliseconds");
        return null;
    }

    public T? Word<T>(string field)
        where T : struct, Enum
    {
        if (Text(field, 64) is not { } text)
        {
            return null;
        }

        if (Words.TryParse<T>(text, out var word))
        {
            return word;
        }

        Refuse(field, $"must be one of {Words.List<T>()}");
        return null;
    }

    public ImmutableArray<string> Texts(string field, int countMax = 1_000, int lengthMax = 256)
    {
        if (Find(field) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > countMax
            || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String || item.GetString()!.Length > lengthMax || item.GetString()!.Length == 0))
        {
            Refuse(field, string.Create(CultureInfo.InvariantCulture, $"must be a list of at most {countMax} texts"));
            return [];
        }

        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    public DocumentReader? Child(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            Refuse(field, "must be an object");
            return null;
        }

        return Adopt(value, field);
    }

    public ImmutableArray<DocumentReader> Items(string field, int countMax)
    {
        if (Find(field) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > countMax || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Object))
        {
            Refuse(field, string.Create(CultureInfo.InvariantCulture, $"must be a list of at most {countMax} objects"));
            return [];
        }

        return [.. value.EnumerateArray().Select((item, index) => Adopt(item, string.Create(CultureInfo.InvariantCulture, $"{field}[{index}]")))];
    }

    /// <summary>The members of an object whose names are free, such as <c>units</c> of a dispatch.</summary>
    public ImmutableArray<KeyValuePair<string, JsonElement>> Members(string field)
    {
        if (Find(field) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            Refuse(field, "must be an object");
            return [];
        }

        return [.. value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value))];
    }

    private static JsonElement EmptyObject() => JsonElement.Parse("{}");

    private DocumentReader Adopt(JsonElement element, string field)
    {
        var child = new DocumentReader(element, _path.Length == 0 ? field : $"{_path}.{field}", _errors);
        _children.Add(child);
        return child;
    }

    private JsonElement? Find(string field)
    {
        _asked.Add(field);
        return _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private void CollectUnknown()
    {
        if (_element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in _element.EnumerateObject().Where(member => !_asked.Contains(member.Name)))
            {
                Refuse(member.Name, "is not a field of this document");
            }
        }

        foreach (var child in _children)
        {
            child.CollectUnknown();
        }
    }
}

/// <summary>Words of enumerations as they stand in documents: snake_case, lower.</summary>
internal static class Words
{
    public static bool TryParse<T>(string text, out T word)
        where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            if (JsonNamingPolicy.SnakeCaseLower.ConvertName(candidate.ToString()) == text)
            {
                word = candidate;
                return true;
            }
        }

        word = default;
        return false;
    }

    public static string List<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName));

    public static string Of<T>(T word)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());
}

/// <summary>Times in documents and addresses: RFC 3339 with offset, whole milliseconds.</summary>
internal static class Times
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ssZ", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFZ", "yyyy-MM-dd'T'HH:mmzzz",
        "yyyy-MM-dd HH:mm:sszzz", "yyyy-MM-dd HH:mm:ss.FFFFFFFzzz",
    ];

    public static bool TryParse(string text, out DateTimeOffset at)
    {
        if (DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at))
        {
            at = Cut(at);
            return true;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var epochMs) && TryFromEpochMs(epochMs, out at);
    }

    public static bool TryFromEpochMs(long epochMs, out DateTimeOffset at)
    {
        at = default;
        if (epochMs is < -62_135_596_800_000 or > 253_402_300_799_999)
        {
            return false;
        }

        at = DateTimeOffset.FromUnixTimeMilliseconds(epochMs);
        return true;
    }

    private static DateTimeOffset Cut(DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        return new DateTimeOffset(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
    }
}
