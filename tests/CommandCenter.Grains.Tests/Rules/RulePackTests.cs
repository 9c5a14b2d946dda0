using System.Collections.Immutable;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging.Abstractions;

namespace CommandCenter.Grains.Tests.Rules;

public sealed class RulePackTests
{
    [Fact]
    public async Task A_stored_rule_that_cannot_be_read_is_left_out_and_the_others_judge()
    {
        var store = new Shelf(
            Document("R01", 4, "{ not json"), Document("R90", 1, """{"kind":"of a later program"}"""),
            Document("R91", 2, """{"kind":"threshold","quantity":"pm25","levels":{"blue":{"value":1}}}"""));

        var loaded = await RulePack.LoadNewestAsync(store, NullLogger.Instance);

        Assert.Equal(["R01", "R90"], loaded.Unreadable.Select(document => document.Id));
        Assert.Equal(RulePack.Shipped.Keys.Append("R91").Order(StringComparer.Ordinal), loaded.Rules.Select(rule => rule.Id.Value));
        Assert.Same(RulePack.Shipped["R01"], loaded.Rules.Single(rule => rule.Id.Value == "R01"));
        Assert.Equal(2, loaded.Rules.Single(rule => rule.Id.Value == "R91").Version);
    }

    private static StoredDocument Document(string id, int version, string json) => new(id, version, json, DateTimeOffset.UnixEpoch, "test");

    private sealed class Shelf(params StoredDocument[] documents) : IRuleStore
    {
        public Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation = default) => Task.FromResult<ImmutableArray<StoredDocument>>([.. documents]);

        public Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation = default) => throw new NotSupportedException();
    }
}
