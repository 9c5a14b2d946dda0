using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;

namespace CommandCenter.Grains.Tests.Incidents;

public sealed class IntakeTests
{
    /// <summary>Degrees of latitude per metre on the sphere that distances are measured on.</summary>
    private const double DegreesPerMetre = 180 / (Math.PI * 6_371_008.8);

    [Fact]
    public async Task The_same_warning_again_answers_the_same_incident()
    {
        var town = await Town.MakeAsync();

        var first = await town.Intake().SubmitWarningAsync(Town.Warning("w-1"), town.Now);
        var again = await town.Intake().SubmitWarningAsync(Town.Warning("w-1", version: 2), town.Now.AddHours(3));

        Assert.False(first.Repeated);
        Assert.True(again.Repeated);
        Assert.Equal(first.Value, again.Value);
        Assert.Single(town.Stores.Views);
    }

    [Theory]
    [InlineData(99.9, 30, true)]
    [InlineData(100.1, 30, false)]
    [InlineData(0, 30.0, true)]
    [InlineData(0, 30.1, false)]
    public async Task A_source_joins_within_100_metres_and_30_minutes(double metres, double minutes, bool merged)
    {
        var town = await Town.MakeAsync();
        await town.OpenAsync();

        var answer = await town.Intake().SubmitReportAsync(Town.Report(latitude: 31.766 + (metres * DegreesPerMetre)), Town.Desk, town.Now.AddMinutes(minutes));

        Assert.Equal(merged, answer.Value!.Merged);
        Assert.Equal(merged ? 1 : 2, town.Stores.Views.Count());
    }

    [Fact]
    public async Task The_half_hour_counts_from_the_newest_source()
    {
        var town = await Town.MakeAsync();
        await town.OpenAsync();
        town.Now = Town.Start.AddMinutes(25);
        await town.Intake().SubmitReportAsync(Town.Report("a"), Town.Desk, town.Now);
        town.Now = Town.Start.AddMinutes(50);

        var third = await town.Intake().SubmitReportAsync(Town.Report("b"), Town.Desk, town.Now);

        Assert.True(third.Value!.Merged);
        Assert.Equal("ZL20261123-0001-2", third.Value.Report.Number);
        Assert.Equal(2, third.Value.Incident.Reports.Length);
    }

    [Fact]
    public async Task The_same_external_number_is_the_same_report()
    {
        var town = await Town.MakeAsync();

        var first = await town.Intake().SubmitReportAsync(Town.Report(), Town.Desk, town.Now);
        var again = await town.Intake().SubmitReportAsync(Town.Report(), Town.Desk, town.Now.AddDays(1));
        var other = await town.Intake().SubmitReportAsync(Town.Report() with { Source = "12319" }, Town.Desk, town.Now);

        Assert.Equal(first.Value!.Report, again.Value!.Report);
        Assert.True(again.Repeated);
        Assert.NotEqual(first.Value.Report.Id, other.Value!.Report.Id);
        Assert.True(other.Value.Merged);
    }

    [Fact]
    public async Task A_drill_never_joins_a_real_incident_and_numbers_by_itself()
    {
        var town = await Town.MakeAsync();
        await town.OpenAsync();

        var drill = await town.Intake().SubmitWarningAsync(Town.Warning("w-2", drill: true), town.Now);

        var view = await town.Stores.FindAsync(drill.Value, TestContext.Current.CancellationToken);
        Assert.True(view!.Drill);
        Assert.Equal("YL20261123-0001", view.Number);
        Assert.All(await town.Stores.LoadEventsAsync(drill.Value, TestContext.Current.CancellationToken), row => Assert.True(row.Drill));
    }

    [Fact]
    public async Task A_place_whose_incident_cannot_be_read_still_takes_sources_and_they_join_each_other()
    {
        var town = await Town.MakeAsync();
        var broken = await town.OpenAsync();
        town.Stores.Break(broken.Id);
        town.Forget(broken.Id);

        var first = await town.Intake().SubmitWarningAsync(Town.Warning("w-2"), town.Now);
        var second = await town.Intake().SubmitWarningAsync(Town.Warning("w-3"), town.Now);

        Assert.True(first.Succeeded);
        Assert.NotEqual(broken.Id, first.Value);
        Assert.Equal(first.Value, second.Value);
    }

    [Fact]
    public async Task What_ended_takes_no_more_sources()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.ExecuteAsync(desk, new VoidIncident("误报"));

        var next = await town.Intake().SubmitWarningAsync(Town.Warning("w-2"), town.Now);

        Assert.NotEqual(desk.Id, next.Value);
    }

    [Fact]
    public async Task A_report_resting_on_a_warning_takes_the_warning_along()
    {
        var town = await Town.MakeAsync();
        town.Stores.Warnings[new WarningId("w-9")] = Town.Warning("w-9", Colour.Yellow);

        var answer = await town.Intake().SubmitReportAsync(Town.Report() with { Evidence = ["w-9", "https://pictures.example/1.jpg"] }, Town.Desk, town.Now);
        var submitted = await town.Intake().SubmitWarningAsync(Town.Warning("w-9", Colour.Orange), town.Now);

        Assert.Equal([new WarningId("w-9")], answer.Value!.Incident.Warnings);
        Assert.Equal(Colour.Yellow, answer.Value.Incident.Colour);
        Assert.Equal(answer.Value.Incident.Id, submitted.Value);
    }

    [Fact]
    public async Task A_wrong_report_is_answered_field_by_field()
    {
        var town = await Town.MakeAsync();

        var answer = await town.Intake().SubmitReportAsync(
            Town.Report() with { Class = new ClassCode("SJ-77-01"), Longitude = null, Source = " " }, Town.Desk, town.Now);

        Assert.Equal(Refusal.Invalid, answer.Refusal);
        Assert.Equal(["class", "lon", "source"], answer.Errors.Keys.Order());
    }

    [Fact]
    public async Task A_street_does_not_report_for_another()
    {
        var town = await Town.MakeAsync();
        var street = new Actor { Id = "s", Name = "北港", Kind = ActorKind.User, Roles = [Role.Duty], Areas = [Town.Beigang] };

        Assert.Equal(Refusal.NotFound, (await town.Intake().SubmitReportAsync(Town.Report(), street, town.Now)).Refusal);
    }

    [Fact]
    public void Classes_of_one_occurrence_share_a_group()
    {
        Assert.Equal(ClassGroup.Of(new ClassCode("SJ-04-06")), ClassGroup.Of(new ClassCode("SJ-04-04")));
        Assert.NotEqual(ClassGroup.Of(new ClassCode("SJ-21-01")), ClassGroup.Of(new ClassCode("SJ-21-02")));
        Assert.All(IncidentClasses.All, word => Assert.Contains(new ClassCode(word.Id), ClassGroup.Members(ClassGroup.Of(new ClassCode(word.Id)))));
    }
}
