using System.Text.Json;

namespace IotIngest.Decoding;

/// <summary>SenML in JSON: an array of records, one record alone, or the older object with the records in <c>e</c>.</summary>
internal static class SenMlJsonReader
{
    public static void Read(JsonElement root, SenMlPack pack)
    {
        if (root.ValueKind == JsonValueKind.Object && root.Field("e") is { ValueKind: JsonValueKind.Array } entries)
        {
            var bases = RecordOf(root);
            (bases.Value, bases.OtherValue, bases.Sum) = (null, null, null);
            _ = pack.TryAdd(bases) && TryReadAll(entries, pack);
        }
        else if (root.ValueKind == JsonValueKind.Array)
        {
            TryReadAll(root, pack);
        }
        else
        {
            pack.TryAdd(root.ValueKind == JsonValueKind.Object ? RecordOf(root) : default);
        }
    }

    private static bool TryReadAll(JsonElement records, SenMlPack pack)
    {
        foreach (var record in records.EnumerateArray())
        {
            if (!pack.TryAdd(record.ValueKind == JsonValueKind.Object ? RecordOf(record) : default))
            {
                return false;
            }
        }

        return true;
    }

    private static SenMlRecord RecordOf(JsonElement element)
    {
        var record = new SenMlRecord();
        foreach (var member in element.EnumerateObject())
        {
            var value = member.Value;
            if (value.ValueKind == JsonValueKind.Null && member.Name is not "v")
            {
                continue;
            }

            switch (member.Name)
            {
                case "bn":
                    record.BaseName = JsonFields.IdOf(value);
                    break;
                case "bt":
                    record.BaseTime = FlatValues.NumberOf(value);
                    break;
                case "bu":
                    record.BaseUnit = JsonFields.IdOf(value);
                    break;
                case "bv" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    // The older draft calls the value of a switch bv.
                    record.OtherValue = FlatValues.NumberOf(value);
                    break;
                case "bv":
                    record.BaseValue = FlatValues.NumberOf(value);
                    break;
                case "bs":
                    record.BaseSum = FlatValues.NumberOf(value);
                    break;
                case "bver" or "ver":
                    record.BaseVersion = FlatValues.NumberOf(value);
                    break;
                case "n":
                    record.Name = JsonFields.IdOf(value);
                    break;
                case "u":
                    record.Unit = JsonFields.IdOf(value);
                    break;
                case "v":
                    record.Value = FlatValues.NumberOf(value);
                    break;
                case "vb" or "vs" or "sv":
                    record.OtherValue = FlatValues.NumberOf(value);
                    break;
                case "vd":
                    record.OtherValue = double.NaN;
                    break;
                case "s":
                    record.Sum = FlatValues.NumberOf(value);
                    break;
                case "t":
                    record.Time = FlatValues.NumberOf(value);
                    break;
                default:
                    record.NotUnderstood ??= member.Name.EndsWith('_') ? member.Name : null;
                    break;
            }
        }

        return record;
    }
}
