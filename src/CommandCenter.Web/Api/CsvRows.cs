using System.Runtime.CompilerServices;
using System.Text;

namespace CommandCenter.Web.Api;

/// <summary>The rows of a CSV file one by one, however large it is. Same form as <see cref="CsvTable"/>; one row at a time is in memory.</summary>
internal static class CsvRows
{
    /// <summary>Characters of one row. A quotation mark that is never closed would otherwise take the rest of the file for one cell.</summary>
    public const int RowLengthMax = 64 * 1024;

    private const int SniffedBytes = 64 * 1024;
    private static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;

    /// <summary>Reads the rows, the heading first; empty lines are skipped. Throws <see cref="InvalidDataException"/> when a row is too long.</summary>
    public static async IAsyncEnumerable<List<string>> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // The first bytes tell UTF-8 from what Chinese Excel writes.
        var first = new byte[SniffedBytes];
        var length = await body.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancellation);
        await using var head = new MemoryStream(first, 0, length);
        var encoding = IsUtf8(first.AsSpan(0, length)) ? Encoding.UTF8 : Gb18030;
        using var reader = new StreamReader(new Joined(head, body), encoding, detectEncodingFromByteOrderMarks: true, bufferSize: 32 * 1024);
        var buffer = new char[32 * 1024];
        var row = new Row();
        int count;
        while ((count = await reader.ReadAsync(buffer, cancellation)) > 0)
        {
            for (var i = 0; i < count; i++)
            {
                if (row.Take(buffer[i]) is { } cells)
                {
                    yield return cells;
                }
            }
        }

        if (row.Take('\n', ends: true) is { } last)
        {
            yield return last;
        }
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return true;
        }

        // A character may be cut at the end of what was read.
        for (var cut = 0; cut < Math.Min(4, bytes.Length + 1); cut++)
        {
            if (System.Text.Unicode.Utf8.IsValid(bytes[..^cut]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes the letters of a table and gives its rows.</summary>
    private sealed class Row
    {
        private static readonly char[] Delimiters = [',', ';', '\t', '\uFF0C'];

        private readonly StringBuilder _cell = new();
        private readonly StringBuilder _heading = new();
        private List<string> _cells = [];
        private char? _delimiter;
        private bool _quoted;
        private bool _wasQuoted;
        private bool _quoteSeen;
        private int _length;

        public List<string>? Take(char letter, bool ends = false)
        {
            if (_delimiter is null)
            {
                // The heading is held until its end, because its delimiter is the one it uses most.
                if (letter != '\n')
                {
                    Count();
                    _heading.Append(letter);
                    return null;
                }

                var heading = _heading.ToString();
                _heading.Clear();
                _length = 0;
                if (string.IsNullOrWhiteSpace(heading))
                {
                    return null;
                }

                var said = heading.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && heading.Length > 4;
                _delimiter = said ? heading[4] : Delimiters.MaxBy(delimiter => heading.Count(letter => letter == delimiter));
                if (said)
                {
                    return null;
                }

                foreach (var held in heading)
                {
                    TakeLetter(held, false);
                }
            }

            return TakeLetter(letter, ends);
        }

        private List<string>? TakeLetter(char letter, bool ends)
        {
            Count();
            if (_quoteSeen)
            {
                // One mark was seen inside a quoted cell: two stand for one, one ends the cell.
                _quoteSeen = false;
                if (letter == '"')
                {
                    _cell.Append('"');
                    return null;
                }

                _quoted = false;
            }

            if (_quoted && !ends)
            {
                if (letter == '"')
                {
                    _quoteSeen = true;
                }
                else
                {
                    _cell.Append(letter);
                }

                return null;
            }

            switch (letter)
            {
                case '"' when !_wasQuoted && IsBlank():
                    _cell.Clear();
                    (_quoted, _wasQuoted) = (true, true);
                    return null;
                case '\n':
                    EndCell();
                    return EndRow();
                default:
                    if (letter == _delimiter)
                    {
                        EndCell();
                    }
                    else if (letter != '\r' && !_wasQuoted)
                    {
                        _cell.Append(letter);
                    }

                    return null;
            }
        }

        private List<string>? EndRow()
        {
            _length = 0;
            if (!_cells.Exists(cell => cell.Length > 0))
            {
                _cells.Clear();
                return null;
            }

            var row = _cells;
            _cells = new List<string>(row.Count);
            return row;
        }

        private void EndCell()
        {
            _cells.Add(_wasQuoted ? _cell.ToString() : _cell.ToString().Trim());
            _cell.Clear();
            (_quoted, _wasQuoted) = (false, false);
        }

        private bool IsBlank()
        {
            for (var i = 0; i < _cell.Length; i++)
            {
                if (!char.IsWhiteSpace(_cell[i]))
                {
                    return false;
                }
            }

            return true;
        }

        private void Count()
        {
            if (++_length > RowLengthMax)
            {
                throw new InvalidDataException($"a row has more than {RowLengthMax} characters; is a quotation mark not closed?");
            }
        }
    }

    /// <summary>What was read already, then the rest.</summary>
    private sealed class Joined(Stream head, Stream rest) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await head.ReadAsync(buffer, cancellationToken) is var count and > 0 ? count : await rest.ReadAsync(buffer, cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
