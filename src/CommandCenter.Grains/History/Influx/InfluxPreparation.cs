using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.History.Influx;

/// <summary>Finds out what the server speaks and makes what it lacks: database and retention policies (1.x), or buckets (2.x). Done before the first write or read, and again
/// after the server said that something is missing.</summary>
internal sealed class InfluxPreparation(InfluxClient client, HistoryOptions options, ILogger log) : IDisposable
{
    /// <summary>The policy of 1.x and of the bucket of arrivals.</summary>
    public const string Policy = "commandcenter";

    private readonly SemaphoreSlim _preparing = new(1);
    private InfluxPlaces? _places;

    public async ValueTask<InfluxPlaces> PlacesAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _places) is { } known)
        {
            return known;
        }

        await _preparing.WaitAsync(cancellation);
        try
        {
            return _places ??= await PrepareAsync(cancellation);
        }
        finally
        {
            _preparing.Release();
        }
    }

    /// <summary>Something may have gone from the server: look again before the next request.</summary>
    public void Forget() => Volatile.Write(ref _places, null);

    public void Dispose() => _preparing.Dispose();

    private async Task<InfluxPlaces> PrepareAsync(CancellationToken cancellation)
    {
        var version = await client.PingAsync(cancellation);
        var api = options.WriteApi != InfluxApi.Auto ? options.WriteApi : version?.StartsWith("1.", StringComparison.Ordinal) == true ? InfluxApi.V1 : InfluxApi.V2;
        client.Speak(api);
        var arrivalDays = Math.Min(options.ArrivalDays, options.RetentionDays);
        var places = api == InfluxApi.V1
            ? await PrepareDatabaseAsync(arrivalDays, cancellation)
            : new InfluxPlaces(await PrepareBucketAsync(options.Database, options.RetentionDays, cancellation), await PrepareBucketAsync(options.Database + "_arrivals", arrivalDays, cancellation));
        log.InfluxReady(client.Server, version ?? "without a version", places.Readings.WritePath.Split('?')[0], options.RetentionDays);
        return places;
    }

    private async Task<InfluxPlaces> PrepareDatabaseAsync(int arrivalDays, CancellationToken cancellation)
    {
        var places = new InfluxPlaces(new(options.Database, Policy, null), new(options.Database, Policy + "_arrivals", null));
        var database = InfluxText.QuotedName(options.Database);
        try
        {
            await client.QueryAsync(null, $"CREATE DATABASE {database}", "ms", changes: true, cancellation);

            // Whoever asks the database without naming a policy should see the readings, unless somebody else keeps something there.
            var isOurs = (await client.QueryAsync(options.Database, "SHOW MEASUREMENTS LIMIT 1", "ms", changes: false, cancellation)).Count == 0;
            await KeepPolicyAsync(database, Policy, options.RetentionDays, isOurs, cancellation);
            await KeepPolicyAsync(database, Policy + "_arrivals", arrivalDays, false, cancellation);
        }
        catch (InfluxOutageException refusal) when (refusal.Message.StartsWith("401", StringComparison.Ordinal) || refusal.Message.StartsWith("403", StringComparison.Ordinal)
            || refusal.Message.Contains("privilege", StringComparison.OrdinalIgnoreCase) || refusal.Message.Contains("not authorized", StringComparison.OrdinalIgnoreCase))
        {
            // An account that may only write and read works too, when an administrator has made the two policies.
            log.InfluxNotOurs(refusal, client.Server);
        }

        return places;
    }

    private async Task KeepPolicyAsync(string database, string policy, int days, bool asDefault, CancellationToken cancellation)
    {
        var found = await client.QueryAsync(options.Database, $"SHOW RETENTION POLICIES ON {database}", "ms", changes: false, cancellation);
        var row = Enumerable.Range(0, found.Count).FirstOrDefault(row => found.Text(row, "name") == policy, -1);
        var duration = string.Create(CultureInfo.InvariantCulture, $"{days * 24}h0m0s");
        if (row < 0)
        {
            await client.QueryAsync(
                options.Database, $"CREATE RETENTION POLICY {InfluxText.QuotedName(policy)} ON {database} DURATION {days}d REPLICATION 1{(asDefault ? " DEFAULT" : string.Empty)}", "ms", changes: true, cancellation);
        }
        else if (found.Text(row, "duration") != duration)
        {
            await client.QueryAsync(options.Database, $"ALTER RETENTION POLICY {InfluxText.QuotedName(policy)} ON {database} DURATION {days}d", "ms", changes: true, cancellation);
        }
    }

    private async Task<InfluxPlace> PrepareBucketAsync(string name, int days, CancellationToken cancellation)
    {
        var bare = new InfluxPlace(name, null, null);
        if (await client.ManageAsync(HttpMethod.Get, $"api/v2/buckets?name={Uri.EscapeDataString(name)}", null, cancellation) is not { } answer)
        {
            // Either the bucket is missing, which 2.x also answers with 404, or the server manages no buckets at all, as VictoriaMetrics.
            return await CreateBucketAsync(name, days, cancellation) ?? bare;
        }

        if (Items(answer, "buckets").FirstOrDefault(bucket => Text(bucket, "name") == name) is not { ValueKind: JsonValueKind.Object } found)
        {
            return await CreateBucketAsync(name, days, cancellation) ?? bare;
        }

        var seconds = days * 86_400L;
        if (Items(found, "retentionRules").FirstOrDefault() is not { ValueKind: JsonValueKind.Object } rule || rule.GetProperty("everySeconds").GetInt64() != seconds)
        {
            await client.ManageAsync(HttpMethod.Patch, $"api/v2/buckets/{Uri.EscapeDataString(Text(found, "id") ?? name)}", Rules(string.Empty, seconds), cancellation);
        }

        return new(name, null, Text(found, "orgID"));
    }

    private async Task<InfluxPlace?> CreateBucketAsync(string name, int days, CancellationToken cancellation)
    {
        if (await client.ManageAsync(HttpMethod.Get, "api/v2/orgs?limit=1", null, cancellation) is not { } answer
            || Items(answer, "orgs").Select(organization => Text(organization, "id")).FirstOrDefault() is not { } organization)
        {
            return null;
        }

        var head = $"\"orgID\":{JsonSerializer.Serialize(organization, InfluxJson.Default.String)},\"name\":{JsonSerializer.Serialize(name, InfluxJson.Default.String)},";
        await client.ManageAsync(HttpMethod.Post, "api/v2/buckets", Rules(head, days * 86_400L), cancellation);
        return new(name, null, organization);
    }

    private static string Rules(string head, long seconds) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{{{head}}"retentionRules":[{"type":"expire","everySeconds":{{seconds}}}]}""");

    private static JsonElement[] Items(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray()] : [];

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class InfluxJson : System.Text.Json.Serialization.JsonSerializerContext;
