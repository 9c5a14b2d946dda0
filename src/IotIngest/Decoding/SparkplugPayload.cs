using System.Buffers.Binary;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

/// <summary>Data types of Sparkplug 3.0, section 6.4.16, as far as they are numbers.</summary>
internal static class SparkplugType
{
    public const uint Int8 = 1, Int16 = 2, Int32 = 3, Int64 = 4, UInt64 = 8, Float = 9, Double = 10, Boolean = 11, Text = 14, DataSet = 16, Template = 19;
    public const uint FirstArray = 22, FloatArray = 30, DoubleArray = 31, BooleanArray = 32, LastArray = 34;
}

/// <summary>The numbers of the fields that we read of a Sparkplug payload, metric, property set and template.</summary>
internal static class SparkplugField
{
    public const int PayloadTimestamp = 1, PayloadMetrics = 2, PayloadSequence = 3, PayloadUuid = 4;
    public const int Name = 1, Alias = 2, Timestamp = 3, Type = 4, IsNull = 7, Properties = 9, Int = 10, Long = 11, Float = 12, Double = 13, Boolean = 14, Text = 15, Bytes = 16, DataSet = 17, Template = 18;
    public const int PropertyKeys = 1, PropertyValues = 2, PropertyInt = 3, PropertyLong = 4, PropertyText = 8;
    public const int TemplateMetrics = 2, TemplateIsDefinition = 5;
}

