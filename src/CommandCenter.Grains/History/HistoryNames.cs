using static CommandCenter.Grains.History.HistorySchema;

namespace CommandCenter.Grains.History;

/// <summary>The numbers that stand for names in the rows. Owned by the writer; new ones are stored in the transaction that first uses them.</summary>
internal sealed class HistoryNames
{
    private readonly Dictionary<string, int>[] _ids =
        [new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal)];

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

    public void Load(NameKind kind, int id, string name) => _ids[(int)kind][name] = id;
}
