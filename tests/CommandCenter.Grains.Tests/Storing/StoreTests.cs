using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using Microsoft.EntityFrameworkCore;
using Xunit;
using static CommandCenter.Grains.Tests.Storing.Samples;

namespace CommandCenter.Grains.Tests.Storing;

/// <summary>What every operations store must do. The same tests run over SQLite and over PostgreSQL.</summary>
public abstract class StoreTests
{
    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private protected abstract Task<OpenStore> OpenAsync();

    /// <summary>Immutable arrays compare by identity, so whole records are compared by their documents.</summary>
    private static void AssertSame<T>(T expected, T actual) =>
        Assert.Equal(JsonSerializer.Serialize(expected, ContractJson.Options), JsonSerializer.Serialize(actual, ContractJson.Options));

    [Fact]
    public async Task The_migrations_hold_the_whole_model_and_are_applied()
    {
        await using var store = await OpenAsync();

        var (changed, pending) = await store.Database.ReadAsync(
            async (context, token) => (context.Database.HasPendingModelChanges(), (await context.Database.GetPendingMigrationsAsync(token)).ToList()), Cancelled);

        Assert.False(changed);
        Assert.Empty(pending);
    }

    [Fact]
    public async Task A_store_that_is_opened_again_finds_what_was_stored()
    {
        await using var store = await OpenAsync();
        await store.Registry.SaveAsync([Device("wl-017")], [], Cancelled);

        var again = new OpenStore(store.Options);

        AssertSame(Device("wl-017"), await again.Registry.FindAsync(new("wl-017"), Cancelled));
    }

    [Fact]
    public async Task Broker_accounts_come_back_as_they_were_saved_the_newest_of_each_device()
    {
        await using var store = await OpenAsync();
        var salt = DeviceSecrets.MakeSalt();
        var first = new BrokerAccount
        {
            Device = new("gw-1"), Version = 1, Salt = salt, Rounds = 10, Hash = DeviceSecrets.Hash("one"u8, salt, 10), IssuedAt = Noon,
            Gateway = new GatewayRights { Topics = ["zigbee2mqtt/#"], Devices = [new("wl-1")] },
        };
        await store.Registry.SaveAccountAsync(first, Audit("credential_issued", "gw-1"), Cancelled);
        var second = first with { Version = 2, Hash = DeviceSecrets.Hash("two"u8, salt, 10) };
        await store.Registry.SaveAccountAsync(second, Audit("credential_issued", "gw-1"), Cancelled);

        var found = Assert.Single(await store.Registry.LoadAccountsAsync(Cancelled));
        Assert.Equal((2, Noon), (found.Version, found.IssuedAt));
        Assert.True(found.Gateway!.Same(first.Gateway));
        Assert.Equal((false, true), (DeviceSecrets.Verify(found, "one"u8), DeviceSecrets.Verify(found, "two"u8)));
    }

    [Fact]
    public async Task A_device_comes_back_whole_also_what_its_public_document_hides()
    {
        await using var store = await OpenAsync();
        var canary = Device("canary") with { Internal = true, Source = null };
        await store.Registry.SaveAsync([Device("wl-017", Second, Overlay), canary], [Audit("put_device")], Cancelled);

        var found = await store.Registry.FindAsync(new("canary"), Cancelled);
        var all = await store.Registry.LoadAllAsync(Cancelled);
        var street = await store.Registry.LoadByStreetAsync(Second, Cancelled);

        AssertSame(canary, found);
        Assert.True(found!.Internal);
        Assert.Equal(["canary", "wl-017"], all.Select(device => device.Id.Value));
        AssertSame(Device("wl-017", Second, Overlay), Assert.Single(street));
        Assert.Null(await store.Registry.FindAsync(new("nobody"), Cancelled));
    }

    [Fact]
    public async Task A_device_saved_again_replaces_the_one_before()
    {
        await using var store = await OpenAsync();
        await store.Registry.SaveAsync([Device("wl-017")], [], Cancelled);

        await store.Registry.SaveAsync([Device("wl-017") with { Version = 4 }, Device("wl-017", Second) with { Version = 5 }], [], Cancelled);

        AssertSame(Device("wl-017", Second) with { Version = 5 }, Assert.Single(await store.Registry.LoadAllAsync(Cancelled)));
    }

    [Fact]
    public async Task Devices_are_listed_by_scope_area_and_kind_without_the_platforms_own()
    {
        await using var store = await OpenAsync();
        await store.Registry.SaveAsync(
            [Device("a", First), Device("b", Second), Device("c", Second, Overlay), Device("d", First) with { Kind = "camera" }, Device("canary", First) with { Internal = true }], [], Cancelled);

        Assert.Equal(["a", "b", "c", "d"], await ListAsync(new(), Actor.System));
        Assert.Equal(["a", "d"], await ListAsync(new(), In(First)));
        Assert.Equal(["c"], await ListAsync(new(), In(Overlay)));
        Assert.Equal(["a", "c", "d"], await ListAsync(new(), In(First, Overlay)));
        Assert.Empty(await ListAsync(new(), In()));
        Assert.Equal(["b", "c"], await ListAsync(new() { Areas = [Second] }, Actor.System));
        Assert.Equal(["c"], await ListAsync(new() { Areas = [Overlay] }, Actor.System));
        Assert.Empty(await ListAsync(new() { Areas = [Second] }, In(First)));
        Assert.Equal(["d"], await ListAsync(new() { Kinds = ["camera"] }, In(First)));

        async Task<string[]> ListAsync(DeviceQuery query, Actor actor) => [.. (await store.Registry.ListAsync(query, actor, Cancelled)).Items.Select(device => device.Id.Value)];
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repeat()
    {
        await using var store = await OpenAsync();
        var warnings = Enumerable.Range(0, 25).Select(n => Warning($"w-{n:00}", n / 4)).ToList();
        await store.Warnings.SaveAsync(warnings, [], [], Cancelled);

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await store.Warnings.ListAsync(new() { Limit = 7, Cursor = cursor }, Actor.System, Cancelled);
            seen.AddRange(page.Items.Select(warning => warning.Id.Value));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(warnings.OrderByDescending(warning => warning.OnsetAt).ThenByDescending(warning => warning.Id.Value, StringComparer.Ordinal).Select(warning => warning.Id.Value), seen);
    }

    [Fact]
    public async Task The_last_full_page_has_no_next()
    {
        await using var store = await OpenAsync();
        await store.Registry.SaveAsync([Device("a"), Device("B"), Device("c")], [], Cancelled);

        var first = await store.Registry.ListAsync(new() { Limit = 2 }, Actor.System, Cancelled);
        var second = await store.Registry.ListAsync(new() { Limit = 2, Cursor = first.Next }, Actor.System, Cancelled);
        var whole = await store.Registry.ListAsync(new() { Limit = 3 }, Actor.System, Cancelled);

        // By code points, whatever the language of the database.
        Assert.Equal(["B", "a"], first.Items.Select(device => device.Id.Value));
        Assert.Equal(["c"], second.Items.Select(device => device.Id.Value));
        Assert.Null(second.Next);
        Assert.Null(whole.Next);
    }

    [Theory]
    [InlineData("nonsense!")]
    [InlineData("YQ")]
    [InlineData("dGFza3MKMQph")]
    [InlineData("d2FybmluZ3MKOTIyMzM3MjAzNjg1NDc3NTgwNwph")]
    [InlineData("d2FybmluZ3MKLTEKYQ")]
    public async Task A_cursor_that_the_list_never_gave_out_is_refused_by_name(string cursor)
    {
        await using var store = await OpenAsync();

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => store.Warnings.ListAsync(new() { Cursor = cursor }, Actor.System, Cancelled));

        Assert.Equal("cursor", refused.ParamName);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task A_limit_out_of_bounds_is_refused(int limit)
    {
        await using var store = await OpenAsync();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.Warnings.ListAsync(new() { Limit = limit }, Actor.System, Cancelled));
    }

