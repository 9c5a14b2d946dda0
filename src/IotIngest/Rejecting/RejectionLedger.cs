using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CommandCenter.Grains.Contracts;
using IotIngest.Delivering;
using IotIngest.Hosting;
using IotIngest.Receiving;
using Microsoft.Extensions.Logging;

namespace IotIngest.Rejecting;

/// <summary>Counts what was refused, keeps some of it with its bytes, and tells the cluster's ledger each second. Counts are complete; samples are bounded per reason, so that a flood of one kind does not hide the others.</summary>
internal sealed partial class RejectionLedger : IDisposable
{
    public const int BytesMax = 4_096;

    private readonly GrainBorder grains;
    private readonly BatchNumbers numbers;
    private readonly IngestOptions options;
    private readonly IngestMetrics metrics;
    private readonly TimeProvider timers;
    private readonly ILogger<RejectionLedger> log;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly long[] counts = new long[Enum.GetValues<RejectionReason>().Length];
    private readonly int[] kept = new int[Enum.GetValues<RejectionReason>().Length];
    private readonly List<Rejection> rejections = [];
    private readonly KeptPayloads keptPayloads;
    private readonly WrongClocks clocks = new();
    private readonly Dictionary<(string Format, string Key), Unregistered> unregistered = [];
    private Task reporting = Task.CompletedTask;
    private long lastNumber;

    public RejectionLedger(GrainBorder grains, BatchNumbers numbers, IngestOptions options, IngestMetrics metrics, TimeProvider timers, ILogger<RejectionLedger> log)
    {
        (this.grains, this.numbers, this.options, this.metrics, this.timers, this.log) = (grains, numbers, options, metrics, timers, log);
        keptPayloads = new(numbers, options);
    }

    /// <summary>Refuses a part of a message that was read: the message is kept whole where it may be decoded again.</summary>
    public void Refuse(in RawMessage message, RejectionReason reason, string detail, string? format, string? device) =>
        Refuse(reason, detail, message.Topic, message.Payload, format, device, message.ReceivedAt, null, message);

    public void Refuse(RejectionReason reason, string detail, string topic, ReadOnlyMemory<byte> payload, string? format, string? device, DateTimeOffset at, long? size = null) =>
        Refuse(reason, detail, topic, payload, format, device, at, size, null);

    /// <summary>A device's own time is that far from ours; null: it is right again.</summary>
    public void NoteClock(DeviceId device, TimeSpan? offset, DateTimeOffset at)
    {
        lock (gate)
        {
            clocks.Note(device, offset, at, options.UnregisteredCountMax);
        }
    }

    private void Refuse(
        RejectionReason reason, string detail, string topic, ReadOnlyMemory<byte> payload, string? format, string? device, DateTimeOffset at, long? size, RawMessage? whole)
    {
        metrics.CountRejected(reason);
        lock (gate)
        {
            counts[(int)reason]++;
            if (kept[(int)reason] >= options.RejectionSamplesMax)
            {
                return;
            }

            kept[(int)reason]++;
            rejections.Add(new Rejection
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{numbers.Node}-{numbers.Run}-{++lastNumber}"),
                At = at,
                Topic = Shorten(topic),
                Format = format,
                Device = device is null ? null : Shorten(device),
                Reason = reason,
                Detail = detail,
                Bytes = payload.Span[..Math.Min(payload.Length, BytesMax)].ToArray(),
                Size = size ?? payload.Length,
                Message = whole is { } message && KeptPayloads.MayPassLater(reason) ? keptPayloads.Keep(message) : null,
            });
        }
    }

    /// <summary>A device speaks that nobody has registered: counted as a rejection, and listed with what a registration needs.</summary>
    public void RefuseUnregistered(in RawMessage message, string format, string key, string street, Func<Seen> look)
    {
        Refuse(message, RejectionReason.UnknownDevice, $"no device is registered under \"{Shorten(key)}\"", format, key);
        lock (gate)
        {
            if (!unregistered.TryGetValue((format, key), out var entry))
            {
                if (unregistered.Count >= options.UnregisteredCountMax)
                {
                    return;
                }

                unregistered.Add((format, key), entry = new Unregistered { FirstSeenAt = message.ReceivedAt, Street = street });
            }

            entry.Count++;
            entry.LastSeenAt = message.ReceivedAt;
            entry.LastTopic = message.Topic;

            // A big payload is cut now, so that the list cannot hold on to it.
            entry.LastPayload = message.Payload.Length <= BytesMax ? message.Payload : message.Payload[..BytesMax].ToArray();
            entry.Seen ??= look();
        }
    }

    public void Start() => reporting = ReportAsync();

    public async Task StopAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await reporting.ConfigureAwait(false);
    }

    public void Dispose() => stopping.Dispose();

    /// <summary>Takes everything since the last report; null when there is nothing.</summary>
    internal LedgerReport? TakeReport()
    {
        lock (gate)
        {
            if (unregistered.Count == 0 && clocks.IsEmpty && Array.TrueForAll(counts, count => count == 0))
            {
                return null;
            }

            var report = new LedgerReport
            {
                Node = numbers.Node,
                Rejections = [.. rejections],
                Counts = Enum.GetValues<RejectionReason>().Where(reason => counts[(int)reason] > 0).ToImmutableDictionary(reason => reason, reason => counts[(int)reason]),
                Unregistered = [.. unregistered.Select(pair => pair.Value.ToContract(pair.Key.Format, pair.Key.Key))],
                Messages = keptPayloads.Take(),
                Clocks = clocks.Take(),
            };
            Array.Clear(counts);
            Array.Clear(kept);
            rejections.Clear();
            unregistered.Clear();
            return report;
        }
    }

    private async Task ReportAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), timers);
        LedgerReport? unsent = null;
        var failing = false;
        while (true)
        {
            var last = false;
            try
            {
                await timer.WaitForNextTickAsync(stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                last = true;
            }

            // A report that failed goes first and alone; the counts go on in the meantime and lose nothing.
            unsent ??= TakeReport();
            if (unsent is not null)
            {
                try
                {
                    await grains.Ledger().ReportAsync(unsent).ConfigureAwait(false);
                    unsent = null;
                    failing = false;
                }
                catch (Exception failure)
                {
                    if (!failing)
                    {
                        LogNotReported(failure);
                    }

                    failing = true;
                }
            }

            if (last)
            {
                return;
            }
        }
    }

    private static string Shorten(string text) => text.Length <= 256 ? text : text[..256];

    /// <summary>What an unregistered device was seen to send, for the suggestion.</summary>
    internal sealed record Seen(ImmutableArray<string> Names, string? EventType, bool Moves);

    private sealed class Unregistered
    {
        public long Count { get; set; }
        public required DateTimeOffset FirstSeenAt { get; init; }
        public required string Street { get; init; }
        public DateTimeOffset LastSeenAt { get; set; }
        public string LastTopic { get; set; } = string.Empty;
        public ReadOnlyMemory<byte> LastPayload { get; set; }
        public Seen? Seen { get; set; }

        public UnregisteredDevice ToContract(string format, string key) => new()
        {
            Format = format,
            Key = key,
            Count = Count,
            FirstSeenAt = FirstSeenAt,
            LastSeenAt = LastSeenAt,
            LastTopic = LastTopic,
            LastPayload = Encoding.UTF8.GetString(LastPayload.Span),
            Suggestion = Suggestions.For(format, key, Street, Seen!),
        };
    }
}
