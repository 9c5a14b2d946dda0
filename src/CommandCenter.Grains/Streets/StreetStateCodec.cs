using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Streets;

/// <summary>The stored form of a street's state. Devices are named, so a changed registry does no harm: what is gone is skipped, what is new stays unknown.</summary>
internal static class StreetStateCodec
{
    public static void Write(BinaryWriter writer, StreetState state)
    {
        var count = 0;
        for (var slot = 0; slot < state.SlotEnd; slot++)
        {
            count += state.Row(slot).Registration is null ? 0 : 1;
        }

        writer.Write(state.LastReadingAt);
        writer.Write(count);
        for (var slot = 0; slot < state.SlotEnd; slot++)
        {
            ref readonly var row = ref state.Row(slot);
            if (row.Registration is null)
            {
                continue;
            }

            writer.Write(row.Registration.Id.Value);
            writer.Write(row.HeardAt);
            writer.Write((byte)row.State);
            writer.Write(row.SaidOffline);
            writer.Write(row.StatusAt);
            writer.Write(row.Longitude ?? double.NaN);
            writer.Write(row.Latitude ?? double.NaN);
            writer.Write(row.Heading ?? double.NaN);
            writer.Write(row.PositionAt);
            writer.Write(row.AheadCount);
            writer.Write(row.LateCount);
            writer.Write(row.CountedMessageAt);
            WriteEvent(writer, row.Event);
            var recent = row.RecentEvents ?? [];
            writer.Write(recent.Count(key => key is not null));
            writer.Write(row.RecentEventNext);
            for (var i = 0; i < recent.Length; i++)
            {
                if (recent[i] is { } key)
                {
                    writer.Write(key);
                    writer.Write(row.RecentEventTimes![i]);
                }
            }

            writer.Write(row.EventFloor);

            writer.Write(row.ChannelCount);
            for (var i = 0; i < row.ChannelCount; i++)
            {
                writer.Write(row.Channels[i].Quantity.Value);
                writer.Write(row.Channels[i].Value);
                writer.Write(row.Channels[i].ObservedAt);
                writer.Write((byte)row.Channels[i].Quality);
            }
        }
    }

    /// <summary>Version 1 knows neither the times of the remembered events nor the floor below which none is new.</summary>
    public static void Read(BinaryReader reader, StreetState state, int version)
    {
        state.RestoreLastReading(reader.ReadInt64());
        var count = reader.ReadInt32();
        for (var n = 0; n < count; n++)
        {
            var slot = state.Find(reader.ReadString());
            var unwanted = new DeviceRow { Channels = [] };
            ref var row = ref slot < 0 ? ref unwanted : ref state.Row(slot);
            row.HeardAt = reader.ReadInt64();
            var freshness = (DeviceState)reader.ReadByte();
            row.SaidOffline = reader.ReadBoolean();
            row.StatusAt = reader.ReadInt64();
            var longitude = reader.ReadDouble();
            var latitude = reader.ReadDouble();
            var heading = reader.ReadDouble();
            row.PositionAt = reader.ReadInt64();
            if (row.PositionAt != 0)
            {
                row.Longitude = double.IsNaN(longitude) ? null : longitude;
                row.Latitude = double.IsNaN(latitude) ? null : latitude;
                row.Heading = double.IsNaN(heading) ? null : heading;
            }

            row.AheadCount = reader.ReadInt64();
            row.LateCount = reader.ReadInt64();
            row.CountedMessageAt = reader.ReadInt64();
            row.Event = ReadEvent(reader);
            var recent = reader.ReadInt32();
            row.RecentEventNext = reader.ReadInt32();
            row.RecentEvents = recent == 0 ? null : new string[StreetState.RecentEventsMax];
            row.RecentEventTimes = recent == 0 ? null : new long[StreetState.RecentEventsMax];
            for (var i = 0; i < recent; i++)
            {
                row.RecentEvents![i] = reader.ReadString();
                row.RecentEventTimes![i] = version == 1 ? 0 : reader.ReadInt64();
            }

            row.EventFloor = version == 1 ? 0 : reader.ReadInt64();

            var channels = reader.ReadInt32();
            for (var i = 0; i < channels; i++)
            {
                var index = StreetState.ChannelOf(ref row, new(reader.ReadString()));
                row.Channels[index].Value = reader.ReadDouble();
                row.Channels[index].ObservedAt = reader.ReadInt64();
                row.Channels[index].Quality = (Quality)reader.ReadByte();
            }

            if (slot >= 0)
            {
                state.RestoreFreshness(slot, freshness);
            }
        }
    }

    private static void WriteEvent(BinaryWriter writer, EventSituation? happened)
    {
        writer.Write(happened is not null);
        if (happened is not null)
        {
            writer.Write(happened.Id);
            writer.Write(happened.Type.Value);
            writer.Write((byte)happened.State);
            writer.Write(happened.Confidence ?? double.NaN);
            writer.Write(happened.Snapshot ?? string.Empty);
            writer.Write(happened.At.ToUnixTimeMilliseconds());
        }
    }

    private static EventSituation? ReadEvent(BinaryReader reader)
    {
        if (!reader.ReadBoolean())
        {
            return null;
        }

        var id = reader.ReadString();
        var type = reader.ReadString();
        var state = (EventState)reader.ReadByte();
        var confidence = reader.ReadDouble();
        var snapshot = reader.ReadString();
        return new(
            id, new(type), state, double.IsNaN(confidence) ? null : confidence, snapshot.Length == 0 ? null : snapshot,
            DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()));
    }
}
