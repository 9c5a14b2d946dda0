using System.Collections.Immutable;
using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;
using CsCheck;

namespace CommandCenter.Web.Tests.Api;

public sealed class ReadingImportTests
{
    private static readonly DeviceRegistration Device = new()
    {
        Id = new DeviceId("wl"), Name = "wl", Kind = "water_level", Street = new AreaId("320404002"),
        Quantities = [new DeviceQuantity { Name = new QuantityId("water_depth"), Unit = "mm", From = "distance_cm", FromUnit = "cm", Max = 5000 }],
    };

    private readonly RememberingHistory _history = new();

    [Fact]
    public async Task An_array_maps_units_and_is_refused_row_by_row()
    {
        var (problem, done) = await ArrayAsync("""
            [{"at":"2026-11-23T00:00:00Z","values":{"distance_cm":15.2}},{"at":"2026-11-23T00:01:00Z","values":{"water_depth":152}},{"at":"2026-11-23T00:02:00Z","values":{"water_depth":0.152},"units":{"water_depth":"m"}},
             {"at":"2026-11-23T00:03:00","values":{"water_depth":1}},{"at":"2026-11-23T00:04:00Z","values":{"water_depth":99999}},{"at":"2026-11-23T00:05:00Z","values":{"nothing":1}},{"at":"2026-11-23T00:06:00Z","values":{"water_depth":"deep"}},7]
            """);
        Assert.Null(problem);
        Assert.Equal([152.0, 152, 152], _history.Kept.Select(reading => Math.Round(reading.Value, 9)));
        Assert.Equal(
            [(3L, "bad_time"), (4L, "out_of_range"), (5L, "unknown_quantity"), (6L, "not_a_number"), (7L, "malformed")],
            done.Rejections.Select(rejection => (rejection.Index, rejection.Reason)));
        Assert.Equal((8, 3, 5), (done.Rows, done.Accepted, done.Rejected));
    }

