using CommandCenter.Grains.Storing;
using Xunit;

namespace CommandCenter.Grains.Tests.Storing;

public sealed class PostgreSqlStoreTests(PostgreSqlServer server) : StoreTests, IClassFixture<PostgreSqlServer>
{
    private protected override async Task<OpenStore> OpenAsync()
    {
        Assert.SkipUnless(server.Missing is null, server.Missing ?? string.Empty);
        return new(new() { Provider = StoreProvider.PostgreSql, ConnectionString = await server.CreateDatabaseAsync(Cancelled) });
    }

    [Fact]
    public async Task Two_silos_may_start_on_an_empty_database_at_once()
    {
        await using var store = await OpenAsync();
        var second = new OpenStore(store.Options);

        await Task.WhenAll(store.Registry.SaveAsync([Samples.Device("a")], [], Cancelled), second.Registry.SaveAsync([Samples.Device("b")], [], Cancelled));

        Assert.Equal(2, (await store.Registry.LoadAllAsync(Cancelled)).Length);
    }
}
