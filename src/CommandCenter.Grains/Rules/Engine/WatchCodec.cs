namespace CommandCenter.Grains.Rules;

/// <summary>The stored form of what a rule remembers of one device. Each condition is named by what it remembers, and its bytes are counted, so that a rule that was changed
/// meanwhile takes up what still fits and leaves the rest.</summary>
internal static class WatchCodec
{
    public static void Write(BinaryWriter writer, Watch watch)
    {
        writer.Write((byte)watch.Terms.Length);
        foreach (var term in watch.Terms)
        {
            writer.Write(term.Key);
            var length = Reserve(writer);
            writer.Write((byte)watch.Rule.Levels.Length);
            for (var i = 0; i < watch.Rule.Levels.Length; i++)
            {
                writer.Write((byte)watch.Rule.Levels[i].Colour);
            }

            writer.Write(term.Reached);
            writer.Write(term.Kept);
            writer.Write(term.JudgedAt);
            term.Measure?.Write(writer);
            term.Fence?.Write(writer);
            Count(writer, length);
        }

        writer.Write((byte)watch.GuardValues.Length);
        for (var i = 0; i < watch.GuardValues.Length; i++)
        {
            writer.Write(watch.Rule.Guards[i].Quantity.Value);
            writer.Write(watch.GuardValues[i]);
            writer.Write(watch.GuardAt[i]);
        }

        writer.Write(watch.Concluded.Reached);
        writer.Write(watch.Concluded.Kept);
    }

    /// <summary>Null: the rule is not in force for the device any more; the bytes are consumed all the same.</summary>
    public static void Read(BinaryReader reader, Watch? watch)
    {
        for (var terms = reader.ReadByte(); terms > 0; terms--)
        {
            var key = reader.ReadString();
            var end = reader.ReadInt32() + reader.BaseStream.Position;
            if (watch?.FindTerm(key) is { } term)
            {
                ReadTerm(reader, watch, term);
            }

            reader.BaseStream.Position = end;
        }

        for (var guards = reader.ReadByte(); guards > 0; guards--)
        {
            var quantity = reader.ReadString();
            var value = reader.ReadDouble();
            var at = reader.ReadInt64();
            watch?.RestoreGuard(quantity, value, at);
        }

        var concluded = (reader.ReadByte(), reader.ReadByte());
        if (watch is not null)
        {
            watch.Concluded = concluded;
        }
    }

    private static void ReadTerm(BinaryReader reader, Watch watch, Term term)
    {
        var levels = reader.ReadByte();
        Span<byte> colours = stackalloc byte[levels];
        reader.BaseStream.ReadExactly(colours);
        var reached = reader.ReadByte();
        var kept = reader.ReadByte();
        for (var i = 0; i < levels; i++)
        {
            var index = Colours.IndexOf(watch.Rule, (Contracts.Colour)colours[i]);
            if (index >= 0)
            {
                term.Reached |= (byte)(((reached >> i) & 1) << index);
                term.Kept |= (byte)(((kept >> i) & 1) << index);
            }
        }

        term.JudgedAt = reader.ReadInt64();
        term.Measure?.Read(reader);
        term.Fence?.Read(reader);
    }

    private static long Reserve(BinaryWriter writer)
    {
        writer.Flush();
        var place = writer.BaseStream.Position;
        writer.Write(0);
        return place;
    }

    private static void Count(BinaryWriter writer, long place)
    {
        writer.Flush();
        var end = writer.BaseStream.Position;
        writer.BaseStream.Position = place;
        writer.Write((int)(end - place - sizeof(int)));
        writer.Flush();
        writer.BaseStream.Position = end;
    }
}
