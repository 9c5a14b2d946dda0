namespace IotIngest.Decoding;

/// <summary>The parts of a multipart body as alert streams send them. The boundary is the body's own first line, because MQTT carries no Content-Type.</summary>
internal static class Multipart
{
    public static bool Is(ReadOnlySpan<byte> payload)
    {
        var text = payload.TrimStart("\r\n \t"u8);
        return text.StartsWith("--"u8) && text.IndexOf((byte)'\n') > 2;
    }

    public static Parts Of(ReadOnlySpan<byte> payload) => new(payload);

    internal ref struct Parts
    {
        private static readonly System.Buffers.SearchValues<byte> NotInNames = System.Buffers.SearchValues.Create("<{[;= "u8);
        private readonly ReadOnlySpan<byte> boundary;
        private ReadOnlySpan<byte> rest;

        public Parts(ReadOnlySpan<byte> payload)
        {
            rest = payload.TrimStart("\r\n \t"u8);
            var end = rest.IndexOf((byte)'\n');
            boundary = end < 0 ? [] : rest[..end].TrimEnd("\r \t"u8);
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        /// <summary>The body of the part, without its head.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly Parts GetEnumerator() => this;

        public bool MoveNext()
        {
            if (rest.IsEmpty || boundary.Length <= 2)
            {
                return false;
            }

            var end = rest.IndexOf(boundary);
            var part = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + boundary.Length)..];
            if (rest.StartsWith("--"u8))
            {
                rest = [];
            }

            Current = Body(part).Trim("\r\n \t"u8);
            return true;
        }

        private static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> part)
        {
            part = part.TrimStart("\r\n"u8);
            if (!HasHead(part))
            {
                return part;
            }

            var windows = part.IndexOf("\r\n\r\n"u8);
            var unix = part.IndexOf("\n\n"u8);
            return windows >= 0 && (unix < 0 || windows < unix) ? part[(windows + 4)..] : unix >= 0 ? part[(unix + 2)..] : [];
        }

        private static bool HasHead(ReadOnlySpan<byte> part)
        {
            var line = part[..(part.IndexOf((byte)'\n') is var end and >= 0 ? end : part.Length)];
            var colon = line.IndexOf((byte)':');
            return colon is > 0 and < 64 && line[..colon].IndexOfAny(NotInNames) < 0;
        }
    }
}
