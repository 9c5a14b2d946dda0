using System.Formats.Cbor;
using System.Xml;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// SenML (RFC 8428) in JSON, CBOR or XML, told apart by the first byte; also the older {"bn":…,"e":[…]}. The three readers give records, and the pack resolves them.
internal static class SenMlDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        var payload = input.Payload;
        if (payload.IsEmpty)
        {
            return;
        }

        // A CBOR pack is an array or a map; these bytes begin no JSON and no XML.
        if (payload[0] is >= 0x80 and <= 0xBF)
        {
            Decode(input, into, static (bytes, pack) => SenMlCborReader.Read(bytes, pack));
        }
        else if (payload.TrimStart(" \t\r\n\uFEFF"u8) is [(byte)'<', ..])
        {
            Decode(input, into, static (bytes, pack) => SenMlXmlReader.Read(bytes, pack));
        }
        else
        {
            JsonDocuments.Decode(input, into, static (System.Text.Json.JsonElement root, in DecodeInput message, DecodedMessage result) =>
            {
                var pack = new SenMlPack(message.Topic, message.ReceivedAt);
                SenMlJsonReader.Read(root, pack);
                pack.Finish(result);
            });
        }
    }

    private static void Decode(in DecodeInput input, DecodedMessage into, Action<byte[], SenMlPack> read)
    {
        try
        {
            var pack = new SenMlPack(input.Topic, input.ReceivedAt);
            read(input.Payload.ToArray(), pack);
            pack.Finish(into);
        }
        catch (Exception broken) when (broken is CborContentException or XmlException or InvalidOperationException or OverflowException or FormatException or ArgumentException)
        {
            into.ClearItems();
            into.Refusals.Clear();
            into.Refuse(RejectionReason.Malformed, broken.Message.Contains("DTD", StringComparison.Ordinal) ? "a document type is not allowed" : broken.Message is { Length: > 200 } text ? text[..200] : broken.Message);
        }
    }
}
