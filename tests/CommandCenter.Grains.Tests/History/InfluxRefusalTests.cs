using System.Net;
using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History;
using CommandCenter.Grains.History.Influx;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CommandCenter.Grains.Tests.History;

/// <summary>Answers that a healthy server gives seldom, from a server of a few lines.</summary>
public sealed class InfluxRefusalTests
{
    private static readonly DateTimeOffset Now = TemporaryHistory.Noon;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_refused_as_a_whole_is_cut_until_the_line_at_fault_is_found()
    {
        var server = new FakeServer(lines => lines.Any(line => line.Contains("device=d-37,", StringComparison.Ordinal)) ? (HttpStatusCode.BadRequest, """{"error":"something about a line"}""") : (HttpStatusCode.NoContent, ""));
        await using var history = Open(server);
        await history.AppendAsync(Batch(100), Cancelled);
        Assert.Equal(Enumerable.Range(0, 100).Where(i => i != 37).Select(i => $"d-{i}"), server.Stored.Order(Comparer<string>.Create((a, b) => int.Parse(a[2..]).CompareTo(int.Parse(b[2..])))));
    }

    [Fact]
    public async Task A_server_that_refuses_everything_is_away_and_nothing_counts_as_refused()
    {
        var server = new FakeServer(_ => (HttpStatusCode.BadRequest, """{"error":"no"}"""));
        await using var history = Open(server, options => options.AppendWaitSeconds = 1);
        await Assert.ThrowsAsync<InfluxOutageException>(() => history.AppendAsync(Batch(8), Cancelled));
        Assert.Empty(server.Stored);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_cut()
    {
        var server = new FakeServer(lines => lines.Length > 10 ? (HttpStatusCode.RequestEntityTooLarge, "") : (HttpStatusCode.NoContent, ""));
        await using var history = Open(server);
        await history.AppendAsync(Batch(100), Cancelled);
        Assert.Equal(100, server.Stored.Count);
    }

    [Fact]
    public async Task A_busy_server_is_left_alone_as_long_as_it_asks_and_asked_again()
    {
        var asked = 0;
        var server = new FakeServer(_ => Interlocked.Increment(ref asked) < 3 ? (HttpStatusCode.TooManyRequests, "") : (HttpStatusCode.NoContent, ""));
        await using var history = Open(server);
        await history.AppendAsync(Batch(5), Cancelled);
        Assert.Equal(5, server.Stored.Count);
        Assert.True(asked >= 3);
    }

    [Fact]
    public async Task An_import_says_how_much_is_older_than_what_is_kept_and_sends_none_of_it()
    {
        var server = new FakeServer(_ => (HttpStatusCode.NoContent, ""));
        await using var history = Open(server, options => options.RetentionDays = 10);
        var answer = await history.ImportAsync(
            [new(new("d-old"), new("q"), 1, Now.AddDays(-11), Now, Quality.Good), new(new("d-new"), new("q"), 2, Now.AddDays(-9), Now, Quality.Good)], Cancelled);
        Assert.Equal(new HistoryImport(1, 0) { BeyondRetention = 1 }, answer);
        Assert.Equal(["d-new"], server.Stored);
    }

    [Fact]
    public async Task Version_2_gets_its_bucket_with_the_retention_and_the_token()
    {
        var server = new FakeServer(_ => (HttpStatusCode.NoContent, "")) { Version = "v2.7.1" };
        await using var history = Open(server, options => (options.Token, options.RetentionDays, options.ArrivalDays) = ("secret", 5, 2));
        await history.AppendAsync(Batch(5), Cancelled);
        Assert.Contains("""POST /api/v2/buckets {"orgID":"o-1","name":"city","retentionRules":[{"type":"expire","everySeconds":432000}]} Token secret""", server.Managed);
        Assert.Contains("""POST /api/v2/buckets {"orgID":"o-1","name":"city_arrivals","retentionRules":[{"type":"expire","everySeconds":172800}]} Token secret""", server.Managed);
        Assert.Contains("/api/v2/write?bucket=city&orgID=o-1&precision=ns", server.Paths);
        Assert.Contains("/api/v2/write?bucket=city_arrivals&orgID=o-1&precision=ns", server.Paths);
    }

    [Theory]
    [InlineData("partial write: points beyond retention policy dropped=3", 3)]
    [InlineData("partial write: unable to parse 'a': missing fields\nunable to parse 'b': missing fields dropped=0", 2)]
    [InlineData("partial write: field type conflict: input field \"v\" on measurement \"m\" is type float, already exists as type integer dropped=1", 1)]
    public void A_partial_write_says_how_many_lines_are_left_out(string reason, long lines)
    {
        Assert.Equal(new InfluxAnswer(InfluxVerdict.Written, lines, reason), InfluxClient.Judge(reason));
    }

    [Fact]
    public void Lines_are_cut_behind_a_line_break()
    {
        Assert.Equal(2, InfluxWriter.Middle("a\nb\n"u8));
        Assert.Equal(7, InfluxWriter.Middle("aaaaaa\nb\n"u8));
        Assert.Equal(2, InfluxWriter.Middle("a\nbbbbbb\n"u8));
        Assert.Equal(4, InfluxWriter.Middle("abc\n"u8));
    }

    private static IngestBatch Batch(int readings) => new()
    {
        Node = "n", Sequence = 1, Street = new("s"), Readings = [.. Enumerable.Range(0, readings).Select(i => new Reading(new($"d-{i}"), new("q"), i, Now, Now, Quality.Good))],
    };

    private static InfluxHistory Open(FakeServer server, Action<HistoryOptions>? configure = null)
    {
        var options = new HistoryOptions { Provider = HistoryProvider.InfluxDb, Url = "http://influx.test", Database = "city", RetryFirstMs = 10, RetryLongestMs = 20 };
        configure?.Invoke(options);
        return new(Options.Create(options), new DomainClock(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Now)), TimeProvider.System, NullLogger<InfluxHistory>.Instance, server);
    }

