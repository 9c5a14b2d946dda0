using System.Collections.Immutable;
using System.Globalization;

namespace CommandCenter.Web.Api;

/// <summary>Reads the query of an address as typed values and keeps what is wrong under the name of the parameter.</summary>
internal sealed class QueryReader(IQueryCollection query)
{
    public const int LimitMax = 1_000;

    private readonly Dictionary<string, ImmutableArray<string>> _errors = [];

    public IResult? Refusal() => _errors.Count == 0 ? null : Answers.Invalid(_errors);

    public void Refuse(string name, string message) => _errors[name] = [message];

    public string? Text(string name)
    {
        var text = query[name].ToString();
        return string.IsNullOrWhiteSpace(text) ? null : text.Trim();
    }

    public string RequiredText(string name)
    {
        var text = Text(name);
        if (text is null)
        {
            Refuse(name, "is required");
        }

        return text ?? string.Empty;
    }

    /// <summary>The parts of a comma list; a repeated parameter is joined.</summary>
    public ImmutableArray<string> List(string name) =>
        [.. query[name].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    public ImmutableArray<T> WordList<T>(string name)
        where T : struct, Enum
    {
        var words = ImmutableArray.CreateBuilder<T>();
        foreach (var part in List(name))
        {
            if (Words.TryParse<T>(part, out var word))
            {
                words.Add(word);
            }
            else
            {
                Refuse(name, $"'{part}' must be one of {Words.List<T>()}");
            }
        }

        return words.ToImmutable();
    }

    public int Limit(int absent = 100)
    {
        if (Text("limit") is not { } text)
        {
            return absent;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= LimitMax)
        {
            return limit;
        }

        Refuse("limit", $"must be 1 to {LimitMax}");
        return absent;
    }

    public string? Cursor()
    {
        var cursor = Text("cursor");
        if (cursor is { Length: > 1_000 })
        {
            Refuse("cursor", "is not a cursor of this list");
            return null;
        }

        return cursor;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        // An unescaped "+08:00" arrives as " 08:00".
        if (Times.TryParse(text, out var at) || (text.LastIndexOf(' ') is > 10 and var space && Times.TryParse($"{text[..space]}+{text[(space + 1)..]}", out at)))
        {
            return at;
        }

        Refuse(name, "must be an RFC 3339 time with offset, or epoch milliseconds");
        return null;
    }

    /// <summary>A length of time such as <c>5m</c>: s, m, h or d, 1 s to 31 d.</summary>
    public TimeSpan? Interval(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        var unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        if (unit > TimeSpan.Zero && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count >= 1 && count <= TimeSpan.FromDays(31) / unit)
        {
            return unit * count;
        }

        Refuse(name, "must be a whole number with s, m, h or d, from 1s to 31d");
        return null;
    }

    /// <summary>Refuses a range that ends before it begins.</summary>
    public void CheckRange(DateTimeOffset? from, DateTimeOffset? to)
    {
        if (from is { } start && to is { } end && end < start)
        {
            Refuse("to", "must not be before from");
        }
    }
}
