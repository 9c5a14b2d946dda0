using System.Globalization;

namespace CommandCenter.Web.Hosting;

/// <summary>Reads settings as typed values and keeps what is wrong with them, each as one line that names the key.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _errors = [];

    public IReadOnlyList<string> Errors => _errors;

    public void Refuse(string key, string what) => _errors.Add($"{key}: {what}");

    /// <summary>A refusal that already names its key.</summary>
    public void RefuseLine(string line) => _errors.Add(line);

    public bool IsSet(string key) => !string.IsNullOrWhiteSpace(configuration[key]);

    public string? Text(string key) => IsSet(key) ? configuration[key]!.Trim() : null;

    public int Int(string key, int absent, int min, int max)
    {
        if (Text(key) is not { } text)
        {
            return absent;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Refuse(key, string.Create(CultureInfo.InvariantCulture, $"must be {min}–{max}, was '{text}'"));
        return absent;
    }

    public double Number(string key, double absent, double min, double max)
    {
        if (Text(key) is not { } text)
        {
            return absent;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Refuse(key, string.Create(CultureInfo.InvariantCulture, $"must be {min}–{max}, was '{text}'"));
        return absent;
    }

    public bool Bool(string key, bool absent)
    {
        if (Text(key) is not { } text)
        {
            return absent;
        }

        if (bool.TryParse(text, out var value))
        {
            return value;
        }

        Refuse(key, $"must be true or false, was '{text}'");
        return absent;
    }

    public T Word<T>(string key, T absent)
        where T : struct, Enum
    {
        if (Text(key) is not { } text)
        {
            return absent;
        }

        // Numbers are refused: TryParse would take them for members.
        if (!char.IsAsciiDigit(text[0]) && text[0] is not '-' and not '+' && !text.Contains(',', StringComparison.Ordinal)
            && Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value))
        {
            return value;
        }

        Refuse(key, $"must be {string.Join(" or ", Enum.GetNames<T>())}, was '{text}'");
        return absent;
    }

    public string? ExistingFile(string key)
    {
        if (Text(key) is { } path && !File.Exists(path))
        {
            Refuse(key, $"must name a readable file, was '{path}'");
        }

        return Text(key);
    }

    public string? Address(string key)
    {
        if (Text(key) is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            Refuse(key, $"must be an http or https address, was '{text}'");
        }

        return Text(key);
    }
}