    [Fact]
    public async Task A_long_array_goes_to_history_in_steps_and_its_refusals_are_counted_beyond_the_list()
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < 30_000; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(System.Globalization.CultureInfo.InvariantCulture, $$$"""{"at":{{{1_790_000_000_000 + i}}},"values":{"water_depth":{{{(i % 10 == 0 ? 99_999 : 5)}}}}}""");
        }

        var (problem, done) = await ArrayAsync(text.Append(']').ToString());
        Assert.Null(problem);
        Assert.Equal((30_000, 27_000, 3_000, 1_000), (done.Rows, done.Accepted, done.Rejected, done.Rejections.Length));
        Assert.Equal(27_000, _history.Kept.Count);
        Assert.True(_history.LargestStep <= 5_000, $"{_history.LargestStep} in one call");
    }

    [Theory]
    [InlineData("{\"at\":1}")]
    [InlineData("hello")]
    [InlineData("")]
    public async Task What_is_no_array_is_refused_as_a_whole(string body)
    {
        var (problem, _) = await ArrayAsync(body);
        Assert.Equal("must be a JSON array, or CSV with Content-Type text/csv", problem);
        Assert.Empty(_history.Kept);
    }

    [Fact]
    public async Task An_array_that_breaks_off_says_after_which_item()
    {
        var (problem, done) = await ArrayAsync("""[{"at":1790000000000,"values":{"water_depth":5}},{"at":1790000001000,"val""");
        Assert.StartsWith("must be JSON: after item 0: ", problem, StringComparison.Ordinal);
        Assert.Equal(1, done.Accepted);
    }

    [Theory]
    [InlineData("at,quantity,value,unit\n2026-11-23T00:00:00Z,water_depth,15.2,cm\n")]
    [InlineData("\uFEFFunit;value;quantity;at\r\n\r\ncm;15.2;water_depth;\"2026-11-23T00:00:00Z\"")]
    [InlineData("sep=;\r\nat;quantity;value;unit\r\n2026-11-23T00:00:00Z; water_depth ;\"15.2\" ;cm\r\n")]
    [InlineData("at\tquantity\tvalue\n2026-11-23T00:00:00Z\tdistance_cm\t15.2\n")]
    public async Task A_table_is_read_whatever_its_delimiter(string table)
    {
        var (problem, _) = await TableAsync(Encoding.UTF8.GetBytes(table));
        Assert.Null(problem);
        Assert.Equal(152, Assert.Single(_history.Kept).Value, 6);
    }

    [Fact]
    public async Task A_table_in_the_encoding_of_Chinese_Excel_is_read()
    {
        var text = "at,quantity,value,备注\n2026-11-23T00:00:00Z,water_depth,5,\"龙江路,积水\"\n";
        var (problem, _) = await TableAsync(CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!.GetBytes(text));
        Assert.Null(problem);
        Assert.Equal(5, Assert.Single(_history.Kept).Value);
    }

    [Fact]
    public async Task Rows_of_a_table_are_refused_one_by_one()
    {
        var (problem, done) = await TableAsync("at,quantity,value\n2026-11-23T00:00:00,water_depth,1\n2026-11-23T00:00:00Z,water_depth,x\n2026-11-23T00:00:00Z\n2026-11-23T00:00:00Z,water_depth,3\n"u8.ToArray());
        Assert.Null(problem);
        Assert.Equal([(0L, "bad_time"), (1L, "not_a_number"), (2L, "not_a_number")], done.Rejections.Select(rejection => (rejection.Index, rejection.Reason)));
        Assert.Equal(1, done.Accepted);
    }

    [Fact]
    public async Task A_quotation_mark_that_is_never_closed_does_not_fill_the_memory()
    {
        var (problem, done) = await TableAsync(Encoding.UTF8.GetBytes("at,quantity,value\n2026-11-23T00:00:00Z,water_depth,3\n\"" + new string('x', 1_000_000)));
        Assert.StartsWith("after row 0: a row has more than 65536 bytes", problem, StringComparison.Ordinal);
        Assert.Equal(1, done.Accepted);
    }

    [Fact]
    public async Task Without_the_needed_columns_the_table_is_refused_as_a_whole()
    {
        var (problem, _) = await TableAsync("time,value\n1,2\n"u8.ToArray());
        Assert.StartsWith("must be a CSV table with the columns at, quantity, value", problem, StringComparison.Ordinal);
        Assert.StartsWith("must be a CSV table with the columns at, quantity, value", (await TableAsync([])).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_stands_in_quoted_cells_is_read_as_it_was_written_from_memory_and_from_a_stream()
    {
        var cell = Gen.Char["abc ,;\"\r\n\t雨"].Array[0, 8].Select(letters => new string(letters));
        await cell.Array[3].Array[1, 12].SampleAsync(async table =>
        {
            var text = "h1,h2,h3\n" + string.Join('\n', table.Select(row => string.Join(',', row.Select(value => '"' + value.Replace("\"", "\"\"", StringComparison.Ordinal) + '"'))));
            var streamed = new List<string>();
            await foreach (var (_, cells) in CsvRows.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), CancellationToken.None))
            {
                streamed.Add(string.Join('|', cells));
            }

            var expected = table.Where(row => row.Any(value => value.Length > 0)).Select(row => string.Join('|', row)).Prepend("h1|h2|h3").ToArray();
            Assert.Equal(expected, CsvRows.Read(text).Select(row => string.Join('|', row.Cells)));
            Assert.Equal(expected, streamed);
        }, iter: 2_000);
    }

    [Fact]
    public void Imports_are_bounded_and_found_by_the_clients_own_name()
    {
        var imports = new ReadingImports(new DomainClock(TimeProvider.System));
        var first = imports.Start(Device.Id, "mine", 10)!;
        Assert.Null(imports.Start(Device.Id, "mine", 10));
        first.End(DateTimeOffset.UnixEpoch, null);
        Assert.NotNull(imports.Start(Device.Id, "mine", 10));
        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull(imports.Start(Device.Id, null, null));
        }

        Assert.Null(imports.Start(Device.Id, null, null));
        Assert.Equal(4, imports.Of(Device.Id).Length);
        Assert.True(imports.Find(Device.Id, "mine")!.IsRunning);
        Assert.Null(imports.Find(new("other"), "mine"));
    }

    private async Task<(string? Problem, ReadingImportDocument Done)> ArrayAsync(string body)
    {
        var (import, progress) = New();
        var problem = await import.AddArrayAsync(new MemoryStream(Encoding.UTF8.GetBytes(body)), TestContext.Current.CancellationToken);
        await import.FlushAsync();
        return (problem, progress.Document());
    }

    private async Task<(string? Problem, ReadingImportDocument Done)> TableAsync(byte[] body)
    {
        var (import, progress) = New();
        var problem = await import.AddTableAsync(new MemoryStream(body), TestContext.Current.CancellationToken);
        await import.FlushAsync();
        return (problem, progress.Document());
    }

    private (ReadingImport, ReadingImportProgress) New()
    {
        var progress = new ReadingImportProgress("i", Device.Id, DateTimeOffset.UnixEpoch, null);
        return (new ReadingImport(Device, DateTimeOffset.UnixEpoch, progress, _history), progress);
    }

    private sealed class RememberingHistory : IReadingHistoryGrain
    {
        public List<Reading> Kept { get; } = [];

        public int LargestStep { get; private set; }

        public Task<HistoryImport> ImportAsync(ImmutableArray<Reading> readings)
        {
            LargestStep = Math.Max(LargestStep, readings.Length);
            Kept.AddRange(readings);
            return Task.FromResult(new HistoryImport(readings.Length, 0));
        }

        public Task AppendAsync(IngestBatch batch) => throw new NotSupportedException();
        public Task<Page<HistoryPoint>> ReadRawAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, int limit, string? cursor) => throw new NotSupportedException();
        public Task<Page<HistoryInterval>> ReadEveryAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, TimeSpan every, int limit, string? cursor) => throw new NotSupportedException();
        public IAsyncEnumerable<IngestBatch> ReadPastAsync(AreaId street, ImmutableArray<DeviceId> devices, ImmutableArray<QuantityId> quantities, DateTimeOffset from, DateTimeOffset to) => throw new NotSupportedException();
        public IAsyncEnumerable<IngestBatch> ReadArrivalsAsync(AreaId street, DateTimeOffset receivedFrom) => throw new NotSupportedException();
    }
}