    [Fact]
    public async Task Rules_and_plans_are_kept_by_version_and_word_for_word()
    {
        await using var store = await OpenAsync();
        var old = new StoredDocument("R01", 1, """{ "id": "R01",  "version": 1.0 }""", Noon, "wang");
        var newer = old with { Version = 2, Json = "{}" };
        await store.Rules.SaveAsync(old, Audit("put_rule"), Cancelled);
        await store.Rules.SaveAsync(newer, Audit("put_rule"), Cancelled);
        await store.Rules.SaveAsync(old with { Id = "R02" }, Audit("put_rule"), Cancelled);
        await store.Plans.SaveAsync(old with { Id = "P01" }, Audit("put_plan"), Cancelled);
        await store.Plans.SaveAsync(newer with { Id = "P01" }, Audit("put_plan"), Cancelled);

        Assert.Equal([newer, old with { Id = "R02" }], await store.Rules.LoadNewestAsync(Cancelled));
        Assert.Equal([newer with { Id = "P01" }], await store.Plans.LoadNewestAsync(Cancelled));
        Assert.Equal(old with { Id = "P01" }, await store.Plans.FindAsync("P01", 1, Cancelled));
        Assert.Null(await store.Plans.FindAsync("R01", 1, Cancelled));
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.Rules.SaveAsync(old with { Json = "[]" }, Audit("put_rule"), Cancelled));
        Assert.Equal(5, (await store.Audit.ListAsync(100, null, Actor.System, Cancelled)).Items.Length);
    }

    [Fact]
    public async Task The_rule_book_stores_an_act_whole_or_not_at_all_with_who_and_why()
    {
        await using var store = await OpenAsync();
        var first = new StoredDocument("R01", 1, "{}", Noon, "wang") { ByName = "王芳", Why = "汛期" };
        var second = new StoredDocument("R01", 2, "[]", Noon.AddMinutes(1), "li");
        var proposal = new StoredDocument("p-1", 1, "{\"a\":1}", Noon, "wang");
        Assert.True(await store.RuleBook.CommitAsync([(RuleShelf.Rules, first), (RuleShelf.Proposals, proposal)], [Audit("one")], Cancelled));

        var overtaken = await store.RuleBook.CommitAsync([(RuleShelf.Proposals, proposal with { Version = 2 }), (RuleShelf.Rules, first)], [Audit("two")], Cancelled);
        Assert.True(await store.RuleBook.CommitAsync([(RuleShelf.Rules, second)], [Audit("three")], Cancelled));

        Assert.False(overtaken);
        Assert.Equal([proposal], await store.RuleBook.LoadNewestAsync(RuleShelf.Proposals, Cancelled));
        Assert.Empty(await store.RuleBook.LoadNewestAsync(RuleShelf.Signatures, Cancelled));
        Assert.Equal([second, first], await store.RuleBook.LoadVersionsAsync(new("R01"), Cancelled));
        Assert.Equal([second], await store.Rules.LoadNewestAsync(Cancelled));
        Assert.Equal(first, await store.RuleBook.FindVersionAsync(new("R01"), 1, Cancelled));
        Assert.Equal(["three", "one"], (await store.Audit.ListAsync(100, null, Actor.System, Cancelled)).Items.Select(entry => entry.Action));
    }

    [Fact]
    public async Task The_warnings_of_a_rule_over_a_span_are_those_raised_before_its_end_and_not_over_before_its_beginning()
    {
        await using var store = await OpenAsync();
        await store.Warnings.SaveAsync(
            [
                Raised("w-before", -60, -30), Raised("w-into", -60, 10), Raised("w-in", 20, 30), Raised("w-stands", 40, null), Raised("w-after", 120, null),
                Raised("w-elsewhere", 20, null) with { Area = First }, Raised("w-other", 20, null) with { Rule = new("R02") }, Raised("w-pending", 20, null) with { State = WarningState.Pending, RaisedAt = null },
            ],
            [], [], Cancelled);

        var found = await store.RuleBook.LoadWarningsAsync(new("R01"), Noon, Noon.AddMinutes(60), 10, In(Second), Cancelled);
        var first = await store.RuleBook.LoadWarningsAsync(new("R01"), Noon, Noon.AddMinutes(60), 1, Actor.System, Cancelled);

        Assert.Equal(["w-into", "w-in", "w-stands"], found.Select(warning => warning.Id.Value));
        Assert.Equal(["w-into"], first.Select(warning => warning.Id.Value));

        WarningView Raised(string id, int from, int? to) => Warning(id, 0, Second, to is null ? WarningState.Raised : WarningState.Cleared) with
        {
            Rule = new("R01"), OnsetAt = Noon.AddMinutes(from), RaisedAt = Noon.AddMinutes(from), ClearedAt = to is { } end ? Noon.AddMinutes(end) : null,
        };
    }

    [Fact]
    public async Task A_warning_comes_back_whole_and_a_saved_one_replaces_it()
    {
        await using var store = await OpenAsync();
        await store.Warnings.SaveAsync([Warning("w-1", 0, Second, WarningState.Pending, Colour.Blue, Overlay)], [], [], Cancelled);
        var raised = Warning("w-1", 0, Second, WarningState.Raised, Colour.Orange, Overlay) with { Version = 3 };

        await store.Warnings.SaveAsync([raised], [], [Audit("raise")], Cancelled);

        AssertSame(raised, await store.Warnings.FindAsync(new("w-1"), Cancelled));
        AssertSame(raised, Assert.Single(await store.Warnings.LoadOpenAsync(Second, Cancelled)));
    }

    [Fact]
    public async Task An_older_version_does_not_bring_a_cleared_warning_back()
    {
        await using var store = await OpenAsync();
        var cleared = Warning("w-1", 0, Second, WarningState.Cleared) with { Version = 5 };
        await store.Warnings.SaveAsync([cleared, Warning("w-2", 0, Second) with { Version = 5 }], [], [], Cancelled);

        await store.Warnings.SaveAsync([Warning("w-1", 0, Second) with { Version = 2 }, Warning("w-2", 0, Second) with { Version = 6 }], [], [], Cancelled);

        AssertSame(cleared, await store.Warnings.FindAsync(new("w-1"), Cancelled));
        Assert.Equal(6, Assert.Single(await store.Warnings.LoadOpenAsync(Second, Cancelled)).Version);
        await store.Warnings.SaveAsync([cleared with { Incident = new("inc-1"), Version = 6 }], [], [], Cancelled);
        Assert.NotNull((await store.Warnings.FindAsync(new("w-1"), Cancelled))!.Incident);
    }

    [Fact]
    public async Task Only_pending_warnings_can_be_dropped()
    {
        await using var store = await OpenAsync();
        await store.Warnings.SaveAsync([Warning("pending", 0, state: WarningState.Pending), Warning("raised")], [], [], Cancelled);

        await store.Warnings.SaveAsync([Warning("new", 1)], [new("pending"), new("raised"), new("absent")], [], Cancelled);

        Assert.Equal(["raised", "new"], (await store.Warnings.LoadOpenAsync(First, Cancelled)).Select(warning => warning.Id.Value));
    }

    [Fact]
    public async Task Warnings_are_listed_by_scope_state_colour_and_onset()
    {
        await using var store = await OpenAsync();
        await store.Warnings.SaveAsync(
            [
                Warning("a", 0), Warning("b", 1, Second, WarningState.Cleared, Colour.Blue), Warning("c", 2, Second, WarningState.Pending, Colour.Yellow, Overlay), Warning("d", 3, AreaId.Outside),
            ],
            [], [], Cancelled);

        Assert.Equal(["d", "c", "b", "a"], await ListAsync(new(), Actor.System));
        Assert.Equal(["a"], await ListAsync(new(), In(First)));
        Assert.Equal(["c"], await ListAsync(new(), In(Overlay)));
        Assert.Equal(["c", "b"], await ListAsync(new(), In(Second)));
        Assert.Equal(["b", "a"], await ListAsync(new() { States = [WarningState.Raised, WarningState.Cleared], Areas = [First, Second] }, Actor.System));
        Assert.Equal(["c", "b"], await ListAsync(new() { Colours = [Colour.Blue, Colour.Yellow] }, Actor.System));
        Assert.Equal(["c", "b"], await ListAsync(new() { From = Noon.AddMinutes(1), To = Noon.AddMinutes(3) }, Actor.System));

        async Task<string[]> ListAsync(WarningQuery query, Actor actor) => [.. (await store.Warnings.ListAsync(query, actor, Cancelled)).Items.Select(warning => warning.Id.Value)];
    }

    [Fact]
    public async Task A_returning_warning_finds_the_newest_one_before_that_was_raised()
    {
        await using var store = await OpenAsync();
        await store.Warnings.SaveAsync(
            [
                Warning("older", 0, state: WarningState.Cleared), Warning("newer", 5, state: WarningState.Cleared), Warning("pending", 6, state: WarningState.Pending),
                Warning("itself", 9), Warning("other", 8) with { Subject = "wl-018" },
            ],
            [], [], Cancelled);

        Assert.Equal(new WarningId("newer"), await store.Warnings.FindPreviousAsync(new("R01"), "wl-017", Noon.AddMinutes(9), Cancelled));
        Assert.Null(await store.Warnings.FindPreviousAsync(new("R01"), "wl-017", Noon, Cancelled));
        Assert.Null(await store.Warnings.FindPreviousAsync(new("R02"), "wl-017", Noon.AddMinutes(9), Cancelled));
    }

    [Fact]
    public async Task Many_returning_warnings_find_their_predecessors_with_one_question_each_the_newest_before_itself()
    {
        await using var store = await OpenAsync();
        await store.Warnings.SaveAsync(
            [
                Warning("older", 0, state: WarningState.Cleared), Warning("newer", 5, state: WarningState.Cleared), Warning("pending", 6, state: WarningState.Pending),
                Warning("itself", 9), Warning("later", 20) with { Subject = "wl-018" }, Warning("other", 8, state: WarningState.Cleared) with { Subject = "wl-018" },
                Warning("rule", 7, state: WarningState.Cleared) with { Rule = new("R02") },
            ],
            [], [], Cancelled);

        var found = await store.Warnings.FindPreviousAsync(
            [Warning("itself", 9), Warning("new", 10) with { Subject = "wl-018" }, Warning("first", 10) with { Subject = "wl-019" }, Warning("r2", 10) with { Rule = new("R02") }], Cancelled);

        Assert.Equal(
            [("itself", "newer"), ("new", "other"), ("r2", "rule")],
            found.Select(pair => (pair.Key.Value, pair.Value.Value)).Order());
    }

    [Fact]
    public async Task Cleared_warnings_are_remembered_while_they_cool_down_or_are_shelved()
    {
        await using var store = await OpenAsync();
        await store.Warnings.SaveAsync(
            [
                Warning("open", 0), Warning("old", 1, state: WarningState.Cleared) with { ClearedAt = Noon.AddMinutes(2) },
                Warning("recent", 2, state: WarningState.Cleared) with { ClearedAt = Noon.AddMinutes(50) },
                Warning("shelved", 3, state: WarningState.Cleared) with { ClearedAt = Noon.AddMinutes(4), Shelved = new("wang", Noon, Noon.AddHours(9), "抖动") },
                Warning("elsewhere", 4, Second, WarningState.Cleared) with { ClearedAt = Noon.AddMinutes(55) },
            ],
            [], [], Cancelled);

        var found = await store.Warnings.LoadClearedAsync(First, Noon.AddMinutes(50), Noon.AddHours(1), Cancelled);

        Assert.Equal(["recent", "shelved"], found.Select(warning => warning.Id.Value));
    }

    [Fact]
    public async Task A_commit_of_warnings_stores_its_fired_clocks_and_notices_once()
    {
        await using var store = await OpenAsync();
        var clock = new DueClock("warning/w-1", "shift_leader", Noon, Noon.AddSeconds(1));
        var notice = new OutboxItem("esc/w-1/shift_leader/1", "recorder", "值班长", "红色预警无人确认", null, Noon, 0, ReceiptState.Queued, Noon);
        await store.Warnings.CommitAsync(new() { Changed = [Warning("w-1")], ClocksFired = [clock], Outbox = [notice] }, Cancelled);
        await store.Outbox.SaveAsync(notice with { State = ReceiptState.Sent, Attempts = 1 }, Cancelled);

        await store.Warnings.CommitAsync(new() { Changed = [Warning("w-1") with { Version = 3 }], ClocksFired = [clock with { FiredAt = Noon.AddHours(1) }], Outbox = [notice] }, Cancelled);

        Assert.Empty(await store.Outbox.LoadDueAsync(Noon.AddDays(1), 10, Cancelled));
        Assert.Empty(await store.Clocks.LoadDueAsync(Noon.AddDays(1), 10, Cancelled));
        Assert.False(await store.Clocks.MarkFiredAsync(clock with { FiredAt = null }, Noon.AddHours(2), Cancelled));
    }

    [Fact]
    public async Task Ten_thousand_changed_warnings_are_one_call_of_a_few_seconds_at_most()
    {
        await using var store = await OpenAsync();
        await store.Warnings.SaveAsync([.. Enumerable.Range(0, 100).Select(n => Warning($"warm-{n}", n))], [], [], Cancelled);
        var flood = Enumerable.Range(0, 10_000).Select(n => Warning($"w-{n}", n % 60)).ToList();
        await store.Warnings.SaveAsync(flood, [], [], Cancelled);

        var clock = Stopwatch.StartNew();
        await store.Warnings.SaveAsync([.. flood.Select(warning => warning with { Colour = Colour.Orange, Version = 3 })], [], [], Cancelled);
        clock.Stop();

        TestContext.Current.TestOutputHelper!.WriteLine($"10,000 changed warnings saved in {clock.ElapsedMilliseconds} ms");
        var changed = await store.Warnings.ListAsync(new() { Colours = [Colour.Orange], Limit = 1000 }, Actor.System, Cancelled);
        Assert.Equal(1000, changed.Items.Length);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"It took {clock.Elapsed}.");
    }

    [Fact]
    public async Task The_newest_snapshot_is_kept_and_an_older_one_does_not_replace_it()
    {
        await using var store = await OpenAsync();
        Assert.Null(await store.Snapshots.LoadAsync("street/1", Cancelled));
        await store.Snapshots.SaveAsync("street/1", Noon, [1], Cancelled);
        await store.Snapshots.SaveAsync("street/1", Noon.AddSeconds(30), [2, 0, 255], Cancelled);

        await store.Snapshots.SaveAsync("street/1", Noon.AddSeconds(1), [3], Cancelled);

        var loaded = await store.Snapshots.LoadAsync("street/1", Cancelled);
        Assert.Equal(Noon.AddSeconds(30), loaded!.Value.At);
        Assert.Equal([2, 0, 255], loaded.Value.State);
    }

    [Fact]
    public async Task A_commit_keeps_events_view_and_tasks()
    {
        await using var store = await OpenAsync();
        var view = Incident("inc-1", 1, tasks: Task("inc-1", "P01-1")) with { Timeline = [new(1, "incident_reported", Noon, Wang, "{}", "hash-1")], Areas = [Overlay] };

        Assert.Equal(CommitResult.Committed, await store.Incidents.CommitAsync(Commit("inc-1", 0, view, "w:w-1") with { Audit = [Audit("open")] }, Cancelled));

        Assert.Equal([Event("inc-1", 1)], await store.Incidents.LoadEventsAsync(new("inc-1"), Cancelled));
        AssertSame(view with { Timeline = [] }, await store.Incidents.FindAsync(new("inc-1"), Cancelled));
        AssertSame(view.Tasks[0], await store.Incidents.FindTaskAsync(new("inc-1.P01-1.1"), Cancelled));
        Assert.Equal(new IncidentId("inc-1"), await store.Incidents.FindBySourceAsync("w:w-1", Cancelled));
        Assert.Null(await store.Incidents.FindBySourceAsync("w:w-2", Cancelled));
        Assert.Null(await store.Incidents.FindAsync(new("inc-2"), Cancelled));
        Assert.Single((await store.Audit.ListAsync(10, null, Actor.System, Cancelled)).Items);
    }

    [Fact]
    public async Task Of_many_commits_on_the_same_event_exactly_one_wins()
    {
        await using var store = await OpenAsync();
        await store.Incidents.CommitAsync(Commit("inc-1", 0), Cancelled);

        var results = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 8).Select(n =>
            System.Threading.Tasks.Task.Run(() => store.Incidents.CommitAsync(Commit("inc-1", 1) with { Audit = [Audit($"try-{n}")] }, Cancelled))));

        Assert.Equal(1, results.Count(result => result == CommitResult.Committed));
        Assert.Equal(7, results.Count(result => result == CommitResult.Conflict));
        Assert.Equal([1, 2], (await store.Incidents.LoadEventsAsync(new("inc-1"), Cancelled)).Select(entry => entry.Seq));
        Assert.Single((await store.Audit.ListAsync(10, null, Actor.System, Cancelled)).Items);
    }

    [Fact]
    public async Task Two_incidents_that_claim_one_source_leave_it_to_one()
    {
        await using var store = await OpenAsync();

        var results = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 8).Select(n =>
            System.Threading.Tasks.Task.Run(() => store.Incidents.CommitAsync(Commit($"inc-{n}", 0, null, "w:shared", $"w:{n}"), Cancelled))));

        Assert.Equal(1, results.Count(result => result == CommitResult.Committed));
        Assert.Equal(7, results.Count(result => result == CommitResult.SourceTaken));
        var incident = Assert.Single((await store.Incidents.ListAsync(new(), Actor.System, Cancelled)).Items);
        Assert.Equal(incident.Id, await store.Incidents.FindBySourceAsync("w:shared", Cancelled));
        Assert.Equal(1, (await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 8).Select(n => store.Incidents.FindBySourceAsync($"w:{n}", Cancelled)))).Count(found => found is not null));
    }

    [Fact]
    public async Task A_commit_that_repeats_an_earlier_one_is_told_by_its_source()
    {
        await using var store = await OpenAsync();
        await store.Incidents.CommitAsync(Commit("inc-1", 0, null, "w:w-1"), Cancelled);

        Assert.Equal(CommitResult.SourceTaken, await store.Incidents.CommitAsync(Commit("inc-1", 0, null, "w:w-1"), Cancelled));
        Assert.Equal(CommitResult.Conflict, await store.Incidents.CommitAsync(Commit("inc-1", 0), Cancelled));
        Assert.Equal(CommitResult.Conflict, await store.Incidents.CommitAsync(Commit("inc-1", 5), Cancelled));
        Assert.Equal(CommitResult.Conflict, await store.Incidents.CommitAsync(Commit("inc-unknown", 3), Cancelled));
        Assert.Empty(await store.Incidents.LoadEventsAsync(new("inc-unknown"), Cancelled));
    }

    [Fact]
    public async Task Events_that_do_not_follow_the_expected_one_are_a_mistake_of_the_caller()
    {
        await using var store = await OpenAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => store.Incidents.CommitAsync(Commit("inc-1", 0) with { Events = [Event("inc-1", 2)] }, Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(() => store.Incidents.CommitAsync(Commit("inc-1", 0) with { Events = [Event("inc-1", 1, drill: true)] }, Cancelled));
    }

    [Fact]
    public async Task A_drill_cannot_write_into_a_real_incident()
    {
        await using var store = await OpenAsync();
        await store.Incidents.CommitAsync(Commit("inc-1", 0), Cancelled);

        Assert.Equal(CommitResult.Conflict, await store.Incidents.CommitAsync(Commit("inc-1", 1, Incident("inc-1", 2, drill: true)), Cancelled));
        Assert.Equal([false], (await store.Incidents.LoadEventsAsync(new("inc-1"), Cancelled)).Select(entry => entry.Drill));
    }

    [Theory]
    [InlineData("UPDATE incident_events SET data = '{}'")]
    [InlineData("DELETE FROM incident_events")]
    [InlineData("UPDATE audit SET detail = ''")]
    [InlineData("DELETE FROM audit")]
    public async Task The_database_itself_refuses_to_change_what_is_append_only(string change)
    {
        await using var store = await OpenAsync();
        await store.Incidents.CommitAsync(Commit("inc-1", 0) with { Audit = [Audit("open")] }, Cancelled);

        var refused = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => store.Database.WriteAsync(
            async (context, token) =>
            {
                await using var command = context.Command(change);
                return await command.ExecuteNonQueryAsync(token);
            },
            Cancelled));

        Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Incidents_are_listed_by_scope_state_and_openness()
    {
        await using var store = await OpenAsync();
        await SaveAsync(Incident("a", 1, 0));
        await SaveAsync(Incident("b", 1, 1, Second, IncidentState.Closed));
        await SaveAsync(Incident("c", 1, 2, Second) with { Areas = [Overlay] });
        await SaveAsync(Incident("d", 1, 3, Second) with { Owner = First });
        await SaveAsync(Incident("e", 1, 4, Second, IncidentState.Filed, drill: true) with { MergedInto = new("c") });

        Assert.Equal(["e", "d", "c", "b", "a"], await ListAsync(new(), Actor.System));
        Assert.Equal(["d", "a"], await ListAsync(new(), In(First)));
        Assert.Equal(["c"], await ListAsync(new(), In(Overlay)));
        Assert.Equal(["d", "c", "a"], await ListAsync(new() { OpenOnly = true }, Actor.System));
        Assert.Equal(["e", "b"], await ListAsync(new() { States = [IncidentState.Closed, IncidentState.Filed] }, In(Second)));
        Assert.Equal(["d", "c"], (await PagesAsync(2)).Skip(1).Take(2));
        Assert.Equal(["a"], (await store.Incidents.LoadOpenByAreaAsync(First, Cancelled)).Select(incident => incident.Id.Value));
        Assert.Equal(["c"], (await store.Incidents.LoadOpenByAreaAsync(Overlay, Cancelled)).Select(incident => incident.Id.Value));

        async Task SaveAsync(IncidentView view) => Assert.Equal(CommitResult.Committed, await store.Incidents.CommitAsync(Commit(view.Id.Value, 0, view), Cancelled));
        async Task<string[]> ListAsync(IncidentQuery query, Actor actor) => [.. (await store.Incidents.ListAsync(query, actor, Cancelled)).Items.Select(incident => incident.Id.Value)];
        async Task<List<string>> PagesAsync(int limit)
        {
            var first = await store.Incidents.ListAsync(new() { Limit = limit }, Actor.System, Cancelled);
            var second = await store.Incidents.ListAsync(new() { Limit = limit, Cursor = first.Next }, Actor.System, Cancelled);
            return [.. first.Items.Concat(second.Items).Select(incident => incident.Id.Value)];
        }
    }

    [Fact]
    public async Task Open_incidents_of_a_class_are_found_for_merging_and_drills_only_for_drills()
    {
        await using var store = await OpenAsync();
        await store.Incidents.CommitAsync(Commit("real", 0, Incident("real", 1, 10)), Cancelled);
        await store.Incidents.CommitAsync(Commit("early", 0, Incident("early", 1, 0)), Cancelled);
        await store.Incidents.CommitAsync(Commit("drill", 0, Incident("drill", 1, 10, drill: true)), Cancelled);
        await store.Incidents.CommitAsync(Commit("closed", 0, Incident("closed", 1, 10, state: IncidentState.Closed)), Cancelled);
        await store.Incidents.CommitAsync(Commit("other", 0, Incident("other", 1, 10) with { Class = new("SJ-01-01") }), Cancelled);

        Assert.Equal(["real"], await LoadAsync(false, "SJ-04-06", "SJ-04-07"));
        Assert.Equal(["drill"], await LoadAsync(true, "SJ-04-06"));
        Assert.Empty(await LoadAsync(false, "SJ-09-09"));

        async Task<string[]> LoadAsync(bool drill, params string[] classes) =>
            [.. (await store.Incidents.LoadOpenAsync([.. classes.Select(code => new ClassCode(code))], Noon.AddMinutes(5), drill, Cancelled)).Select(incident => incident.Id.Value)];
    }

    [Fact]
    public async Task Tasks_are_listed_by_scope_and_a_unit_sees_its_own_wherever_they_lie()
    {
        await using var store = await OpenAsync();
        await store.Incidents.CommitAsync(
            Commit("inc-1", 0, Incident("inc-1", 1, tasks: [Task("inc-1", "P01-1", "u-7"), Task("inc-1", "P01-2", "u-8", TaskState.Accepted, 1)])), Cancelled);
        await store.Incidents.CommitAsync(
            Commit("inc-2", 0, Incident("inc-2", 1, 5, Second, tasks: Task("inc-2", "P01-1", "u-7", TaskState.Verified, 2, Second)) with { Areas = [Overlay] }), Cancelled);

        Assert.Equal(["inc-2.P01-1.1", "inc-1.P01-2.1", "inc-1.P01-1.1"], await ListAsync(new(), Actor.System));
        Assert.Equal(["inc-1.P01-2.1", "inc-1.P01-1.1"], await ListAsync(new(), In(First)));
        Assert.Equal(["inc-2.P01-1.1"], await ListAsync(new(), In(Overlay)));
        Assert.Equal(["inc-2.P01-1.1", "inc-1.P01-1.1"], await ListAsync(new(), Of("u-7", First)));
        Assert.Empty(await ListAsync(new() { Units = [new("u-8")] }, Of("u-7", First)));
        Assert.Equal(["inc-1.P01-2.1", "inc-1.P01-1.1"], await ListAsync(new(), In(First) with { Kind = ActorKind.Unit, Roles = [Role.Gateway] }));
        Assert.Equal(["inc-1.P01-2.1"], await ListAsync(new() { Units = [new("u-8")], States = [TaskState.Accepted, TaskState.Verified] }, Actor.System));
        var first = await store.Incidents.ListTasksAsync(new() { Limit = 2 }, Actor.System, Cancelled);
        Assert.Equal(["inc-1.P01-1.1"], await ListAsync(new() { Limit = 2, Cursor = first.Next }, Actor.System));
        Assert.Null(await store.Incidents.FindTaskAsync(new("inc-1.P01-2.1"), Of("u-7", First), Cancelled));
        Assert.NotNull(await store.Incidents.FindTaskAsync(new("inc-1.P01-2.1"), In(First), Cancelled));

        async Task<string[]> ListAsync(TaskQuery query, Actor actor) => [.. (await store.Incidents.ListTasksAsync(query, actor, Cancelled)).Items.Select(task => task.Id.Value)];
    }

    [Fact]
    public async Task A_unit_is_bound_by_open_and_reported_tasks_until_the_incident_is_over()
    {
        await using var store = await OpenAsync();
        var unit = new ResponseUnit { Id = new("u-7"), Name = "交警一中队", Role = "traffic_police", Area = First, Longitude = 119.9, Latitude = 31.7, Capacity = 2, Phone = "110", Version = 1 };
        await store.Units.SaveAsync(unit, Audit("put_unit"), Cancelled);
        await store.Incidents.CommitAsync(
            Commit("inc-1", 0, Incident("inc-1", 1, tasks: [Task("inc-1", "P01-1"), Task("inc-1", "P01-2", state: TaskState.Reported, minute: 1), Task("inc-1", "P01-3", state: TaskState.Verified)])), Cancelled);

        AssertSame(unit, Assert.Single(await store.Units.LoadAllAsync(Cancelled)));
        Assert.Equal(["inc-1.P01-1.1", "inc-1.P01-2.1"], (await store.Units.LoadBindingTasksAsync(Cancelled))[new("u-7")].Select(task => task.Value));

        await store.Incidents.CommitAsync(Commit("inc-1", 1, Incident("inc-1", 2, state: IncidentState.Closed, tasks: [Task("inc-1", "P01-1"), Task("inc-1", "P01-2", state: TaskState.Reported)])), Cancelled);

        Assert.Empty(await store.Units.LoadBindingTasksAsync(Cancelled));
    }

    [Fact]
    public async Task Of_many_incidents_that_want_the_last_hand_of_a_unit_exactly_one_gets_it()
    {
        await using var store = await OpenAsync();
        var unit = new ResponseUnit { Id = new("u-7"), Name = "交警一中队", Role = "traffic_police", Area = First, Capacity = 2, Version = 1 };
        await store.Units.SaveAsync(unit, Audit("put_unit"), Cancelled);
        await store.Incidents.CommitAsync(Commit("inc-0", 0, Incident("inc-0", 1, tasks: Task("inc-0", "P01-1"))), Cancelled);

        var results = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(1, 6).Select(n => System.Threading.Tasks.Task.Run(
            () => store.Incidents.CommitAsync(Commit($"inc-{n}", 0, Incident($"inc-{n}", 1, tasks: Task($"inc-{n}", "P01-1"))), Cancelled))));

        Assert.Equal(1, results.Count(result => result == CommitResult.Committed));
        Assert.Equal(5, results.Count(result => result == CommitResult.Conflict));
        Assert.Equal(2, (await store.Units.LoadBindingTasksAsync(Cancelled))[new("u-7")].Length);

        // A unit that is full, or became so because its capacity was lowered, does not stop the work it already has.
        await store.Units.SaveAsync(unit with { Capacity = 1, Version = 2 }, Audit("put_unit"), Cancelled);
        Assert.Equal(CommitResult.Committed, await store.Incidents.CommitAsync(Commit("inc-0", 1, Incident("inc-0", 2, tasks: Task("inc-0", "P01-1", state: TaskState.Accepted))), Cancelled));
    }

    [Fact]
    public async Task A_clock_fires_once_and_a_cancelled_one_never()
    {
        await using var store = await OpenAsync();
        var accept = new DueClock("inc-1.P01-1.1", "accept", Noon.AddMinutes(3), null);
        var arrive = accept with { Clock = "arrive", DueAt = Noon.AddMinutes(15) };
        await store.Incidents.CommitAsync(Commit("inc-1", 0) with { ClocksSet = [accept, arrive, arrive] }, Cancelled);

        Assert.Empty(await store.Clocks.LoadDueAsync(Noon.AddMinutes(3).AddMilliseconds(-1), 10, Cancelled));
        Assert.Equal([accept], await store.Clocks.LoadDueAsync(Noon.AddMinutes(3), 10, Cancelled));
        Assert.Equal([accept], await store.Clocks.LoadDueAsync(Noon.AddHours(1), 1, Cancelled));

        var fired = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 4).Select(_ => System.Threading.Tasks.Task.Run(() => store.Clocks.MarkFiredAsync(accept, Noon.AddMinutes(4), Cancelled))));
        Assert.Equal(1, fired.Count(mine => mine));
        Assert.Equal([arrive], await store.Clocks.LoadDueAsync(Noon.AddHours(1), 10, Cancelled));

        await store.Incidents.CommitAsync(Commit("inc-1", 1) with { ClocksCancelled = [(arrive.Subject, "arrive")], ClocksSet = [accept, arrive with { DueAt = Noon.AddMinutes(20) }] }, Cancelled);
        Assert.False(await store.Clocks.MarkFiredAsync(arrive, Noon.AddMinutes(16), Cancelled));
        Assert.Equal([arrive with { DueAt = Noon.AddMinutes(20) }], await store.Clocks.LoadDueAsync(Noon.AddHours(1), 10, Cancelled));
    }

    [Fact]
    public async Task Running_numbers_are_unique_and_without_gap_also_when_many_ask_at_once()
    {
        await using var store = await OpenAsync();
        var day = new DateOnly(2026, 11, 23);

        var numbers = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 40).Select(_ => System.Threading.Tasks.Task.Run(() => store.Incidents.NextNumberAsync(day, false, Cancelled))));

        Assert.Equal(Enumerable.Range(1, 40), numbers.Order());
        Assert.Equal(1, await store.Incidents.NextNumberAsync(day, true, Cancelled));
        Assert.Equal(1, await store.Incidents.NextNumberAsync(day.AddDays(1), false, Cancelled));
        Assert.Equal(41, await store.Incidents.NextNumberAsync(day, false, Cancelled));
    }

    [Fact]
    public async Task The_outbox_holds_each_notice_once_and_gives_out_those_that_wait()
    {
        await using var store = await OpenAsync();
        var notice = new OutboxItem("inc-1.1.u-7.in_app", "in_app", "u-7", "请出动", new("inc-1.P01-1.1"), Noon, 0, ReceiptState.Queued, Noon);
        var later = notice with { Key = "later", Task = null, NextAttemptAt = Noon.AddMinutes(1) };
        await store.Incidents.CommitAsync(Commit("inc-1", 0) with { Outbox = [notice, later] }, Cancelled);
        await store.Incidents.CommitAsync(Commit("inc-1", 1) with { Outbox = [notice with { Text = "again" }] }, Cancelled);

        Assert.Equal([notice], await store.Outbox.LoadDueAsync(Noon, 10, Cancelled));
        Assert.Equal([notice, later], await store.Outbox.LoadDueAsync(Noon.AddMinutes(1), 10, Cancelled));

        await store.Outbox.SaveAsync(notice with { Attempts = 1, NextAttemptAt = Noon.AddMinutes(2) }, Cancelled);
        await store.Outbox.SaveAsync(later with { Attempts = 1, State = ReceiptState.Delivered }, Cancelled);
        Assert.Empty(await store.Outbox.LoadDueAsync(Noon.AddMinutes(1), 10, Cancelled));
        Assert.Equal([notice with { Attempts = 1, NextAttemptAt = Noon.AddMinutes(2) }], await store.Outbox.LoadDueAsync(Noon.AddMinutes(2), 10, Cancelled));
    }

    [Fact]
    public async Task The_audit_trail_is_numbered_newest_first_and_others_acts_need_the_audit_role()
    {
        await using var store = await OpenAsync();
        await store.Audit.WriteAsync([Audit("first"), Audit("second") with { By = new(ActorKind.User, "li", "李"), Detail = null }, Audit("third")], Cancelled);

        var page = await store.Audit.ListAsync(2, null, Actor.System, Cancelled);
        var rest = await store.Audit.ListAsync(2, page.Next, Actor.System, Cancelled);

        Assert.Equal(["third", "second"], page.Items.Select(entry => entry.Action));
        Assert.Equal(["first"], rest.Items.Select(entry => entry.Action));
        Assert.Null(rest.Next);
        Assert.True(page.Items[0].Seq > page.Items[1].Seq && page.Items[1].Seq > rest.Items[0].Seq);
        Assert.Equal(new AuditEntry(rest.Items[0].Seq, Noon, Wang, "first", "s", "细节"), rest.Items[0]);
        Assert.Equal(["third", "first"], (await store.Audit.ListAsync(10, null, In(First), Cancelled)).Items.Select(entry => entry.Action));
        Assert.Equal(["third", "first"], (await store.Audit.ListAsync(10, null, In() with { SeesWholeDistrict = true }, Cancelled)).Items.Select(entry => entry.Action));
    }

    [Fact]
    public async Task The_ledger_keeps_the_newest_samples_and_every_count()
    {
        await using var store = await OpenAsync();
        store.Options.RejectionsMax = 50;
        var first = Rejections(0, 40);
        await store.Ledger.AppendAsync(new() { Node = "n", Rejections = first, Counts = Counts(RejectionReason.Malformed, 1000) }, Cancelled);
        await store.Ledger.AppendAsync(new() { Node = "n", Rejections = Rejections(30, 30), Counts = Counts(RejectionReason.NotANumber, 5).Add(RejectionReason.Malformed, 30) }, Cancelled);

        var page = await store.Ledger.ListRejectionsAsync(30, null, Cancelled);
        var rest = await store.Ledger.ListRejectionsAsync(30, page.Next, Cancelled);

        Assert.Equal(Enumerable.Range(10, 50).Reverse().Select(n => $"r-{n}"), page.Items.Concat(rest.Items).Select(rejection => rejection.Id));
        Assert.Null(rest.Next);
        Assert.Equal(1035, page.Total);
        Assert.Equal(new Dictionary<string, long> { ["malformed"] = 1030, ["not_a_number"] = 5 }, page.ByReason);
        AssertSame(first[10], rest.Items[^1]);

        static ImmutableArray<Rejection> Rejections(int from, int count) => [.. Enumerable.Range(from, count).Select(n => new Rejection
        {
            Id = $"r-{n}", At = Noon, Topic = "city/v1/x", Format = null, Device = "wl", Reason = RejectionReason.NotANumber, Detail = "积水", Bytes = [0, 1, 255], Size = 3,
        })];
        static ImmutableDictionary<RejectionReason, long> Counts(RejectionReason reason, long count) => ImmutableDictionary<RejectionReason, long>.Empty.Add(reason, count);
    }

    [Fact]
    public async Task Kept_messages_come_oldest_first_by_filter_and_settling_replaces_their_reasons_or_removes_them()
    {
        await using var store = await OpenAsync();
        await store.Ledger.AppendAsync(
            new()
            {
                Node = "n",
                Messages = [Kept("m-1"), Kept("m-2"), Kept("m-3")],
                Rejections = [Refused("r-1", "m-1", RejectionReason.UnknownDevice), Refused("r-2", "m-2", RejectionReason.UnknownQuantity), Refused("r-3", "m-2", RejectionReason.OutOfRange), Refused("r-4", "m-3", RejectionReason.Malformed)],
            },
            Cancelled);

        var unknown = new RejectionQuery { Reasons = [RejectionReason.UnknownDevice, RejectionReason.OutOfRange], Devices = ["wl"], Limit = 1 };
        var page = await store.Ledger.LoadKeptAsync(unknown, Cancelled);
        var rest = await store.Ledger.LoadKeptAsync(unknown with { Cursor = page.Next }, Cancelled);
        Assert.Equal(["m-1", "m-2"], page.Items.Concat(rest.Items).Select(message => message.Id));
        AssertSame(Kept("m-1"), page.Items[0]);
        Assert.Null(rest.Next);
        Assert.Equal(3, (await store.Ledger.QueryRejectionsAsync(new RejectionQuery { Limit = 1 }, Cancelled)).KeptMessages);

        ImmutableArray<KeptOutcome> outcomes =
        [
            new("m-1", []), new("m-2", [new(RejectionReason.BadUnit, "now the unit", "wl-2", "canonical")]),
            new("m-3", [new(RejectionReason.BadTime, "a", null, null), new(RejectionReason.NotANumber, "b", null, null)]),
        ];
        await store.Ledger.SettleKeptAsync(outcomes, Cancelled);
        await store.Ledger.SettleKeptAsync(outcomes, Cancelled);

        var left = await store.Ledger.QueryRejectionsAsync(new RejectionQuery { Limit = 10 }, Cancelled);
        Assert.Equal(
            [(RejectionReason.NotANumber, "b", "m-3"), (RejectionReason.BadTime, "a", "m-3"), (RejectionReason.BadUnit, "now the unit", "m-2")],
            left.Items.Select(rejection => (rejection.Reason, rejection.Detail, rejection.Message!)));
        Assert.Equal(2, left.KeptMessages);
        Assert.Empty((await store.Ledger.LoadKeptAsync(new RejectionQuery { Ids = ["r-1"] }, Cancelled)).Items);

        static Rejection Refused(string id, string message, RejectionReason reason) => new()
        {
            Id = id, At = Noon, Topic = "t", Device = "wl", Reason = reason, Detail = "d", Bytes = [1], Size = 3, Message = message,
        };
    }

    [Fact]
    public async Task Kept_messages_are_bounded_by_count_and_bytes_and_their_rejections_stay_readable()
    {
        await using var store = await OpenAsync();
        (store.Options.KeptMessagesMax, store.Options.KeptBytesMax) = (3, 1_000);
        await AppendAsync("a", 10);
        await AppendAsync("b", 10);
        await AppendAsync("c", 10);
        await AppendAsync("d", 10);
        Assert.Equal(["b", "c", "d"], (await store.Ledger.LoadKeptAsync(new RejectionQuery(), Cancelled)).Items.Select(message => message.Id));

        await AppendAsync("e", 985);
        Assert.Equal(["d", "e"], (await store.Ledger.LoadKeptAsync(new RejectionQuery(), Cancelled)).Items.Select(message => message.Id));
        Assert.Equal(
            ["e", "d", null, null, null],
            (await store.Ledger.QueryRejectionsAsync(new RejectionQuery(), Cancelled)).Items.Select(rejection => rejection.Message));

        System.Threading.Tasks.Task AppendAsync(string id, int size) => store.Ledger.AppendAsync(
            new()
            {
                Node = "n",
                Messages = [Kept(id) with { Payload = new byte[size] }],
                Rejections = [new Rejection { Id = "r-" + id, At = Noon, Topic = "t", Reason = RejectionReason.Unsupported, Detail = "d", Bytes = [], Size = size, Message = id }],
            },
            Cancelled);
    }

    [Fact]
    public async Task A_wrong_clock_is_named_since_its_first_message_until_it_is_right_again()
    {
        await using var store = await OpenAsync();
        await NoteAsync("fast", 8 * 3_600_000, 0, 1);
        await NoteAsync("fast", 8 * 3_600_000 + 500, 5, 2);
        await NoteAsync("slow", -600_000, 5, 2);
        Assert.Equal([new WrongClock(new("fast"), 8 * 3_600_000 + 500, Noon, Noon.AddMinutes(5), 3)], await store.Ledger.ListWrongClocksAsync(10, Cancelled));

        // Twice behind may be a backlog; a third time it is the clock.
        await NoteAsync("slow", -600_000, 6, 1);
        Assert.Equal(["fast", "slow"], (await store.Ledger.ListWrongClocksAsync(10, Cancelled)).Select(clock => clock.Device.Value));

        // A day later it is another time of error.
        await NoteAsync("fast", 3_600_000, 24 * 60, 1);
        await NoteAsync("slow", null, 7, 0);
        Assert.Equal([new WrongClock(new("fast"), 3_600_000, Noon.AddDays(1), Noon.AddDays(1), 1)], await store.Ledger.ListWrongClocksAsync(10, Cancelled));

        System.Threading.Tasks.Task NoteAsync(string device, long? offsetMs, int minute, long count) => store.Ledger.AppendAsync(
            new() { Node = "n", Clocks = [new ClockSighting(new(device), offsetMs, Noon.AddMinutes(minute), Noon.AddMinutes(minute), count)] }, Cancelled);
    }

    private static KeptMessage Kept(string id) => new() { Id = id, At = Noon, Topic = "city/v1/x", Format = "canonical", Retained = true, Payload = [1, 2, 3] };

    [Fact]
    public async Task Unregistered_devices_add_up_and_the_longest_silent_goes_first()
    {
        await using var store = await OpenAsync();
        store.Options.UnregisteredMax = 3;
        await AppendAsync(Seen("a", 0, 2), Seen("b", 1, 1), Seen("c", 2, 1));
        await AppendAsync(Seen("a", 9, 3) with { Suggestion = Device("a") }, Seen("a", 8, 1), Seen("d", 5, 1));
        await AppendAsync(Seen("c", 1, 4));

        var page = await store.Ledger.ListUnregisteredAsync(2, null, Cancelled);
        var rest = await store.Ledger.ListUnregisteredAsync(2, page.Next, Cancelled);

        Assert.Equal(["d", "c", "a"], page.Items.Concat(rest.Items).Select(device => device.Key));
        AssertSame(Seen("a", 9, 6) with { FirstSeenAt = Noon.AddMinutes(-1), Suggestion = Device("a") }, rest.Items[0]);
        Assert.Equal((5, Noon.AddMinutes(2), "payload 2"), (page.Items[1].Count, page.Items[1].LastSeenAt, page.Items[1].LastPayload));

        await store.Ledger.ForgetUnregisteredAsync("chirpstack", "c", Cancelled);
        Assert.Equal(["d", "a"], (await store.Ledger.ListUnregisteredAsync(10, null, Cancelled)).Items.Select(device => device.Key));

        System.Threading.Tasks.Task AppendAsync(params UnregisteredDevice[] devices) => store.Ledger.AppendAsync(new() { Node = "n", Unregistered = [.. devices] }, Cancelled);
        static UnregisteredDevice Seen(string key, int minute, long count) => new()
        {
            Format = "chirpstack", Key = key, Count = count, FirstSeenAt = Noon.AddMinutes(minute - 1), LastSeenAt = Noon.AddMinutes(minute), LastTopic = $"t/{minute}", LastPayload = $"payload {minute}",
        };
    }

    [Fact]
    public async Task A_text_from_the_street_may_hold_signs_that_a_database_cannot()
    {
        await using var store = await OpenAsync();
        var seen = new UnregisteredDevice
        {
            Format = "senml", Key = "k\0", Count = 1, FirstSeenAt = Noon, LastSeenAt = Noon, LastTopic = "t\uD800", LastPayload = "🌊\0积水",
        };

        await store.Ledger.AppendAsync(new() { Node = "n", Unregistered = [seen] }, Cancelled);

        var kept = Assert.Single((await store.Ledger.ListUnregisteredAsync(10, null, Cancelled)).Items);
        Assert.Equal(("k\uFFFD", "t\uFFFD", "🌊\uFFFD积水"), (kept.Key, kept.LastTopic, kept.LastPayload));
        await store.Ledger.ForgetUnregisteredAsync("senml", "k\0", Cancelled);
        Assert.Empty((await store.Ledger.ListUnregisteredAsync(10, null, Cancelled)).Items);
    }

    [Fact]
    public async Task Many_writers_at_once_all_get_through()
    {
        await using var store = await OpenAsync();

        await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 60).Select(n => System.Threading.Tasks.Task.Run(async () =>
        {
            await store.Warnings.SaveAsync([Warning($"w-{n}", n)], [], [Audit("raise", $"w-{n}")], Cancelled);
            Assert.NotNull(await store.Warnings.FindAsync(new($"w-{n}"), Cancelled));
        })));

        Assert.Equal(60, (await store.Audit.ListAsync(100, null, Actor.System, Cancelled)).Items.Length);
    }
}
