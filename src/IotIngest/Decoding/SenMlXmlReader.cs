using System.Globalization;
using System.Xml;

namespace IotIngest.Decoding;

/// <summary>SenML in XML: elements <c>senml</c> whose attributes are the fields. Document types and external entities are refused.</summary>
internal static class SenMlXmlReader
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreWhitespace = true, IgnoreProcessingInstructions = true, MaxCharactersInDocument = 1 << 24,
    };

    public static void Read(byte[] payload, SenMlPack pack)
    {
        using var stream = new MemoryStream(payload, writable: false);
        using var reader = XmlReader.Create(stream, Settings);
        var going = true;
        while (reader.Read())
        {
            if (reader is { NodeType: XmlNodeType.Element, Depth: 0 } && reader.LocalName is not ("sensml" or "senml"))
            {
                throw new FormatException("the document is no SenML");
            }

            if (going && reader.NodeType == XmlNodeType.Element && reader.LocalName == "senml")
            {
                going = pack.TryAdd(RecordOf(reader));
            }
        }
    }

    private static SenMlRecord RecordOf(XmlReader reader)
    {
        var record = new SenMlRecord();
        while (reader.MoveToNextAttribute())
        {
            var value = reader.Value;
            switch (reader.Name)
            {
                case "bn":
                    record.BaseName = value;
                    break;
                case "bt":
                    record.BaseTime = NumberOf(value);
                    break;
                case "bu":
                    record.BaseUnit = value;
                    break;
                case "bv":
                    record.BaseValue = NumberOf(value);
                    break;
                case "bs":
                    record.BaseSum = NumberOf(value);
                    break;
                case "bver":
                    record.BaseVersion = NumberOf(value);
                    break;
                case "n":
                    record.Name = value;
                    break;
                case "u":
                    record.Unit = value;
                    break;
                case "v":
                    record.Value = NumberOf(value);
                    break;
                case "vs":
                    record.OtherValue = FlatValues.NumberOf(value);
                    break;
                case "vb":
                    record.OtherValue = value is "true" or "1" ? 1 : value is "false" or "0" ? 0 : double.NaN;
                    break;
                case "vd":
                    record.OtherValue = double.NaN;
                    break;
                case "s":
                    record.Sum = NumberOf(value);
                    break;
                case "t":
                    record.Time = NumberOf(value);
                    break;
                default:
                    record.NotUnderstood ??= reader.Name.EndsWith('_') ? reader.Name : null;
                    break;
            }
        }

        reader.MoveToElement();
        return record;
    }

    /// <summary>XML has texts only, and writes times with an exponent.</summary>
    private static double NumberOf(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : FlatValues.NumberOf(text);
}
