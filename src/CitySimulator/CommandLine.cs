using System.Globalization;

namespace CitySimulator;

/// <summary>The words of a command line: named values and the others. Every name must be known, so that a misspelt one is not passed over.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, string> _named = new(StringComparer.Ordinal);

    public CommandLine(IEnumerable<string> words, IReadOnlyCollection<string> known)
    {
        var rest = new List<string>();
        string? name = null;
        foreach (var word in words)
        {
            if (name is not null)
            {
                _named[name] = word;
                name = null;
            }
            else if (word.StartsWith("--", StringComparison.Ordinal))
            {
                name = word[2..];
                var equals = name.IndexOf('=', StringComparison.Ordinal);
                var value = equals < 0 ? null : name[(equals + 1)..];
                name = equals < 0 ? name : name[..equals];
                if (!known.Contains(name))
                {
                    throw new UnfitInputException($"There is no option --{name}; there are: {string.Join(", ", known.Select(item => "--" + item))}.");
                }

                if (value is not null)
                {
                    _named[name] = value;
                    name = null;
                }
            }
            else
            {
                rest.Add(word);
            }
        }

        Words = name is null ? rest : throw new UnfitInputException($"--{name} needs a value.");
    }

    public IReadOnlyList<string> Words { get; }

    public string? Text(string name) => _named.GetValueOrDefault(name);

    public string Required(string name) => Text(name) is { Length: > 0 } value ? value : throw new UnfitInputException($"--{name} is needed.");

    public double Number(string name, double otherwise, double min, double max)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new UnfitInputException(FormattableString.Invariant($"--{name} must be a number from {min} to {max}, not '{text}'."));
    }
}
