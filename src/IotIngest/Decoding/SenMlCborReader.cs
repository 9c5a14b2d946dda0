using System.Formats.Cbor;
using System.Globalization;

namespace IotIngest.Decoding;

/// <summary>SenML in CBOR: an array of maps whose labels are the numbers of RFC 8428, section 6; a stream (SensML) leaves the array's length open.</summary>
internal static class SenMlCborReader
{
    private const int DepthMax = 16;

    public static void Read(byte[] payload, SenMlPack pack)
    {
        var reader = new CborReader(payload, CborConformanceMode.Lax);
        if (reader.PeekState() == CborReaderState.StartMap)
        {
            pack.TryAdd(RecordOf(reader));
            return;
        }

        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            if (!pack.TryAdd(RecordOf(reader)))
            {
                return;
            }
        }

        reader.ReadEndArray();
    }

    private static SenMlRecord RecordOf(CborReader reader)
    {
        var record = new SenMlRecord();
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            switch (LabelOf(reader))
            {
                case "-2" or "bn":
                    record.BaseName = TextOf(reader);
                    break;
                case "-3" or "bt":
                    record.BaseTime = NumberOf(reader, 0);
                    break;
                case "-4" or "bu":
                    record.BaseUnit = TextOf(reader);
                    break;
                case "-5" or "bv":
                    record.BaseValue = NumberOf(reader, 0);
                    break;
                case "-6" or "bs":
                    record.BaseSum = NumberOf(reader, 0);
                    break;
                case "-1" or "bver":
                    record.BaseVersion = NumberOf(reader, 0);
                    break;
                case "0" or "n":
                    record.Name = TextOf(reader);
                    break;
                case "1" or "u":
                    record.Unit = TextOf(reader);
                    break;
                case "2" or "v":
                    record.Value = NumberOf(reader, 0);
                    break;
                case "3" or "vs" or "4" or "vb" or "8" or "vd":
                    record.OtherValue = NumberOf(reader, 0);
                    break;
                case "5" or "s":
                    record.Sum = NumberOf(reader, 0);
                    break;
                case "6" or "t":
                    record.Time = NumberOf(reader, 0);
                    break;
                case var label:
                    record.NotUnderstood ??= label.EndsWith('_') ? label : null;
                    Skip(reader);
                    break;
            }
        }

        reader.ReadEndMap();
        return record;
    }

    private static string LabelOf(CborReader reader) =>
        reader.PeekState() == CborReaderState.TextString ? reader.ReadTextString() : reader.ReadInt64().ToString(CultureInfo.InvariantCulture);

    private static string? TextOf(CborReader reader)
    {
        if (reader.PeekState() is CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString)
        {
            return reader.ReadTextString();
        }

        Skip(reader);
        return null;
    }

    private static double NumberOf(CborReader reader, int depth)
    {
        switch (reader.PeekState())
        {
            case CborReaderState.UnsignedInteger:
                return reader.ReadUInt64();
            case CborReaderState.NegativeInteger:
                return -1.0 - reader.ReadCborNegativeIntegerRepresentation();
            case CborReaderState.HalfPrecisionFloat or CborReaderState.SinglePrecisionFloat or CborReaderState.DoublePrecisionFloat:
                return reader.ReadDouble();
            case CborReaderState.Boolean:
                return reader.ReadBoolean() ? 1 : 0;
            case CborReaderState.TextString:
                return FlatValues.NumberOf(reader.ReadTextString());
            case CborReaderState.Tag when depth < DepthMax:
                return reader.PeekTag() == CborTag.DecimalFraction ? (double)reader.ReadDecimal() : Untagged(reader, depth);
            default:
                Skip(reader);
                return double.NaN;
        }
    }

    private static double Untagged(CborReader reader, int depth)
    {
        reader.ReadTag();
        return NumberOf(reader, depth + 1);
    }

    /// <summary>The library skips any depth and spends memory on each level.</summary>
    private static void Skip(CborReader reader)
    {
        var depth = reader.CurrentDepth;
        bool isWhole;
        do
        {
            isWhole = true;
            switch (reader.PeekState())
            {
                case CborReaderState.Tag:
                    reader.ReadTag();
                    isWhole = false;
                    break;
                case CborReaderState.StartArray:
                    reader.ReadStartArray();
                    break;
                case CborReaderState.EndArray:
                    reader.ReadEndArray();
                    break;
                case CborReaderState.StartMap:
                    reader.ReadStartMap();
                    break;
                case CborReaderState.EndMap:
                    reader.ReadEndMap();
                    break;
                default:
                    reader.SkipValue();
                    break;
            }

            if (reader.CurrentDepth > depth + DepthMax)
            {
                throw new CborContentException("nested too deep");
            }
        }
        while (!isWhole || reader.CurrentDepth > depth);
    }
}
