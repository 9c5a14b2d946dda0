using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Dispatching;
using CommandCenter.Grains.Tests.Incidents;

namespace CommandCenter.Grains.Tests.Dispatching;

public sealed class PlanTests
{
    private const string Least = """{"name":"试验","tasks":[{"key":"T-1","role":"drainage","action":"抽排"}]}""";

    [Fact]
    public void Every_shipped_plan_reads_and_every_role_has_a_unit_in_each_street_and_for_the_district()
    {
        var units = ShippedPlans.Units();
        var roles = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, document) in ShippedPlans.Plans())
        {
            var plan = PlanParsing.Parse(new PlanId(id), 1, document);
            Assert.True(plan.Succeeded, $"{id}: {string.Join(';', plan.Errors.Select(error => $"{error.Key} {string.Join(',', error.Value)}"))}");
            roles.UnionWith(plan.Value!.Tasks.Select(task => task.Role));
        }

        Assert.Equal(["P01", "P03", "P04", "P05", "P15"], ShippedPlans.Plans().Keys);
        Assert.All(roles, role => Assert.Equal(9, units.Where(unit => unit.Role == role).Select(unit => unit.Area).Distinct().Count()));
        Assert.All(units, unit => Assert.Contains("示例单位", unit.Name, StringComparison.Ordinal));
        Assert.Equal(units.Length, units.Select(unit => unit.Id).Distinct().Count());
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "tasks")]
    [InlineData("""{"name":"x","tasks":[{"key":"a.b","role":"r","action":"a"}]}""", "tasks[0].key")]
    [InlineData("""{"name":"x","tasks":[{"key":"a","role":"r","action":"a","limits":{"acceptMinutes":-1}}]}""", "tasks[0].limits.acceptMinutes")]
    [InlineData("""{"name":"x","tasks":[{"key":"a","role":"r","action":"a"},{"key":"a","role":"r","action":"a"}]}""", "tasks[1].key")]
    [InlineData("""{"name":"x","tasks":[{"key":"a","role":"r","action":"a","colours":["pink"]}]}""", "tasks[0].colours")]
    [InlineData("""{"name":"x","confirm":{"red":"always"},"tasks":[{"key":"a","role":"r","action":"a"}]}""", "confirm.red")]
    [InlineData("""{"name":"x","trigger":{"classes":["SJ-99-99"]},"tasks":[{"key":"a","role":"r","action":"a"}]}""", "trigger.classes")]
    [InlineData("""{"id":"P99","name":"x","tasks":[{"key":"a","role":"r","action":"a"}]}""", "id")]
    [InlineData("""{"name":"x","notices":[{"recipient":"公众","channel":"pigeon","template":"t"}],"tasks":[{"key":"a","role":"r","action":"a"}]}""", "notices[0].channel")]
    [InlineData("[]", "document")]
    [InlineData("{", "document")]
    public void A_wrong_document_is_refused_with_the_field_named(string document, string field)
    {
        var parsed = PlanParsing.Parse(new PlanId("P90"), 1, document);

        Assert.Equal(Refusal.Invalid, parsed.Refusal);
        Assert.Contains(field, parsed.Errors.Keys);
    }

    [Fact]
    public async Task The_same_document_again_is_no_new_version_and_an_old_version_stays_as_it_was()
    {
        var town = await Town.MakeAsync();

        var first = await town.Book.PutPlanAsync(new PlanId("P90"), Least, Town.Desk, town.Now);
        var same = await town.Book.PutPlanAsync(new PlanId("P90"), first.Value!, Town.Desk, town.Now);
        var changed = await town.Book.PutPlanAsync(new PlanId("P90"), Least.Replace("抽排", "清淤", StringComparison.Ordinal), Town.Desk, town.Now);

        Assert.True(same.Repeated);
        Assert.Equal(1, PlanDocuments.Head(same.Value!).Version);
        Assert.Equal(2, PlanDocuments.Head(changed.Value!).Version);
        Assert.Contains("抽排", (await town.Stores.FindAsync("P90", 1, TestContext.Current.CancellationToken))!.Json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_shipped_plans_come_once_and_a_changed_one_stays_changed()
    {
        var town = await Town.MakeAsync();
        await town.Book.PutPlanAsync(new PlanId("P01"), Least, Town.Desk, town.Now);
        var units = town.Stores.Units.Count;

        var again = new PlanBook(town.Stores, town.Stores, Town.Setting);
        await again.LoadAsync(town.Now);

        Assert.Equal(2, PlanDocuments.Head(again.Find(new PlanId("P01"))!).Version);
        Assert.Equal(units, town.Stores.Units.Count);
        Assert.Equal(6, town.Stores.Plans.Count);
    }

    [Fact]
    public async Task A_unit_is_put_once_and_shows_what_binds_it()
    {
        var town = await Town.MakeAsync();
        var unit = new ResponseUnit { Id = new ResponseUnitId("u-7"), Name = "机动队", Role = "drainage", Area = Town.Yonghong, Capacity = 2 };

        var first = await town.Book.PutUnitAsync(unit, Town.Desk, town.Now);
        var same = await town.Book.PutUnitAsync(unit, Town.Desk, town.Now);
        var wrong = await town.Book.PutUnitAsync(unit with { Capacity = 0, Area = new AreaId("1") }, Town.Desk, town.Now);

        Assert.Equal(1, first.Value!.Version);
        Assert.True(same.Repeated);
        Assert.Equal(["area", "capacity"], wrong.Errors.Keys.Order());
        Assert.Equal("free", (await town.Book.ListUnitsAsync(Town.Desk)).Single(view => view.Unit.Id == unit.Id).State);
    }

    [Fact]
    public async Task A_street_sees_its_own_units_and_those_of_the_district()
    {
        var town = await Town.MakeAsync();
        var street = new Actor { Id = "s", Name = "北港", Kind = ActorKind.User, Roles = [Role.Duty], Areas = [Town.Beigang] };

        var seen = await town.Book.ListUnitsAsync(street);

        Assert.Equal([new AreaId("320404"), Town.Beigang], seen.Select(view => view.Unit.Area).Distinct().OrderBy(area => area.Value, StringComparer.Ordinal));
    }
}
