using System.Text.Json.Serialization;

namespace IotIngest.Decoding;

/// <summary>Writes a bare text as the JSON text it should have been.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class BareTextJson : JsonSerializerContext;
