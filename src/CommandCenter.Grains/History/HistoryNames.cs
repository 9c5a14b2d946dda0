using static CommandCenter.Grains.History.HistorySchema;

namespace CommandCenter.Grains.History;

/// <summary>The numbers that stand for names in the rows. Owned by the writer; new ones are stored in the transaction that first uses them.</summary>
internal sealed class HistoryNames
{
    private readonly Dictionary<string, int>[] _ids =
        [new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal)];

    // What came last, found again by reference: the readings of a message share their device's text, and all devices share those of a few quantities.
    private readonly (string? Name, short Id)[] _lastQuantities = new (string?, short)[8];
    private string? _lastDevice;
    private int _lastDeviceId;
    private int _nextQuantity;

    /// <summary>Given since the last commit.</summary>
    public List<(NameKind Kind, int Id, string Name)> Fresh { get; } = [];

    public int IdOf(NameKind kind, string name)
    {
        var ids = _ids[(int)kind];
        if (!ids.TryGetValue(name, out var id))
        {
            id = ids.Count + 1;
            ids.Add(name, id);
            Fresh.Add((kind, id, name));
        }

        return id;
    }

    public int DeviceOf(string name)
    {
        if (!ReferenceEquals(name, _lastDevice))
        {
            _lastDeviceId = IdOf(NameKind.Device, name);
            _lastDevice = name;
        }

        return _lastDeviceId;
    }

    public short QuantityOf(string name)
    {
        foreach (ref readonly var last in _lastQuantities.AsSpan())
        {
            if (ReferenceEquals(last.Name, name))
            {
                return last.Id;
            }
        }

        var id = checked((short)IdOf(NameKind.Quantity, name));
        _lastQuantities[_nextQuantity++ % _lastQuantities.Length] = (name, id);
        return id;
    }

    public void Load(NameKind kind, int id, string name) => _ids[(int)kind][name] = id;
}
