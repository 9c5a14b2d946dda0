using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;

namespace CommandCenter.Web.Api;

/// <summary>A row of a table. <see cref="Line"/> is where it begins, counted in lines of the file from 1.</summary>
internal readonly record struct CsvLine(int Line, List<string> Cells);

/// <summary>The rows of a CSV file (RFC 4180) one by one, however large it is, the heading first. Cells are without the blanks around them, rows without content are left out.
/// The delimiter is found: comma, semicolon, tab, bar, the wide comma, or the one that a first line <c>sep=;</c> of Excel names.</summary>
internal static class CsvRows
{
    /// <summary>UTF-8 bytes of one row. A quotation mark that is never closed would otherwise take the rest of the file for one cell.</summary>
    public const int RowBytesMax = 64 * 1024;

    private const int SniffedBytes = 64 * 1024;
    private const char WideComma = '\uFF0C';

    private static readonly CsvReaderOptions Form = new() { HasHeader = false, TrimWhitespace = true, TrackLineNumbers = true, MaxRecordSize = RowBytesMax };

    /// <summary>Reads what may be larger than the memory. Throws <see cref="InvalidDataException"/> when a row is too long.</summary>
    public static async IAsyncEnumerable<CsvLine> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // The first bytes tell UTF-8 from what Chinese Excel writes; they stay in the pipe and are read again as rows.
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: SniffedBytes, leaveOpen: true));
        var sniffed = await pipe.ReadAtLeastAsync(SniffedBytes, cancellation);
        var head = sniffed.Buffer.Slice(0, Math.Min(sniffed.Buffer.Length, SniffedBytes)).ToArray();
        pipe.AdvanceTo(sniffed.Buffer.Start);
        var encoding = CsvText.EncodingOf(head);
        await using var bytes = pipe.AsStream();
        await using var text = encoding is UTF8Encoding ? bytes : Encoding.CreateTranscodingStream(bytes, encoding, Encoding.UTF8);
        await using var reader = Open(text, encoding.GetString(head));
        while (await NextAsync(reader, cancellation))
        {
            if (Cells(reader) is { } cells)
            {
                yield return new((int)reader.LineNumber, cells);
            }
        }
    }

    /// <summary>Reads a table that is in memory.</summary>
    public static IEnumerable<CsvLine> Read(string text)
    {
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(text));
        using var reader = Open(bytes, text);
        while (Next(reader))
        {
            if (Cells(reader) is { } cells)
            {
                yield return new((int)reader.LineNumber, cells);
            }
        }
    }

    private static CsvReader Open(Stream utf8, string beginning)
    {
        var heading = beginning.AsSpan().TrimStart();
        heading = heading.IndexOf('\n') is var end and >= 0 ? heading[..end] : heading;
        var wide = heading.Contains(WideComma) && heading.IndexOfAny(",;\t|") < 0;
        return CsvReader.Create(wide ? new CsvSeparatorStream(utf8, WideComma.ToString()) : utf8, Form, leaveOpen: false);
    }

    private static bool Next(CsvReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException broken)
        {
            throw TooLong(broken);
        }
    }

    private static async ValueTask<bool> NextAsync(CsvReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadAsync(cancellation);
        }
        catch (CsvFormatException broken)
        {
            throw TooLong(broken);
        }
    }

    private static InvalidDataException TooLong(CsvFormatException broken) => new($"a row has more than {RowBytesMax} bytes; is a quotation mark not closed?", broken);

    private static List<string>? Cells(CsvReader reader)
    {
        var cells = new List<string>(reader.FieldCount);
        var filled = false;
        for (var i = 0; i < reader.FieldCount; i++)
        {
            cells.Add(reader.GetString(i));
            filled |= cells[i].Length > 0;
        }

        return filled ? cells : null;
    }
}
