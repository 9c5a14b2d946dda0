using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Storing;

/// <summary>Records of the contracts as the JSON documents of their rows.</summary>
internal static class Documents
{
    public static string Write<T>(T record) => JsonSerializer.Serialize(record, ContractJson.Options);

    public static T Read<T>(string document) =>
        JsonSerializer.Deserialize<T>(document, ContractJson.Options) ?? throw new InvalidOperationException($"A stored {typeof(T).Name} is null.");
}
