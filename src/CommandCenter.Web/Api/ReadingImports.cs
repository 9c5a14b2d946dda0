using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Api;

/// <summary>Where an import stands.</summary>
internal enum ReadingImportState { Running, Done, Failed }

/// <summary>One import of readings into history, while it runs and for a while after. Written by the request that brings it, read by whoever asks how far it is.</summary>
internal sealed class ReadingImportProgress(string id, DeviceId device, DateTimeOffset startedAt, long? bytesTotal)
{
    /// <summary>Refused rows that are kept one by one; further ones are counted.</summary>
    public const int RejectionsMax = 1_000;

    private readonly Lock _gate = new();
    private readonly List<ReadingsApi.ImportRejection> _rejections = [];
    private ReadingImportState _state;
    private DateTimeOffset? _endedAt;
    private string? _problem;
    private long _bytes;
    private long _rows;
    private long _accepted;
    private long _duplicates;
    private long _beyondRetention;
    private long _rejected;

    public string Id => id;

    public DeviceId Device => device;

    public bool IsRunning
    {
        get
        {
            lock (_gate)
            {
                return _state == ReadingImportState.Running;
            }
        }
    }

    public void Read(int bytes)
    {
        lock (_gate)
        {
            _bytes += bytes;
        }
    }

    public void Refuse(ReadingsApi.ImportRejection rejection)
    {
        lock (_gate)
        {
            _rejected++;
            if (_rejections.Count < RejectionsMax)
            {
                _rejections.Add(rejection);
            }
        }
    }

    public void Keep(long rows, HistoryImport kept)
    {
        lock (_gate)
        {
            _rows = rows;
            _accepted += kept.Accepted;
            _duplicates += kept.Duplicates;
            _beyondRetention += kept.BeyondRetention;
        }
    }

    public void End(DateTimeOffset at, string? problem)
    {
        lock (_gate)
        {
            (_state, _endedAt, _problem) = (problem is null ? ReadingImportState.Done : ReadingImportState.Failed, at, problem);
        }
    }

    public ReadingImportDocument Document()
    {
        lock (_gate)
        {
            return new(id, device, _state, startedAt, _endedAt, _bytes, bytesTotal, _rows, _accepted, _duplicates, _beyondRetention, _rejected, [.. _rejections], _problem);
        }
    }
}

/// <summary>How far an import is.</summary>
/// <param name="BytesTotal">Null when the client does not say how long its body is.</param>
/// <param name="Rows">Rows or items read, refused ones included.</param>
/// <param name="BeyondRetention">Readings older than what the history's engine keeps.</param>
/// <param name="Rejected">All refused values; the first 1,000 are listed.</param>
/// <param name="Problem">Why it ended early; what was accepted before it stays.</param>
internal sealed record ReadingImportDocument(
    string Id, DeviceId Device, ReadingImportState State, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, long Bytes, long? BytesTotal, long Rows, long Accepted, long Duplicates,
    long BeyondRetention, long Rejected, ImmutableArray<ReadingsApi.ImportRejection> Rejections, string? Problem);

/// <summary>The imports of this node: those that run and the last hundred that have ended.</summary>
internal sealed class ReadingImports(DomainClock clock)
{
    private const int KeptMax = 100;
    private const int RunningMax = 4;

    private readonly Lock _gate = new();
    private readonly List<ReadingImportProgress> _imports = [];
    private long _number;

    /// <summary>Null when as many run as may; the client comes again.</summary>
    /// <param name="name">The client's own name for it, so that it can ask while it sends; a name that runs already is refused like one too many.</param>
    public ReadingImportProgress? Start(DeviceId device, string? name, long? bytesTotal)
    {
        lock (_gate)
        {
            var id = name ?? FormattableString.Invariant($"{clock.Now.ToUnixTimeMilliseconds()}-{++_number}");
            if (_imports.Count(import => import.IsRunning) >= RunningMax || _imports.Exists(import => import.IsRunning && import.Device == device && import.Id == id))
            {
                return null;
            }

            _imports.RemoveAll(import => import.Device == device && import.Id == id);
            if (_imports.Count >= KeptMax)
            {
                _imports.Remove(_imports.First(import => !import.IsRunning));
            }

            var started = new ReadingImportProgress(id, device, clock.Now, bytesTotal);
            _imports.Add(started);
            return started;
        }
    }

    public ReadingImportProgress? Find(DeviceId device, string id)
    {
        lock (_gate)
        {
            return _imports.Find(import => import.Device == device && import.Id == id);
        }
    }

    /// <summary>Those of the device, the newest first.</summary>
    public ImmutableArray<ReadingImportProgress> Of(DeviceId device)
    {
        lock (_gate)
        {
            return [.. _imports.Where(import => import.Device == device).Reverse()];
        }
    }
}
