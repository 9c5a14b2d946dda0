using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>The stored form of a life, inside a street's snapshot.</summary>
internal static class RuleLifeCodec
{
    public static void Write(BinaryWriter writer, RuleLife life)
    {
        writer.Write(life.Rule.Id.Value);
        writer.Write(life.Onset);
        writer.Write((byte)life.Current);
        writer.Write(life.Transition);
        writer.Write(life.JudgedAt);
        writer.Write(life.ReceivedAt);
        writer.Write(life.QualifiedAt);
        writer.Write(life.Over);
        writer.Write(life.Value ?? double.NaN);
        writer.Write(life.LastEvent ?? string.Empty);
        writer.Write(life.LastSnapshot ?? string.Empty);
        writer.Write((byte)life.OpenEvents.Count);
        foreach (var open in life.OpenEvents)
        {
            writer.Write(open);
        }

        writer.Write((byte)life.Levels.Length);
        for (var i = 0; i < life.Levels.Length; i++)
        {
            ref readonly var level = ref life.Levels[i];
            writer.Write((byte)life.Rule.Levels[i].Colour);
            writer.Write(level.Holding);
            writer.Write(level.Raised);
            writer.Write(level.Recovering);
            writer.Write(level.Onset);
            writer.Write(level.RaiseDue);
            writer.Write(level.Samples);
            writer.Write(level.EnoughAt);
            writer.Write(level.RecoverDue);
        }
    }

    /// <summary>Null when the rule is not in force any more; the bytes are consumed all the same.</summary>
    public static RuleLife? Read(BinaryReader reader, string subject, int slot, Func<RuleId, RuleDefinition?> find)
    {
        var rule = find(new(reader.ReadString()));
        var onset = reader.ReadInt64();
        var life = new RuleLife { Rule = rule!, Subject = subject, Slot = slot, Onset = onset, Levels = new LevelState[rule?.Levels.Length ?? 0] };
        life.Current = (Colour)reader.ReadByte();
        life.Transition = reader.ReadInt32();
        life.JudgedAt = reader.ReadInt64();
        life.ReceivedAt = reader.ReadInt64();
        life.QualifiedAt = reader.ReadInt64();
        life.Over = reader.ReadBoolean();
        var value = reader.ReadDouble();
        life.Value = double.IsNaN(value) ? null : value;
        life.LastEvent = NullIfEmpty(reader.ReadString());
        life.LastSnapshot = NullIfEmpty(reader.ReadString());
        for (var open = reader.ReadByte(); open > 0; open--)
        {
            life.OpenEvents.Add(reader.ReadString());
        }

        for (var levels = reader.ReadByte(); levels > 0; levels--)
        {
            var colour = (Colour)reader.ReadByte();
            var level = new LevelState
            {
                Holding = reader.ReadBoolean(), Raised = reader.ReadBoolean(), Recovering = reader.ReadBoolean(), Onset = reader.ReadInt64(),
                RaiseDue = reader.ReadInt64(), Samples = reader.ReadInt32(), EnoughAt = reader.ReadInt64(), RecoverDue = reader.ReadInt64(),
            };
            for (var i = 0; i < life.Levels.Length; i++)
            {
                if (rule!.Levels[i].Colour == colour)
                {
                    life.Levels[i] = level;
                }
            }
        }

        life.NextDue = 0;
        return rule is null ? null : life;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
