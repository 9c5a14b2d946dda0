using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Cluster.Tests;

/// <summary>The rule book with its store and the streets that judge by it.</summary>
public sealed class RuleBookInASilo
{
    private const string Flood = """
        {"name":"积水","kind":"threshold","quantity":"water_depth","calibration":"待校核","minSamples":1,"select":{"devices":["wl-1"]},
         "levels":{"yellow":{"value":100,"onDelaySeconds":0},"red":{"value":250,"onDelaySeconds":60}}}
        """;

    private static readonly string Lower = Flood.Replace("\"value\":100", "\"value\":40", StringComparison.Ordinal);

    private static readonly DeviceRegistration Gauge = new()
    {
        Id = new("wl-1"), Name = "积水1", Kind = "water_level", Street = StreetCluster.Street, IntervalSeconds = 60, Longitude = 119.93, Latitude = 31.77, Tags = ["underpass"],
    };

    private static readonly Actor Wang = Person("wang", Role.System);
    private static readonly Actor Chen = Person("chen", Role.Leader);

    [Fact]
    public async Task Versions_tell_who_when_and_why_and_a_roll_back_is_a_new_version_that_the_street_judges_by()
    {
        await using var cluster = await StartedAsync();
        var book = Book(cluster);
        await PutAsync(book, Flood, "首次");
        cluster.Time.Now = StreetCluster.Start.AddSeconds(10);
        await PutAsync(book, Lower, "汛期下调", expected: 1);
        await cluster.IngestAsync(20, 50);
        Assert.Equal(WarningState.Raised, (await OfRuleAsync(cluster)).Single().State);

        var stale = await book.RollBackAsync(new("R90"), 1, "误报太多", 1, Wang);
        var unfounded = await book.RollBackAsync(new("R90"), 1, "  ", null, Wang);
        var unknown = await book.RollBackAsync(new("R90"), 7, "误报太多", null, Wang);
        var back = await book.RollBackAsync(new("R90"), 1, "误报太多", 2, Wang);
        await cluster.IngestAsync(30, 50);

        Assert.Equal((Refusal.StaleVersion, Refusal.Invalid, Refusal.Invalid), (stale.Refusal, unfounded.Refusal, unknown.Refusal));
        Assert.Equal(3, back.Value?.Version);
        Assert.Equal(WarningState.Cleared, (await OfRuleAsync(cluster)).Single().State);
        await cluster.Cluster.DeactivateAsync(book);
        var versions = await book.ListVersionsAsync(new("R90"));
        Assert.Equal(
            [(3, RuleVersionState.InForce, "回退到第 1 版: 误报太多"), (2, RuleVersionState.Earlier, "汛期下调"), (1, RuleVersionState.Earlier, "首次")],
            versions.Select(version => (version.Number!.Value, version.State, version.Why!)));
        Assert.All(versions, version => Assert.Equal(("wang", "wang先生"), (version.By, version.ByName)));
        Assert.Equal(versions[2], await book.GetVersionAsync(new("R90"), 1));
        Assert.Equal(["rule_rolled_back", "rule_put", "rule_put"], await ActsAsync(cluster));
    }

