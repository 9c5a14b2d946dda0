using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Api;

/// <summary>The body of <c>POST devices/import</c>.</summary>
internal sealed record ImportAnswer(int Created, int Updated, int Unchanged, ImmutableArray<DeviceImport.Refused> Rejections);

/// <summary>One import of a CSV table, by HTTP or from the page: read, checked line by line, and then registered in steps. A line that is refused stops no other.</summary>
internal sealed class ImportRun
{
    public const int BytesMax = 16 * 1024 * 1024;
    public const int LinesMax = 50_000;

    /// <summary>Devices in one transaction and one step of the progress.</summary>
    private const int StepCount = 500;

    /// <summary>From here on the whole registry is asked for at once, and not device by device.</summary>
    private const int AskAllFrom = 200;

    private readonly List<(int Line, DeviceRegistration Device)> _devices = [];
    private readonly List<DeviceImport.Refused> _refusals = [];
    private Dictionary<DeviceId, DeviceRegistration> _before = [];

    private ImportRun(CsvTable table, string encoding) => (Table, Encoding) = (table, encoding);

    public CsvTable Table { get; }

    /// <summary>What the bytes were read as.</summary>
    public string Encoding { get; }

    /// <summary>The lines that can be registered.</summary>
    public IReadOnlyList<(int Line, DeviceRegistration Device)> Devices => _devices;

    public IReadOnlyList<DeviceImport.Refused> Refusals => _refusals;

    public bool IsNew(DeviceRegistration device) => !_before.ContainsKey(device.Id);

    /// <summary>Reads the table; the second value says why it cannot be read as a whole.</summary>
    public static (ImportRun? Run, string? Wrong) Read(ReadOnlyMemory<byte> body)
    {
        var text = CsvText.Decode(body.Span, out var encoding);
        CsvTable table;
        try
        {
            table = CsvTable.Parse(text, DeviceImport.ColumnOf, LinesMax + 1);
        }
        catch (InvalidDataException broken)
        {
            return (null, broken.Message);
        }

        if (DeviceImport.CheckHeading(table.Heading) is { } wrong)
        {
            return (null, wrong);
        }

        return table.Rows.Count > LinesMax
            ? (null, string.Create(CultureInfo.InvariantCulture, $"must have at most {LinesMax} lines"))
            : (new ImportRun(table, encoding), null);
    }

    /// <summary>Checks every line against the vocabulary, the streets and what is registered. Nothing is changed yet.</summary>
    public async Task CheckAsync(IRegistryGrain registry, IReadOnlyDictionary<AreaId, AreaDescription> areas, Actor actor)
    {
        _before = await KnownAsync(registry, actor);
        var taken = new HashSet<DeviceId>();
        foreach (var row in Table.Rows)
        {
            var (device, refused) = DeviceImport.Parse(row.Line, column => row[column], _before.GetValueOrDefault, areas);
            if (refused is null && !taken.Add(device!.Id))
            {
                refused = new DeviceImport.Refused(row.Line, "id", "repeated");
            }

            if (refused is null)
            {
                _devices.Add((row.Line, device!));
            }
            else
            {
                _refusals.Add(refused);
            }
        }
    }

    /// <summary>Registers the lines that passed. The outcome is refused as a whole when the actor may not register, else it counts and names every refused line.</summary>
    public async Task<Outcome<ImportAnswer>> RegisterAsync(IRegistryGrain registry, Actor actor, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        var (created, updated, unchanged, done) = (0, 0, 0, 0);
        foreach (var step in _devices.Chunk(StepCount))
        {
            cancellation.ThrowIfCancellationRequested();
            var outcomes = await registry.PutManyAsync([.. step.Select(item => item.Device)], actor);
            foreach (var (outcome, (line, device)) in outcomes.Zip(step))
            {
                if (outcome.Refusal == Refusal.NotAllowed)
                {
                    return new() { Refusal = outcome.Refusal, Detail = outcome.Detail, Errors = outcome.Errors };
                }

                if (outcome.Refusal is { } reason)
                {
                    _refusals.Add(new(line, ColumnOfField(outcome.Errors.Keys.FirstOrDefault()), outcome.Detail ?? outcome.Errors.Values.FirstOrDefault().FirstOrDefault() ?? Words.Of(reason)));
                }
                else if (!_before.TryGetValue(device.Id, out var known))
                {
                    created++;
                }
                else if (outcome.Value!.Version == known.Version)
                {
                    unchanged++;
                }
                else
                {
                    updated++;
                }
            }

            done += step.Length;
            progress?.Invoke(done);
        }

        return Outcome.Of(new ImportAnswer(created, updated, unchanged, [.. _refusals.OrderBy(refusal => refusal.Line)]));
    }

    private static string ColumnOfField(string? field) => field switch
    {
        null => "id",
        "source.format" => "sourceFormat",
        "source.key" => "sourceKey",
        _ => field,
    };

    private async Task<Dictionary<DeviceId, DeviceRegistration>> KnownAsync(IRegistryGrain registry, Actor actor)
    {
        var ids = Table.Rows.Select(row => row["id"]).OfType<string>().Where(DeviceDocument.IsId).Distinct(StringComparer.Ordinal).Select(id => new DeviceId(id)).ToHashSet();
        if (ids.Count >= AskAllFrom)
        {
            var all = await registry.SearchAsync(new DeviceSearch(), actor);
            return all!.Devices.Where(device => ids.Contains(device.Id)).ToDictionary(device => device.Id);
        }

        var known = new Dictionary<DeviceId, DeviceRegistration>();
        foreach (var id in ids)
        {
            if (await registry.GetAsync(id, actor) is { } device)
            {
                known.Add(id, device);
            }
        }

        return known;
    }
}
