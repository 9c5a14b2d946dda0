using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

/// <summary>Reads the root of a JSON document into items.</summary>
internal delegate void DecodeRoot(JsonElement root, in DecodeInput input, DecodedMessage into);

/// <summary>What every decoder of a JSON format shares: whatever the bytes, they become items or a refusal, never an exception.</summary>
internal static class JsonDocuments
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <param name="repair">What a payload that is no JSON might have meant; null: nothing.</param>
    public static void Decode(in DecodeInput input, DecodedMessage into, DecodeRoot decode, Func<string, string?>? repair = null)
    {
        // Bytes that are not UTF-8 become the replacement sign, so that one spoilt name does not cost the whole message.
        var text = Encoding.UTF8.GetString(input.Payload.StartsWith("\uFEFF"u8) ? input.Payload[3..] : input.Payload);
        try
        {
            using var document = Parse(text, repair);
            decode(document.RootElement, input, into);
        }
        catch (JsonException broken)
        {
            into.ClearItems();
            into.Refusals.Clear();
            into.Refuse(RejectionReason.Malformed, broken.Message);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: valid JSON, but no text.
            into.ClearItems();
            into.Refusals.Clear();
            into.Refuse(RejectionReason.Malformed, "a text is not valid Unicode");
        }
    }

    private static JsonDocument Parse(string text, Func<string, string?>? repair)
    {
        try
        {
            return JsonDocument.Parse(text, Options);
        }
        catch (JsonException)
        {
            // Many programs write NaN and Infinity, which JSON has not.
            if (BareWords.TryQuote(Encoding.UTF8.GetBytes(text), out var quoted))
            {
                return JsonDocument.Parse(quoted, Options);
            }

            if (repair?.Invoke(text) is { } repaired)
            {
                return JsonDocument.Parse(repaired, Options);
            }

            throw;
        }
    }
}
