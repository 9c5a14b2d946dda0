namespace CommandCenter.Grains.Rules;

/// <summary>The stored form of a large whole number.</summary>
internal static class WholeNumbers
{
    public static void Write(BinaryWriter writer, Int128 value)
    {
        writer.Write((long)(value >> 64));
        writer.Write((ulong)(value & ulong.MaxValue));
    }

    public static Int128 Read(BinaryReader reader)
    {
        var high = (Int128)reader.ReadInt64();
        return (high << 64) | reader.ReadUInt64();
    }
}
