using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Tests.Incidents;

/// <summary>Many warnings at once come into the incidents into which they would come one after the other, with few commits.</summary>
public sealed class IntakeFloodTests
{
    private const double DegreesPerMetre = 180 / (Math.PI * 6_371_008.8);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Together_they_come_where_they_would_come_one_after_the_other(int seed)
    {
        var random = new Random(seed);
        var warnings = Enumerable.Range(0, 120)
            .Select(n => Town.Warning($"w-{n:000}", latitude: 31.766 + (random.Next(900) * DegreesPerMetre), raisedAt: Town.Start.AddSeconds(random.Next(60)), drill: random.Next(10) == 0))
            .ToImmutableArray();
        var (one, many) = (await Town.MakeAsync(), await Town.MakeAsync());
        foreach (var warning in warnings)
        {
            await one.Intake().SubmitWarningAsync(warning, one.Now);
        }

        foreach (var batch in warnings.Chunk(40))
        {
            await many.Intake().SubmitWarningsAsync([.. batch], many.Now);
        }

        Assert.Equal(Groups(one), Groups(many));
        Assert.True(many.Stores.Commits < one.Stores.Commits / 2, $"{many.Stores.Commits} commits together, {one.Stores.Commits} one after the other");
    }

    [Fact]
    public async Task Each_gets_its_answer_and_the_same_ones_again_answer_the_same()
    {
        var town = await Town.MakeAsync();
        ImmutableArray<WarningView> warnings = [Town.Warning("a"), Town.Warning("b"), Town.Warning("far", latitude: 31.9), Town.Warning("a"), Town.Warning("c")];

        var first = await town.Intake().SubmitWarningsAsync(warnings, town.Now);
        var again = await town.Intake().SubmitWarningsAsync(warnings, town.Now.AddHours(3));

        Assert.Equal([0, 0, 1, 0, 0], first.Select(answer => answer.Value == first[2].Value ? 1 : 0));
        Assert.Equal(first.Select(answer => answer.Value), again.Select(answer => answer.Value));
        Assert.All(again, answer => Assert.True(answer.Repeated));
        Assert.Equal(2, town.Stores.Views.Count());
    }

    [Fact]
    public async Task Where_the_incident_has_ended_meanwhile_they_open_a_new_one()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        ImmutableArray<WarningView> warnings = [Town.Warning("a"), Town.Warning("b")];
        town.Stores.BeforeNextCommit = async () => await town.ExecuteAsync(desk, new VoidIncident("误报"));

        var answers = await town.Intake().SubmitWarningsAsync(warnings, town.Now);

        Assert.All(answers, answer => Assert.True(answer.Succeeded));
        Assert.Equal(answers[0].Value, answers[1].Value);
        Assert.NotEqual(desk.Id, answers[0].Value);
    }

    [Fact]
    public async Task A_change_that_an_incident_does_not_keep_is_no_event_of_it()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        var setting = Town.Setting;
        var before = desk.State!.View.Version;
        var acknowledged = Town.Warning("w-1", version: 7) with { Acknowledged = new("wang", Town.Start, null, null) };

        await desk.CommitAsync(state => CommandCenter.Grains.Incidents.IncidentLife.DecideWarning(state!, CommandCenter.Grains.Incidents.IncidentSources.FactOf(acknowledged, setting)), Town.Desk, town.Now, "test");
        Assert.Equal(before, desk.State!.View.Version);

        var lower = acknowledged with { Colour = Colour.Orange, Version = 8 };
        await desk.CommitAsync(state => CommandCenter.Grains.Incidents.IncidentLife.DecideWarning(state!, CommandCenter.Grains.Incidents.IncidentSources.FactOf(lower, setting)), Town.Desk, town.Now, "test");
        Assert.Equal(before + 1, desk.State!.View.Version);
    }

    private static IEnumerable<string> Groups(Town town) =>
        town.Stores.Views.Select(view => string.Join(' ', view.Warnings.Select(warning => warning.Value).Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal);
}
