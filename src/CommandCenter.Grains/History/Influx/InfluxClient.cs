using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CommandCenter.Grains.History.Influx;

/// <summary>What the server answered to a write.</summary>
internal enum InfluxVerdict
{
    /// <summary>Everything is stored but the lines counted as refused.</summary>
    Written,

    /// <summary>Nothing of the request need be stored, because something in it is wrong.</summary>
    Refused,

    /// <summary>The request must be cut.</summary>
    TooLarge,
}

internal readonly record struct InfluxAnswer(InfluxVerdict Verdict, long RefusedLines, string Reason);

/// <summary>InfluxDB's HTTP interface, as far as it is needed. Whatever may go well later is thrown as <see cref="InfluxOutageException"/>.</summary>
internal sealed partial class InfluxClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    public InfluxClient(HistoryOptions options, TimeProvider time, HttpMessageHandler? handler = null)
    {
        var address = new Uri(options.Url!.EndsWith('/') ? options.Url : options.Url + "/");
        _time = time;
        _timeout = TimeSpan.FromSeconds(options.RequestTimeoutSeconds);
        _http = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            // Name and password of the address go into a header, never into a log line.
            BaseAddress = new UriBuilder(address) { UserName = string.Empty, Password = string.Empty }.Uri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        Server = _http.BaseAddress.GetLeftPart(UriPartial.Authority);
        UserInfo = address.UserInfo.Length > 0 ? Uri.UnescapeDataString(address.UserInfo) : null;
        Token = options.Token;
    }

    /// <summary>The address without anything secret.</summary>
    public string Server { get; }

    private string? UserInfo { get; }

    private string? Token { get; }

    /// <summary>From then on requests carry the credentials in the form of this API: 1.x knows name and password or a bearer token, 2.x its own word.</summary>
    public void Speak(InfluxApi api)
    {
        _http.DefaultRequestHeaders.Authorization = (UserInfo ?? Token) switch
        {
            null => null,
            var pair when UserInfo is not null || (api == InfluxApi.V1 && pair.Contains(':', StringComparison.Ordinal)) =>
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))),
            var token => new AuthenticationHeaderValue(api == InfluxApi.V1 ? "Bearer" : "Token", token),
        };
    }

    /// <summary>The version that the server names; null when it names none.</summary>
    public async Task<string?> PingAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "ping");
        using var answer = await SendAsync(request, cancellation);
        return answer.Headers.TryGetValues("X-Influxdb-Version", out var values) ? values.First().TrimStart('v') : null;
    }

    public async Task<InfluxAnswer> WriteAsync(InfluxPlace place, ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, place.WritePath) { Content = new ReadOnlyMemoryContent(lines) };
        request.Content.Headers.ContentType = new("text/plain") { CharSet = "utf-8" };
        using var answer = await SendAsync(request, cancellation);
        if (answer.IsSuccessStatusCode)
        {
            return new(InfluxVerdict.Written, 0, string.Empty);
        }

        var reason = await ReasonAsync(answer, cancellation);
        return answer.StatusCode switch
        {
            HttpStatusCode.RequestEntityTooLarge => new(InfluxVerdict.TooLarge, 0, reason),
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => Judge(reason),
            _ => throw Outage(answer, reason),
        };
    }

    /// <summary>Sends a statement of InfluxQL; the rows of its first result, with times in the given unit.</summary>
    public async Task<InfluxRows> QueryAsync(string? database, string statement, string epoch, bool changes, CancellationToken cancellation)
    {
        var path = $"query?epoch={epoch}{(database is null ? string.Empty : $"&db={Uri.EscapeDataString(database)}")}";
        using var request = changes
            ? new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([KeyValuePair.Create("q", statement)]) }
            : new HttpRequestMessage(HttpMethod.Get, $"{path}&q={Uri.EscapeDataString(statement)}");
        using var answer = await SendAsync(request, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw Outage(answer, await ReasonAsync(answer, cancellation));
        }

        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellation);
            return InfluxRows.Read(document.RootElement);
        }
        catch (Exception failure) when (failure is JsonException or IOException or HttpRequestException)
        {
            throw new InfluxOutageException("The answer of InfluxDB broke off: " + failure.Message, null, failure);
        }
    }

    /// <summary>A call of the 2.x management interface; null when this server has none.</summary>
    public async Task<JsonElement?> ManageAsync(HttpMethod method, string path, string? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var answer = await SendAsync(request, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden || (int)answer.StatusCode >= 500 || answer.StatusCode == HttpStatusCode.TooManyRequests)
        {
            throw Outage(answer, Shortened(text));
        }

        try
        {
            return answer.IsSuccessStatusCode && text.Length > 0 ? JsonElement.Parse(text) : null;
        }
        catch (JsonException)
        {
            // A server that answers something else to this path has no such interface.
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A partial write stored all lines but those it names; any other refusal says nothing of the rest.</summary>
    internal static InfluxAnswer Judge(string reason)
    {
        if (reason.Contains("limit exceeded", StringComparison.OrdinalIgnoreCase) || reason.Contains("max-values-per-tag", StringComparison.OrdinalIgnoreCase))
        {
            // A limit of the server that an administrator can raise: the readings wait where they are, and the trouble shows.
            throw new InfluxOutageException(reason, null, null);
        }

        if (!reason.Contains("partial write", StringComparison.OrdinalIgnoreCase))
        {
            return new(InfluxVerdict.Refused, 0, reason);
        }

        var dropped = Dropped().Match(reason) is { Success: true } match && long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
        return new(InfluxVerdict.Written, Math.Max(1, dropped + Unparsed().Count(reason)), reason);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, both.Token);
        }
        catch (HttpRequestException failure)
        {
            throw new InfluxOutageException(failure.Message, null, failure);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            throw new InfluxOutageException(string.Create(CultureInfo.InvariantCulture, $"no answer within {_timeout.TotalSeconds} s"), null, failure);
        }
    }

    private InfluxOutageException Outage(HttpResponseMessage answer, string reason)
    {
        var after = answer.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date is { } date ? date - _time.GetUtcNow() : null);
        return new(string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} {reason}"), wait);
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        try
        {
            // 1.x says "error", 2.x "message".
            var body = JsonElement.Parse(text);
            if (body.ValueKind == JsonValueKind.Object && (body.TryGetProperty("error", out var said) || body.TryGetProperty("message", out said)) && said.ValueKind == JsonValueKind.String)
            {
                text = said.GetString()!;
            }
        }
        catch (JsonException)
        {
            // A proxy may answer in plain text; it is shown as it is.
            return Shortened(text);
        }

        return Shortened(text);
    }

    private static string Shortened(string text) => text.Length <= 4_000 ? text.Trim() : text[..4_000];

    [GeneratedRegex(@"dropped=(\d+)")]
    private static partial Regex Dropped();

    [GeneratedRegex("unable to parse")]
    private static partial Regex Unparsed();
}