/// <summary>One metric as its bytes tell it.</summary>
internal ref struct SparkplugMetric
{
    private const uint QualityBad = 0;
    private const uint QualityStale = 500;

    public ReadOnlySpan<byte> Name;
    public ulong? Alias;
    public ulong? TimestampMs;
    public uint? Type;
    public bool IsNull;
    public bool IsBroken;

    /// <summary>The field of the value; 0: there is none.</summary>
    public int ValueField;
    public ulong Bits;
    public ReadOnlySpan<byte> Bytes;
    public string? Unit;

    /// <summary>The writer itself says that the value is not to be believed.</summary>
    public bool IsBad;

    public static SparkplugMetric Read(ReadOnlySpan<byte> bytes)
    {
        var metric = default(SparkplugMetric);
        var reader = new WireReader(bytes);
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case SparkplugField.Name when reader.Kind == WireKind.Bytes:
                    metric.Name = reader.Bytes;
                    break;
                case SparkplugField.Alias when reader.Kind == WireKind.Varint:
                    metric.Alias = reader.Bits;
                    break;
                case SparkplugField.Timestamp when reader.Kind == WireKind.Varint:
                    metric.TimestampMs = reader.Bits;
                    break;
                case SparkplugField.Type when reader.Kind == WireKind.Varint:
                    metric.Type = (uint)reader.Bits;
                    break;
                case SparkplugField.IsNull when reader.Kind == WireKind.Varint:
                    metric.IsNull = reader.Bits != 0;
                    break;
                case SparkplugField.Properties when reader.Kind == WireKind.Bytes:
                    metric.ReadProperties(reader.Bytes);
                    break;
                case >= SparkplugField.Int and <= SparkplugField.Template:
                    metric.ValueField = reader.Field;
                    metric.Bits = reader.Bits;
                    metric.Bytes = reader.Bytes;
                    break;
                default:
                    break;
            }
        }

        metric.IsBroken |= reader.IsBroken;
        return metric;
    }

    /// <summary>The value as a number; null: it is none. The type is the birth's where the metric has none of its own.</summary>
    public readonly double? Number(uint type) => ValueField switch
    {
        // Negative numbers stand in unsigned fields as their bits; how many of them count, the type says.
        SparkplugField.Int or SparkplugField.Long => type switch
        {
            SparkplugType.Int8 => (sbyte)Bits,
            SparkplugType.Int16 => (short)Bits,
            SparkplugType.Int32 => (int)Bits,
            SparkplugType.Int64 => (long)Bits,
            SparkplugType.Boolean => Bits == 0 ? 0 : 1,
            _ => Bits,
        },
        SparkplugField.Float => Shortest(BitConverter.UInt32BitsToSingle((uint)Bits)),
        SparkplugField.Double => BitConverter.UInt64BitsToDouble(Bits),
        SparkplugField.Boolean => Bits == 0 ? 0 : 1,
        _ => null,
    };

    /// <summary>The number of that place of an array metric; null behind its end.</summary>
    public readonly double? Element(uint type, int index)
    {
        if (type == SparkplugType.BooleanArray)
        {
            return Bytes.Length > 4 && index < BinaryPrimitives.ReadUInt32LittleEndian(Bytes) && 4 + (index / 8) < Bytes.Length ? (Bytes[4 + (index / 8)] >> (7 - (index % 8))) & 1 : null;
        }

        var size = type switch { 22 or 26 => 1, 23 or 27 => 2, 24 or 28 or SparkplugType.FloatArray => 4, 25 or 29 or SparkplugType.DoubleArray or 34 => 8, _ => 0 };
        if (size == 0 || (index + 1) * size > Bytes.Length)
        {
            return null;
        }

        var bytes = Bytes[(index * size)..];
        return type switch
        {
            22 => (sbyte)bytes[0],
            23 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            24 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            25 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            26 => bytes[0],
            27 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            28 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            SparkplugType.FloatArray => Shortest(BinaryPrimitives.ReadSingleLittleEndian(bytes)),
            SparkplugType.DoubleArray => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
    }

    /// <summary>The decimal that the writer meant: a float 20.3 is 20.3 and not 20.299999237.</summary>
    private static double Shortest(float value) =>
        float.IsFinite(value) ? double.Parse(value.ToString("R", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture) : value;

    private void ReadProperties(ReadOnlySpan<byte> set)
    {
        // Keys and values are two lists of the same order; either may come first.
        var keys = new WireReader(set);
        var place = 0;
        while (keys.MoveNext())
        {
            if (!keys.Is(SparkplugField.PropertyKeys, WireKind.Bytes))
            {
                continue;
            }

            var isUnit = IsUnitKey(keys.Bytes);
            if (place > 64 || (!isUnit && !keys.Bytes.SequenceEqual("Quality"u8)))
            {
                place++;
                continue;
            }

            var values = new WireReader(set);
            for (var at = 0; values.MoveNext();)
            {
                if (values.Is(SparkplugField.PropertyValues, WireKind.Bytes) && at++ == place)
                {
                    ReadProperty(values.Bytes, isUnit);
                    break;
                }
            }

            place++;
        }

        IsBroken |= keys.IsBroken;
    }

    private static bool IsUnitKey(ReadOnlySpan<byte> key) =>
        key.Length <= 20 && System.Text.Encoding.UTF8.GetString(key).ToUpperInvariant() is "ENGUNIT" or "ENGUNITS" or "ENGINEERINGUNITS" or "ENGINEERING UNITS" or "UNIT" or "UNITS" or "EU" or "UOM";

    private void ReadProperty(ReadOnlySpan<byte> value, bool isUnit)
    {
        var reader = new WireReader(value);
        while (reader.MoveNext())
        {
            if (isUnit && reader.Is(SparkplugField.PropertyText, WireKind.Bytes))
            {
                // A spelling that nobody knows must not stand in the way of the mapping's own unit.
                Unit = reader.Bytes.Length <= 32 ? UnitsOfMeasure.Normalize(reader.Text()) : null;
            }
            else if (!isUnit && reader.Kind == WireKind.Varint && reader.Field is SparkplugField.PropertyInt or SparkplugField.PropertyLong)
            {
                IsBad = reader.Bits is QualityBad or QualityStale;
            }
        }

        IsBroken |= reader.IsBroken;
    }
}
