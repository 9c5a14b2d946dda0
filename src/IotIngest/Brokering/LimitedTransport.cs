using System.Buffers;
using System.IO.Pipelines;

namespace IotIngest.Brokering;

/// <summary>Refuses a packet by the length that its header announces. The MQTT library has no limit and would gather whatever a client announces.</summary>
internal sealed class LimitedTransport(IDuplexPipe inner, GateTicket ticket, int packetBytesMax) : IDuplexPipe
{
    /// <summary>The first packet, before anyone knows whose it is: names, password and a last will.</summary>
    private const int FirstPacketBytesMax = 1 << 17;

    public PipeReader Input { get; } = new LimitedReader(inner.Input, ticket, packetBytesMax);

    public PipeWriter Output => inner.Output;

    /// <summary>The length of the packet at the start of the buffer without its header; null while the header is not complete.</summary>
    public static long? AnnouncedLength(in ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out _))
        {
            return null;
        }

        var length = 0L;
        for (var shift = 0; shift < 28; shift += 7)
        {
            if (!reader.TryRead(out var part))
            {
                return null;
            }

            length |= (long)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                break;
            }
        }

        return length;
    }

    // The library takes one packet at a time, so what a read returns starts with a header.
    private sealed class LimitedReader(PipeReader inner, GateTicket ticket, int packetBytesMax) : PipeReader
    {
        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => Check(await inner.ReadAsync(cancellationToken).ConfigureAwait(false));

        public override bool TryRead(out ReadResult result)
        {
            var read = inner.TryRead(out result);
            if (read)
            {
                Check(result);
            }

            return read;
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        private ReadResult Check(ReadResult result)
        {
            var bytesMax = ticket.Accepted ? packetBytesMax : Math.Min(packetBytesMax, FirstPacketBytesMax);
            if (AnnouncedLength(result.Buffer) > bytesMax)
            {
                inner.AdvanceTo(result.Buffer.End);
                throw new InvalidDataException($"A packet is longer than {bytesMax} bytes.");
            }

            return result;
        }
    }
}
