using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Incidents;

/// <summary>The door of one class group. Not reentrant: the second source of a flood waits until the first has opened its incident.</summary>
internal sealed class IntakeGrain : Grain, IIntakeGrain
{
    private readonly IntakeDesk desk;
    private readonly AreaMap map;
    private readonly DomainClock clock;
    private readonly string group;

    public IntakeGrain(IIncidentStore incidents, IWarningStore warnings, AreaMap map, DomainClock clock, IOptions<IncidentsOptions> options, ILogger<IntakeGrain> logger)
    {
        group = this.GetPrimaryKeyString();
        desk = new IntakeDesk(group, incidents, warnings, options.Value, id => GrainFactory.GetGrain<IIncidentOpening>(id.Value), logger);
        this.map = map;
        this.clock = clock;
    }

    public Task<Outcome<IncidentId>> SubmitWarningAsync(WarningView warning)
    {
        var right = ClassGroup.Of(warning.Class ?? ClassGroup.Unnamed);
        return right == group ? desk.SubmitWarningAsync(warning, clock.Now) : GrainFactory.GetGrain<IIntakeGrain>(right).SubmitWarningAsync(warning);
    }

    public async Task<ImmutableArray<Outcome<IncidentId>>> SubmitWarningsAsync(ImmutableArray<WarningView> warnings)
    {
        if (warnings.All(warning => ClassGroup.Of(warning.Class ?? ClassGroup.Unnamed) == group))
        {
            return await desk.SubmitWarningsAsync(warnings, clock.Now);
        }

        // Of several groups: each by its own door.
        var answers = ImmutableArray.CreateBuilder<Outcome<IncidentId>>(warnings.Length);
        foreach (var warning in warnings)
        {
            answers.Add(await SubmitWarningAsync(warning));
        }

        return answers.ToImmutable();
    }

    public Task<Outcome<ReportAnswer>> SubmitReportAsync(IncidentReport report, Actor actor)
    {
        if (report.Area.Value is null)
        {
            report = report with { Area = report is { Longitude: { } longitude, Latitude: { } latitude } ? map.Locate(longitude, latitude) : map.District.Id };
        }

        var right = ClassGroup.Of(report.Class);
        return right == group ? desk.SubmitReportAsync(report, actor, clock.Now) : GrainFactory.GetGrain<IIntakeGrain>(right).SubmitReportAsync(report, actor);
    }
}
