using System.Collections.Immutable;
using System.Text;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

/// <summary>What an item of a message is.</summary>
internal enum ItemKind { Reading, Event, Position, Status }

/// <summary>What stood where a number is expected.</summary>
internal enum ValueShape { Number, NotANumber }

/// <summary>A piece of the text arena of a <see cref="DecodedMessage"/>, UTF-8.</summary>
internal readonly record struct TextSlice(int Start, int Length);

/// <summary>One value under its flat dotted name, in whatever unit the device speaks.</summary>
internal struct DecodedValue
{
    public TextSlice Name;
    public double Number;
    public ValueShape Shape;

    /// <summary>The unit that the message itself names; null: it names none.</summary>
    public string? Unit;

    /// <summary>The unit that the format's documentation gives for this name, where the message names none. It counts only where the device's document names neither unit nor scale.</summary>
    public string? UsualUnit;
}

/// <summary>One reading, event, position or status of a message.</summary>
internal struct DecodedItem
{
    public ItemKind Kind;

    /// <summary>The device's identity inside the format.</summary>
    public ReadOnlyMemory<char> Key;

    /// <summary>A second identity that the format knows for the same device, tried where the first is registered nowhere; empty: there is none.</summary>
    public ReadOnlyMemory<char> OtherKey;

    /// <summary>Null: the message names no time.</summary>
    public DateTimeOffset? At;

    /// <summary>The text of a time that could not be read; null: it could.</summary>
    public string? BadTime;
    public int ValuesStart;
    public int ValuesCount;
    public string? EventId;
    public string? EventType;
    public EventState EventState;

    /// <summary>An end whose beginning this node does not know and which may only repeat that nothing is wrong: it counts where something is open, a trial leaves it out, and of an unregistered device it is not refused.</summary>
    public bool IsQuiet;
    public double? Confidence;
    public string? Snapshot;
    public string? Clip;
    public ImmutableArray<double> Box;
    public double Longitude;
    public double Latitude;
    public double? SpeedKmh;
    public double? HeadingDeg;
    public string? Crs;
    public bool Online;
}

/// <summary>A refusal by a decoder.</summary>
internal readonly record struct DecodeRefusal(RejectionReason Reason, string Detail);

/// <summary>The result of decoding one message. One instance per thread is used again and again, so that the readings path allocates nothing.</summary>
internal sealed class DecodedMessage
{
    /// <summary>Values in one message; a message with more is refused as malformed.</summary>
    public const int ValuesMax = 4_096;
    private const int RefusalsMax = 1_000;

    private byte[] text = new byte[4_096];
    private int textLength;
    private DecodedItem[] items = new DecodedItem[16];
    private DecodedValue[] values = new DecodedValue[64];

    /// <summary>Null: the topic belongs to no format.</summary>
    public string? Format { get; set; }

    /// <summary>The street that the topic names; empty: it names none.</summary>
    public ReadOnlyMemory<char> Street { get; set; }
    public int ItemCount { get; private set; }
    public int ValueCount { get; private set; }
    public List<DecodeRefusal> Refusals { get; } = [];

    /// <summary>What must be published because of this message.</summary>
    public List<BrokerAnswer> Answers { get; } = [];
    public ReadOnlySpan<DecodedItem> Items => items.AsSpan(0, ItemCount);
    public ReadOnlySpan<DecodedValue> Values => values.AsSpan(0, ValueCount);

    public void Clear()
    {
        Format = null;
        Street = default;
        ClearItems();
        Refusals.Clear();
        IsOverfull = false;
        Answers.Clear();
    }

    /// <summary>Forgets the items: a message whose end is broken counts as a whole as broken.</summary>
    public void ClearItems()
    {
        Array.Clear(items, 0, ItemCount);
        ItemCount = 0;
        ValueCount = 0;
        textLength = 0;
    }

    /// <summary>What else is wrong with a message that has been refused a thousand times over is left unsaid.</summary>
    public void Refuse(RejectionReason reason, string detail)
    {
        if (Refusals.Count < RefusalsMax)
        {
            Refusals.Add(new(reason, detail));
        }
    }

    /// <summary>The rest of a list need not be read: there is no room for more.</summary>
    public bool IsFull => IsOverfull || Refusals.Count == RefusalsMax;

    /// <summary>A reading had more values than there is room for.</summary>
    public bool IsOverfull { get; set; }

    public ref DecodedItem AddItem(ItemKind kind, ReadOnlyMemory<char> key)
    {
        if (ItemCount == items.Length)
        {
            Array.Resize(ref items, items.Length * 2);
        }

        ref var item = ref items[ItemCount++];
        item = new DecodedItem { Kind = kind, Key = key, ValuesStart = ValueCount, Box = [] };
        return ref item;
    }

    /// <summary>Takes back the newest item, for which nothing else was added since.</summary>
    public void DropLastItem()
    {
        ItemCount--;
        ValueCount = items[ItemCount].ValuesStart;
        items[ItemCount] = default;
    }

    /// <summary>Adds a value to the newest item; false when there are too many.</summary>
    public bool AddValue(TextSlice name, double number, ValueShape shape = ValueShape.Number)
    {
        if (ValueCount == ValuesMax)
        {
            return false;
        }

        if (ValueCount == values.Length)
        {
            Array.Resize(ref values, values.Length * 2);
        }

        values[ValueCount++] = new DecodedValue { Name = name, Number = number, Shape = shape };
        items[ItemCount - 1].ValuesCount++;
        return true;
    }

    public bool AddValue(string name, double number, string? unit = null, string? usualUnit = null)
    {
        var added = AddValue(AddText(name), number, double.IsFinite(number) ? ValueShape.Number : ValueShape.NotANumber);
        if (added)
        {
            values[ValueCount - 1].Unit = unit;
            values[ValueCount - 1].UsualUnit = usualUnit;
        }

        return added;
    }

    /// <summary>Gives the value of that name in the newest item its unit.</summary>
    public void SetUnit(ReadOnlySpan<byte> name, string unit)
    {
        ref readonly var item = ref items[ItemCount - 1];
        for (var i = item.ValuesStart; i < item.ValuesStart + item.ValuesCount; i++)
        {
            if (TextOf(values[i].Name).SequenceEqual(name))
            {
                values[i].Unit = unit;
            }
        }
    }

    /// <summary>Room for text that may follow; give back what was used with <see cref="TakeText"/>.</summary>
    public Span<byte> ReserveText(int length)
    {
        if (text.Length - textLength < length)
        {
            Array.Resize(ref text, Math.Max(text.Length * 2, textLength + length));
        }

        return text.AsSpan(textLength);
    }

    public TextSlice TakeText(int length)
    {
        var slice = new TextSlice(textLength, length);
        textLength += length;
        return slice;
    }

    public TextSlice AddText(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(ReserveText(utf8.Length));
        return TakeText(utf8.Length);
    }

    public TextSlice AddText(string value)
    {
        var room = ReserveText(Encoding.UTF8.GetMaxByteCount(value.Length));
        return TakeText(Encoding.UTF8.GetBytes(value, room));
    }

    public ReadOnlySpan<byte> TextOf(TextSlice slice) => text.AsSpan(slice.Start, slice.Length);

    public string StringOf(TextSlice slice) => Encoding.UTF8.GetString(TextOf(slice));
}
