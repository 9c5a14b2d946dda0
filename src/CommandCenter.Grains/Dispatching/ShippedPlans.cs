using System.Collections.Immutable;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Dispatching;

/// <summary>The plans and units that the product brings along. They are data of the first start, not code: what a customer changes stays changed.</summary>
internal static class ShippedPlans
{
    private const string Folder = "Plans/";

    /// <summary>Plan documents by id.</summary>
    public static ImmutableSortedDictionary<string, string> Plans() =>
        Names().Where(name => name != "units.json").ToImmutableSortedDictionary(name => Path.GetFileNameWithoutExtension(name), Read, StringComparer.Ordinal);

    /// <summary>示例单位: made-up units for every role of the plans, in every street and for the district.</summary>
    public static ImmutableArray<ResponseUnit> Units() =>
        [.. JsonSerializer.Deserialize<ResponseUnit[]>(Read("units.json"), ContractJson.Options)!.Select(unit => unit with { Version = 1 })];

    private static IEnumerable<string> Names() => typeof(ShippedPlans).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
        .Select(name => name[Folder.Length..]);

    private static string Read(string name)
    {
        using var stream = typeof(ShippedPlans).Assembly.GetManifestResourceStream(Folder + name)
            ?? throw new InvalidOperationException($"The assembly does not hold {Folder}{name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