    [Fact]
    public async Task Of_two_editors_who_began_with_the_same_version_the_second_is_told_who_was_first()
    {
        await using var cluster = await StartedAsync();
        var book = Book(cluster);
        await PutAsync(book, Flood, "首次");

        var answers = await Task.WhenAll(
            book.ChangeAsync(new() { Rule = new("R90"), Document = Lower, Why = "甲", ExpectedVersion = 1 }, Wang),
            book.ChangeAsync(new() { Rule = new("R90"), Document = Lower.Replace(":40", ":60", StringComparison.Ordinal), Why = "乙", ExpectedVersion = 1 }, Person("li", Role.System)));
        var created = await book.ChangeAsync(new() { Rule = new("R90"), Document = Flood, ExpectedVersion = 0 }, Wang);

        var refused = Assert.Single(answers, answer => !answer.Succeeded);
        Assert.Equal(Refusal.StaleVersion, refused.Refusal);
        Assert.Contains("第 2 版", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(Refusal.StaleVersion, created.Refusal);
        Assert.Equal(2, (await book.ListVersionsAsync(new("R90"))).Length);
    }

    [Fact]
    public async Task A_pending_of_one_rule_at_second_50_survives_a_put_of_another()
    {
        await using var cluster = await StartedAsync();
        var book = Book(cluster);
        await PutAsync(book, Flood.Replace("\"yellow\":{\"value\":100,\"onDelaySeconds\":0},", string.Empty, StringComparison.Ordinal), "六十秒");
        await cluster.IngestAsync(0, 300);
        await cluster.IngestAsync(50, 300);

        var other = await book.ChangeAsync(new() { Rule = new("R91"), Document = Lower }, Wang);
        var disabled = await book.SetEnabledAsync(new("R02"), false, "检修", null, Wang);
        cluster.Time.Now = StreetCluster.Start.AddSeconds(61);
        var raised = await StreetCluster.UntilAsync(() => OfRuleAsync(cluster), found => found.Any(warning => warning.State == WarningState.Raised));

        Assert.True(other.Succeeded && disabled.Succeeded, other.Detail + disabled.Detail);
        Assert.Equal((StreetCluster.Start, StreetCluster.Start.AddSeconds(60)), (raised.Single().OnsetAt, raised.Single().RaisedAt));
    }

    [Fact]
    public async Task Where_a_second_person_must_approve_a_change_changes_nothing_until_then()
    {
        await using var cluster = await StartedAsync(approval: true);
        var book = Book(cluster);
        var proposed = await book.ChangeAsync(new() { Rule = new("R90"), Document = Lower, Why = "汛期" }, Wang);
        var again = await book.ChangeAsync(new() { Rule = new("R90"), Document = Lower, Why = "汛期" }, Wang);
        await cluster.IngestAsync(10, 50);
        var id = proposed.Value!.Proposal!.Id;

        Assert.Null(await book.GetAsync(new("R90")));
        Assert.Empty(await OfRuleAsync(cluster));
        Assert.Equal((id, true), (again.Value!.Proposal!.Id, again.Repeated));
        Assert.Equal(Refusal.NotAllowed, (await book.PutAsync(new("R90"), Lower, Wang)).Refusal);
        Assert.Equal(Refusal.HandledBySame, (await book.ApproveAsync(id, null, null, Wang)).Refusal);
        Assert.Equal(Refusal.NotAllowed, (await book.ApproveAsync(id, null, null, Person("zhao", Role.Duty))).Refusal);
        await cluster.Cluster.DeactivateAsync(book);
        Assert.Equal([id], (await book.ListProposalsAsync(RuleProposalState.Open)).Select(proposal => proposal.Id));

        var approved = await book.ApproveAsync(id, "同意", null, Chen);
        var twice = await book.ApproveAsync(id, "同意", null, Chen);
        await cluster.IngestAsync(20, 50);

        Assert.Equal((1, true), (approved.Value?.Version, twice.Repeated));
        Assert.Equal(WarningState.Raised, Assert.Single(await OfRuleAsync(cluster)).State);
        var version = Assert.Single(await book.ListVersionsAsync(new("R90")));
        Assert.Equal(("wang", "chen", "同意", id), (version.By, version.Decision?.By.Id, version.Decision?.Why, version.Source));
        Assert.Equal(["rule_approved", "rule_proposed"], await ActsAsync(cluster));
    }

    [Fact]
    public async Task A_proposal_made_from_an_older_version_says_so_and_a_rejected_one_stays_on_record()
    {
        await using var cluster = await StartedAsync(approval: true);
        var book = Book(cluster);
        var first = (await book.ChangeAsync(new() { Rule = new("R90"), Document = Flood, Why = "一" }, Wang)).Value!.Proposal!;
        var second = (await book.ChangeAsync(new() { Rule = new("R90"), Document = Lower, Why = "二" }, Wang)).Value!.Proposal!;
        Assert.True((await book.ApproveAsync(first.Id, null, null, Chen)).Succeeded);

        var told = await book.GetProposalAsync(second.Id);
        var blind = await book.ApproveAsync(second.Id, null, null, Chen);
        var rejected = await book.RejectAsync(second.Id, "依据不足", Chen);
        var late = await book.ApproveAsync(second.Id, null, 1, Chen);
        var third = (await book.ChangeAsync(new() { Rule = new("R90"), Document = Lower, Why = "三" }, Wang)).Value!.Proposal!;
        var withdrawn = await book.RejectAsync(third.Id, "写错了", Wang);

        Assert.Equal((true, 0, 1), (told!.Outdated, told.BasedOn, told.InForce));
        Assert.Equal((Refusal.StaleVersion, Refusal.NotInThisPhase), (blind.Refusal, late.Refusal));
        Assert.True(rejected.Succeeded && withdrawn.Succeeded);
        Assert.Equal(
            [RuleVersionState.Rejected, RuleVersionState.Rejected, RuleVersionState.InForce],
            (await book.ListVersionsAsync(new("R90"))).OrderBy(version => version.State == RuleVersionState.InForce).Select(version => version.State));

        var known = (await book.ChangeAsync(new() { Rule = new("R90"), Document = Lower, Why = "四" }, Wang)).Value!.Proposal!;
        var other = (await book.ChangeAsync(new() { Rule = new("R90"), Document = Lower.Replace(":40", ":45", StringComparison.Ordinal), Why = "五" }, Wang)).Value!.Proposal!;
        Assert.True((await book.ApproveAsync(other.Id, null, null, Chen)).Succeeded);
        Assert.Equal(3, (await book.ApproveAsync(known.Id, "已知悉", 2, Chen)).Value?.Version);
    }

    [Fact]
    public async Task Signatures_stay_over_versions_and_restarts_and_go_with_their_threshold()
    {
        await using var cluster = await StartedAsync();
        var book = Book(cluster);
        await PutAsync(book, Flood, "首次");
        var signed = await book.SignAsync(new() { Rule = new("R90"), Paths = ["levels.yellow", "levels.red"], Basis = "GB 51222-2017" }, Chen);
        Assert.Equal(0, signed.Value?.UnsignedCount);
        Assert.DoesNotContain(await book.ListUnsignedAsync(), rule => rule.Rule.Value == "R90");

        await PutAsync(book, Lower, "只改黄色");
        await cluster.Cluster.DeactivateAsync(book);
        var left = await book.GetThresholdsAsync(new("R90"));

        Assert.Equal([("levels.yellow", null), ("levels.red", "chen")], left!.Thresholds.Select(threshold => (threshold.Path, threshold.Signature?.By.Id)));
        Assert.Equal(1, (await book.ListSummariesAsync()).Single(rule => rule.Rule.Value == "R90").UnsignedCount);
        await PutAsync(book, Flood, "改回");
        Assert.Equal(1, (await book.GetThresholdsAsync(new("R90")))!.UnsignedCount);
        Assert.Equal(["rule_put", "rule_signature_lapsed", "rule_put", "rule_signed", "rule_put"], await ActsAsync(cluster));
    }

    [Fact]
    public async Task A_shadow_runs_beside_the_rule_through_restarts_and_moves_calls_nobody_and_is_compared_and_promoted()
    {
        await using var cluster = await StartedAsync(silos: 2);
        var book = Book(cluster);
        await PutAsync(book, Flood, "首次");
        var started = await book.StartShadowAsync(new() { Rule = new("R90"), Document = Lower, Until = StreetCluster.Start.AddDays(3), Why = "试运行" }, Wang);
        Assert.True(started.Succeeded, started.Detail);
        var id = started.Value!.Id;
        await cluster.IngestAsync(10, 50);
        await cluster.Cluster.DeactivateAsync(cluster.Grain);
        await cluster.IngestAsync(20, 50);
        await cluster.IngestAsync(30, 10);
        await cluster.IngestAsync(400, 150);

        // The silo of the street dies without a word; another takes the street over.
        Assert.True(cluster.Cluster.TryGetGrainContext(cluster.Grain.GetGrainId(), out var context));
        var home = context!.Address.SiloAddress!;
        await cluster.Cluster.KillSiloAsync(cluster.Cluster.Silos.Single(silo => silo.SiloAddress.Equals(home)), TestContext.Current.CancellationToken);
        await StreetCluster.UntilAsync(
            async () =>
            {
                await cluster.IngestAsync(410, 150);
                return true;
            },
            done => done);
        var compared = (await StreetCluster.UntilAsync(() => book.CompareShadowAsync(id, Actor.System), found => found is { New.Length: 2, Missing.IsEmpty: true }))!;

        Assert.Equal([(10, (int?)30), (400, null)], compared.New.Select(warning => (Second(warning.OnsetAt), warning.ClearedAt is { } at ? Second(at) : (int?)null)));
        Assert.Equal([400], compared.Old.Select(warning => Second(warning.OnsetAt)));
        Assert.Equal([10], compared.OnlyNew.Select(warning => Second(warning.OnsetAt)));
        Assert.Empty(compared.OnlyOld);
        Assert.Equal((2, 1, 1, 1), (compared.NewCounts.Yellow, compared.NewCounts.Flapping, compared.OldCounts.Yellow, compared.OldCounts.Standing));
        Assert.Equal([400], (await AliveAsync(cluster)).Select(warning => Second(warning.OnsetAt)));
        Assert.Equal(RuleVersionState.Shadow, (await book.ListVersionsAsync(new("R90")))[0].State);
        Assert.Equal(Refusal.NotInThisPhase, (await book.StartShadowAsync(new() { Rule = new("R90"), Document = Flood, Until = StreetCluster.Start.AddDays(2) }, Wang)).Refusal);

        var promoted = await book.PromoteShadowAsync(id, "效果好", null, Wang);
        Assert.Equal(2, promoted.Value?.Version);
        var kept = await book.CompareShadowAsync(id, Actor.System);
        Assert.Equal((ShadowState.Promoted, 2, "效果好"), (kept!.Shadow.State, kept.New.Length, kept.Shadow.Decision?.Why));
        Assert.Equal([RuleVersionState.InForce, RuleVersionState.Earlier], (await book.ListVersionsAsync(new("R90"))).Select(version => version.State));
        Assert.Equal(Refusal.NotInThisPhase, (await book.DropShadowAsync(id, "晚了", Wang)).Refusal);
    }

    [Fact]
    public async Task A_shadow_ends_at_its_time_can_be_dropped_and_wrong_ones_are_refused_by_field()
    {
        await using var cluster = await StartedAsync();
        var book = Book(cluster);
        await PutAsync(book, Flood, "首次");
        var order = new StartShadow { Rule = new("R90"), Document = Lower, Until = StreetCluster.Start.AddSeconds(60) };
        const string district = """{"kind":"count","parameters":{"of":{"rule":"R90"},"per":"district"},"levels":{"red":{"value":2}}}""";

        Assert.Equal(["until"], (await book.StartShadowAsync(order with { Until = StreetCluster.Start.AddDays(15) }, Wang)).Errors.Keys);
        Assert.Equal(["rule.levels"], (await book.StartShadowAsync(order with { Document = """{"kind":"threshold","quantity":"water_depth"}""" }, Wang)).Errors.Keys);
        Assert.Equal(["rule.parameters.scope"], (await book.StartShadowAsync(order with { Rule = new("R91"), Document = district }, Wang)).Errors.Keys);
        Assert.Equal(Refusal.NotAllowed, (await book.StartShadowAsync(order, Chen)).Refusal);
        var started = await book.StartShadowAsync(order, Wang);
        await cluster.IngestAsync(10, 50);
        await cluster.IngestAsync(70, 0);
        await cluster.IngestAsync(80, 50);

        var id = started.Value!.Id;
        Assert.Equal(ShadowState.Ended, Assert.Single(await book.ListShadowsAsync()).State);
        var compared = await book.CompareShadowAsync(id, Actor.System);
        Assert.Equal((10, null, StreetCluster.Start.AddSeconds(60)), (Second(Assert.Single(compared!.New).OnsetAt), compared.New[0].ClearedAt, compared.To));
        Assert.Equal(ShadowState.Dropped, (await book.DropShadowAsync(id, "无改善", Wang)).Value?.State);
        await cluster.Cluster.DeactivateAsync(book);
        Assert.Equal((ShadowState.Dropped, 1), ((await book.CompareShadowAsync(id, Actor.System))!.Shadow.State, (await book.CompareShadowAsync(id, Actor.System))!.New.Length));
        Assert.Equal(["rule_shadow_dropped", "rule_shadow_started", "rule_put"], await ActsAsync(cluster));
    }

    private static async Task<StreetCluster> StartedAsync(bool approval = false, short silos = 1)
    {
        var cluster = await StreetCluster.StartAsync(silos, services: services => services.Configure<RulesOptions>(options => options.ApprovalRequired = approval));
        await cluster.RegisterAsync(Gauge);
        return cluster;
    }

    private static IRuleBookGrain Book(StreetCluster cluster) => cluster.Cluster.Client.GetGrain<IRuleBookGrain>(0);

    private static async Task PutAsync(IRuleBookGrain book, string document, string why, int? expected = null)
    {
        var put = await book.ChangeAsync(new() { Rule = new("R90"), Document = document, Why = why, ExpectedVersion = expected }, Wang);
        Assert.True(put.Succeeded, put.Detail + string.Join("; ", put.Errors.Select(error => error.Key + " " + error.Value[0])));
    }

    private static async Task<WarningView[]> OfRuleAsync(StreetCluster cluster) => [.. (await cluster.WarningsAsync()).Where(warning => warning.Rule.Value == "R90")];

    // Asked of a silo that still lives.
    private static async Task<WarningView[]> AliveAsync(StreetCluster cluster)
    {
        var alive = cluster.Cluster.GetSiloServiceProvider(cluster.Cluster.Silos.First(silo => silo.IsActive).SiloAddress);
        var page = await alive.GetRequiredService<IWarningStore>().ListAsync(new() { Limit = 1000 }, Actor.System, TestContext.Current.CancellationToken);
        return [.. page.Items.Where(warning => warning.Rule.Value == "R90")];
    }

    private static async Task<string[]> ActsAsync(StreetCluster cluster) =>
        [.. (await cluster.Service<IAuditStore>().ListAsync(1000, null, Actor.System, TestContext.Current.CancellationToken)).Items.Where(entry => entry.Subject == "R90").Select(entry => entry.Action)];

    private static int Second(DateTimeOffset at) => (int)(at - StreetCluster.Start).TotalSeconds;

    private static Actor Person(string id, Role role) => new() { Id = id, Name = id + "先生", Kind = ActorKind.User, Roles = [role], SeesWholeDistrict = true };
}
