using System.Buffers.Binary;
using System.Text;

namespace IotIngest.Decoding;

/// <summary>Reads the fields of a protocol buffers message one after another. What is broken ends the reading and is told by <see cref="IsBroken"/>; nothing throws and nothing is copied.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    public int Field { get; private set; }
    public bool IsBroken { get; private set; }

    /// <summary>The number of a varint or of fixed bits; 0 for bytes.</summary>
    public ulong Bits { get; private set; }

    /// <summary>The bytes of a text, of bytes or of a message inside; empty for numbers.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Whether the value is bytes, a varint, or 4 or 8 fixed bytes: a reader of a newer or hostile writer must not take one for another.</summary>
    public WireKind Kind { get; private set; }

    public bool MoveNext()
    {
        if (IsBroken || rest.IsEmpty)
        {
            return false;
        }

        IsBroken = !TryVarint(out var tag) || tag >> 3 is 0 or > 536_870_911 || !TryValue((int)(tag & 7));
        Field = (int)(tag >> 3);
        return !IsBroken;
    }

    public readonly bool Is(int field, WireKind kind) => Field == field && Kind == kind;

    public readonly string Text() => Encoding.UTF8.GetString(Bytes);

    private bool TryValue(int wire)
    {
        Bits = 0;
        Bytes = default;
        switch (wire)
        {
            case 0:
                Kind = WireKind.Varint;
                var read = TryVarint(out var number);
                Bits = number;
                return read;
            case 1 when rest.Length >= 8:
                Kind = WireKind.Fixed64;
                Bits = BinaryPrimitives.ReadUInt64LittleEndian(rest);
                rest = rest[8..];
                return true;
            case 2:
                Kind = WireKind.Bytes;
                if (!TryVarint(out var length) || length > (ulong)rest.Length)
                {
                    return false;
                }

                Bytes = rest[..(int)length];
                rest = rest[(int)length..];
                return true;
            case 5 when rest.Length >= 4:
                Kind = WireKind.Fixed32;
                Bits = BinaryPrimitives.ReadUInt32LittleEndian(rest);
                rest = rest[4..];
                return true;
            default:
                // Groups have left the format long ago; nothing that we read has them.
                return false;
        }
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < 10 && i < rest.Length; i++)
        {
            value |= (ulong)(rest[i] & 0x7f) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}

internal enum WireKind { Varint, Fixed32, Fixed64, Bytes }
