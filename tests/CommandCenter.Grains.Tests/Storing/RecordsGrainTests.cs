using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Tests.Geography;
using Xunit;
using static CommandCenter.Grains.Tests.Storing.Samples;

namespace CommandCenter.Grains.Tests.Storing;

public sealed class RecordsGrainTests
{
    private static readonly AreaMap Map = AreaMap.Load(new() { Directory = MapFolder.Shipped });

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static RecordsGrain Over(OpenStore store) => new(Map, store.Registry, store.Warnings, store.Incidents, store.Audit);

    [Fact]
    public async Task What_lies_out_of_scope_is_not_there()
    {
        await using var store = OpenStore.InFolder();
        await store.Warnings.SaveAsync([Warning("w-1", 0, Second, WarningState.Raised, Colour.Red, Overlay)], [], [], Cancelled);
        await store.Incidents.CommitAsync(Commit("inc-1", 0, Incident("inc-1", 1, tasks: Task("inc-1", "P01-1"))), Cancelled);
        var records = Over(store);

        Assert.Null(await records.GetWarningAsync(new("w-1"), In(First)));
        Assert.NotNull(await records.GetWarningAsync(new("w-1"), In(Second)));
        Assert.NotNull(await records.GetWarningAsync(new("w-1"), In(Overlay)));
        Assert.Null(await records.GetTaskAsync(new("inc-1.P01-1.1"), In(Second)));
        Assert.NotNull(await records.GetTaskAsync(new("inc-1.P01-1.1"), In(First)));
        Assert.NotNull(await records.GetTaskAsync(new("inc-1.P01-1.1"), Of("u-7", Second)));
        Assert.Null(await records.GetTaskAsync(new("inc-1.P01-1.1"), Of("u-8", First)));
    }

    [Fact]
    public async Task A_filter_that_names_the_district_filters_nothing_and_widens_no_scope()
    {
        await using var store = OpenStore.InFolder();
        await store.Warnings.SaveAsync([Warning("a"), Warning("b", 1, Second), Warning("c", 2, AreaId.Outside)], [], [], Cancelled);
        var records = Over(store);

        Assert.Equal(["c", "b", "a"], await ListAsync(new() { Areas = [Map.District.Id] }, Actor.System));
        Assert.Equal(["b"], await ListAsync(new() { Areas = [Second] }, Actor.System));
        Assert.Equal(["a"], await ListAsync(new() { Areas = [Map.District.Id] }, In(First)));

        async Task<string[]> ListAsync(WarningQuery query, Actor actor) => [.. (await records.ListWarningsAsync(query, actor)).Items.Select(warning => warning.Id.Value)];
    }

    [Fact]
    public async Task Areas_and_vocabulary_are_those_of_the_maps_and_the_contracts()
    {
        await using var store = OpenStore.InFolder();
        var records = Over(store);

        Assert.Contains(await records.ListAreasAsync(), area => area.Kind == AreaKind.District);
        Assert.NotEmpty((await records.GetVocabularyAsync()).Quantities);
        Assert.Equal(AreaId.Outside, await records.LocateAsync(0, 0));
    }
}