    private sealed class FakeServer(Func<string[], (HttpStatusCode, string)> answer) : HttpMessageHandler
    {
        public string Version { get; init; } = "1.8.10";
        public HashSet<string> Stored { get; } = [];
        public List<string> Managed { get; } = [];
        public List<string> Paths { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.PathAndQuery;
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            lock (Stored)
            {
                Paths.Add(path);
                if (path == "/ping")
                {
                    return new(HttpStatusCode.NoContent) { Headers = { { "X-Influxdb-Version", Version } } };
                }

                if (path.StartsWith("/query", StringComparison.Ordinal))
                {
                    return Text(HttpStatusCode.OK, """{"results":[{"statement_id":0}]}""");
                }

                if (path.StartsWith("/api/v2/orgs", StringComparison.Ordinal))
                {
                    return Text(HttpStatusCode.OK, """{"orgs":[{"id":"o-1"}]}""");
                }

                if (path.StartsWith("/api/v2/buckets", StringComparison.Ordinal))
                {
                    Managed.Add($"{request.Method} {path} {body} {request.Headers.Authorization}");
                    return request.Method == HttpMethod.Get ? Text(HttpStatusCode.NotFound, """{"code":"not found"}""") : Text(HttpStatusCode.Created, "{}");
                }

                var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                var (status, text) = answer(lines);
                if (status == HttpStatusCode.NoContent)
                {
                    foreach (var line in lines.Where(line => line.StartsWith("readings,device=", StringComparison.Ordinal)))
                    {
                        Stored.Add(line["readings,device=".Length..line.IndexOf(",quantity", StringComparison.Ordinal)]);
                    }
                }

                return Text(status, text);
            }
        }

        private static HttpResponseMessage Text(HttpStatusCode status, string text) => new(status) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
    }
}
