using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Hosting;

/// <summary>The reasons as the contract spells them.</summary>
internal static class RejectionWords
{
    private static readonly string[] Words =
        [.. Enum.GetNames<RejectionReason>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    public static string Of(RejectionReason reason) => Words[(int)reason];
}
