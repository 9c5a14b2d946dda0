using System.Collections.Immutable;
using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>The shadow runs of one street. Whatever one of them does, the street goes on: a shadow that throws is stopped and says so, and what is written of it stands behind
/// the street's own snapshot, where the street does not look.</summary>
internal sealed class StreetShadows(AreaId area, StreetJudgement live, AreaFences? fences, int warningsMax, Action<string, Exception> stopped)
{
    private const int Layout = 1;
    private static readonly byte[] Mark = "shadows1"u8.ToArray();

    private readonly Dictionary<string, ShadowRun> _runs = new(StringComparer.Ordinal);

    // As it was stored, until the order that it belongs to is known.
    private readonly Dictionary<string, byte[]> _stored = new(StringComparer.Ordinal);

    public bool IsEmpty => _runs.Count == 0;

    public ImmutableDictionary<string, string> Faults() => _runs.Values.Where(run => run.Fault is not null).ToImmutableDictionary(run => run.Order.Id, run => run.Fault!);

    public ShadowPart? Tell(string id) => _runs.TryGetValue(id, out var run) ? run.Tell() : null;

    /// <summary>The runs that are not put away: new ones begin, those no longer there end.</summary>
    public void PutOrders(IReadOnlyList<RuleShadow> orders, DateTimeOffset now)
    {
        foreach (var gone in _runs.Keys.Except(orders.Select(order => order.Id), StringComparer.Ordinal).ToArray())
        {
            _runs.Remove(gone);
        }

        byte[]? snapshot = null;
        foreach (var order in orders.Where(order => !_runs.ContainsKey(order.Id)))
        {
            var parsed = RuleParsing.Parse(order.Rule, order.Document, order.BasedOn + 1);
            if (parsed.Rule is not { } rule)
            {
                continue;
            }

            var run = new ShadowRun(order, rule, area, fences, warningsMax);
            _runs[order.Id] = run;
            if (_stored.Remove(order.Id, out var stored))
            {
                Guarded(run, () => Read(run, stored, now));
            }
            else
            {
                Guarded(run, () => run.Begin(live, snapshot ??= live.WriteSnapshot(), now));
            }
        }

        _stored.Clear();
    }

    public void Take(IngestBatch batch, DateTimeOffset now)
    {
        foreach (var run in _runs.Values)
        {
            Guarded(run, () => run.Take(batch, now));
        }
    }

    public void Advance(DateTimeOffset now)
    {
        foreach (var run in _runs.Values)
        {
            Guarded(run, () => run.Advance(now));
        }
    }

    public void PutDevices(ImmutableArray<DeviceRegistration> devices, ImmutableArray<DeviceId> removed, DateTimeOffset now)
    {
        foreach (var run in _runs.Values)
        {
            Guarded(run, () => run.PutDevices(live, devices, removed, now));
        }
    }

    public void PutRules(ImmutableArray<RuleDefinition> inForce, DateTimeOffset now)
    {
        foreach (var run in _runs.Values)
        {
            Guarded(run, () => run.PutRules(inForce, now));
        }
    }

    /// <summary>The street's snapshot with the shadow runs behind it.</summary>
    public byte[] Append(byte[] snapshot)
    {
        if (IsEmpty)
        {
            return snapshot;
        }

        using var stream = new MemoryStream();
        stream.Write(snapshot);
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Layout);
            var written = _runs.Values.Select(run => (run.Order.Id, Bytes: Written(run))).Where(run => run.Bytes is not null).ToArray();
            writer.Write(written.Length);
            foreach (var (id, bytes) in written)
            {
                writer.Write(id);
                writer.Write(bytes!.Length);
                writer.Write(bytes);
            }
        }

        var length = stream.Length - snapshot.Length;
        using (var writer = new BinaryWriter(stream))
        {
            writer.Write(length);
            writer.Write(Mark);
        }

        return stream.ToArray();
    }

    /// <summary>Takes up what <see cref="Append"/> wrote; <see cref="PutOrders"/> follows. What cannot be read is left out: those runs begin anew and say since when.</summary>
    public void Restore(byte[] snapshot)
    {
        var end = snapshot.Length - Mark.Length - sizeof(long);
        if (end < 0 || !snapshot.AsSpan(snapshot.Length - Mark.Length).SequenceEqual(Mark))
        {
            return;
        }

        var length = BitConverter.ToInt64(snapshot, end);
        if (length < 0 || length > end)
        {
            return;
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(snapshot, end - (int)length, (int)length));
            if (reader.ReadInt32() != Layout)
            {
                return;
            }

            for (var runs = reader.ReadInt32(); runs > 0; runs--)
            {
                var id = reader.ReadString();
                _stored[id] = reader.ReadBytes(reader.ReadInt32());
            }
        }
        catch (Exception failure) when (failure is IOException or ArgumentException)
        {
            stopped("(all)", failure);
        }
    }

    private void Read(ShadowRun run, byte[] stored, DateTimeOffset now)
    {
        using var reader = new BinaryReader(new MemoryStream(stored));
        run.Read(reader, live, now);
    }

    private byte[]? Written(ShadowRun run)
    {
        byte[]? bytes = null;
        Guarded(run, Write);
        if (bytes is null)
        {
            // It was stopped by the try, and as a stopped one it can be written.
            Guarded(run, Write);
        }

        return bytes;

        void Write()
        {
            using var stream = new MemoryStream();
            using (var writer = new BinaryWriter(stream))
            {
                run.Write(writer);
            }

            bytes = stream.ToArray();
        }
    }

    // The one place where any failure is caught: the city's warnings must not depend on a rule that is only being tried.
    private void Guarded(ShadowRun run, Action act)
    {
        try
        {
            act();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            run.Stop($"{failure.GetType().Name}: {failure.Message}");
            stopped(run.Order.Id, failure);
        }
    }
}
