using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Cluster.Tests;

/// <summary>What the district promises of its own warnings over restarts and moves.</summary>
public sealed class DistrictRecoveryTests
{
    private const string High = """{"kind":"threshold","quantity":"water_depth","when":"above","levels":{"blue":{"value":40,"incident":"never"}},"minSamples":1,"select":{"tags":["pair"]}}""";
    private const string Pair = """{"kind":"count","parameters":{"of":{"rule":"R90"},"per":"district"},"levels":{"red":{"value":2,"onDelaySeconds":60,"incident":"open"}},"class":"SJ-04-06","offDelaySeconds":600}""";

    private static readonly AreaId OtherStreet = new("320404003");
    private static readonly DeviceRegistration Here = Device("p-1", StreetCluster.Street);
    private static readonly DeviceRegistration There = Device("p-2", OtherStreet);

    [Fact]
    public async Task Two_streets_make_one_warning_of_the_district_with_one_incident_and_it_is_acknowledged_there()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await PrepareAsync(cluster);
        await RaiseBothAsync(cluster, 0);

        var raised = await UntilRaisedAsync(cluster, 62);
        var linked = await StreetCluster.UntilAsync(() => OfPairAsync(cluster), found => found is [{ Incident: not null }]);
        var shown = await StreetCluster.UntilAsync(() => District(cluster).GetSituationAsync(), situation => situation.Warnings.Red == 1);
        var answer = await cluster.Cluster.Client.ExecuteOnAsync(linked[0], new AcknowledgeWarning("看到了"), Actor.System);

        Assert.Equal((StreetCluster.Start.AddSeconds(1), StreetCluster.Start.AddSeconds(61)), (raised.OnsetAt, raised.RaisedAt!.Value));
        Assert.Equal("320404", raised.Area.Value);
        Assert.Equal(["p-1", "p-2"], raised.Evidence.Select(item => item.Device.Value));
        Assert.Equal(1, shown.Warnings.Red);
        Assert.True(answer.Succeeded, answer.Detail);
        Assert.Equal("看到了", (await OfPairAsync(cluster)).Single().Acknowledged?.Comment);
        var incidents = await cluster.Service<IIncidentStore>().ListAsync(new() { Limit = 100 }, Actor.System, TestContext.Current.CancellationToken);
        Assert.Equal([raised.Id], Assert.Single(incidents.Items, incident => incident.Warnings.Contains(raised.Id)).Warnings);
    }

    [Fact]
    public async Task A_district_whose_silo_is_killed_in_the_middle_of_a_hold_raises_once_with_the_first_onset()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 2);
        await PrepareAsync(cluster);
        await RaiseBothAsync(cluster, 0);
        cluster.Time.Now = StreetCluster.Start.AddSeconds(30);
        var pending = (await StreetCluster.UntilAsync(() => OfPairAsync(cluster), found => found.Length == 1))[0];

        Assert.True(cluster.Cluster.TryGetGrainContext(District(cluster).GetGrainId(), out var context));
        var home = context!.Address.SiloAddress!;
        await cluster.Cluster.KillSiloAsync(cluster.Cluster.Silos.Single(silo => silo.SiloAddress.Equals(home)), TestContext.Current.CancellationToken);

        // While a street comes back nobody knows its part, and the hold does not run: time goes on when all of them have been heard.
        await StreetCluster.UntilAsync(() => District(cluster).GetSituationAsync(), situation => situation.Children.All(child => child.Epoch.Length > 0));
        var raised = await UntilRaisedAsync(cluster, 62);
        var linked = await StreetCluster.UntilAsync(() => OfPairAsync(cluster), found => found is [{ Incident: not null }]);

        Assert.Equal(WarningState.Pending, pending.State);
        Assert.Equal(pending.Id, raised.Id);
        Assert.Equal((StreetCluster.Start.AddSeconds(1), StreetCluster.Start.AddSeconds(61)), (raised.OnsetAt, raised.RaisedAt!.Value));
        Assert.Single(linked);
    }

    [Fact]
    public async Task A_raised_warning_of_the_district_survives_the_end_of_its_grain_and_is_not_raised_again()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await PrepareAsync(cluster);
        await RaiseBothAsync(cluster, 0);
        var raised = await UntilRaisedAsync(cluster, 62);
        await StreetCluster.UntilAsync(() => OfPairAsync(cluster), found => found is [{ Incident: not null }]);

        await cluster.Cluster.DeactivateAsync(District(cluster));
        cluster.Time.Now = StreetCluster.Start.AddSeconds(75);
        await StreetCluster.UntilAsync(() => District(cluster).GetSituationAsync(), situation => situation.Warnings.Red == 1);
        var after = Assert.Single(await OfPairAsync(cluster));

        Assert.Equal((raised.Id, WarningState.Raised, raised.OnsetAt, raised.RaisedAt), (after.Id, after.State, after.OnsetAt, after.RaisedAt));
    }

    private static IDistrictGrain District(StreetCluster cluster) => cluster.Cluster.Client.GetGrain<IDistrictGrain>("320404");

    private static async Task PrepareAsync(StreetCluster cluster)
    {
        var store = cluster.Service<IRegistryStore>();
        await store.SaveAsync([Here, There], []);
        foreach (var device in (DeviceRegistration[])[Here, There])
        {
            await cluster.Cluster.Client.GetGrain<IStreetGrain>(device.Street.Value).ApplyDevicesAsync([device], []);
        }

        var book = cluster.Cluster.Client.GetGrain<IRuleBookGrain>(0);
        foreach (var (id, document) in ((string, string)[])[("R90", High), ("R91", Pair)])
        {
            var put = await book.PutAsync(new(id), document, Actor.System);
            Assert.True(put.Succeeded, put.Detail);
        }
    }

    private static async Task RaiseBothAsync(StreetCluster cluster, int second)
    {
        await IngestAsync(cluster, Here, second);
        await IngestAsync(cluster, There, second + 1);
    }

    private static async Task IngestAsync(StreetCluster cluster, DeviceRegistration device, int second)
    {
        var at = StreetCluster.Start.AddSeconds(second);
        cluster.Time.Now = at > cluster.Time.Now ? at : cluster.Time.Now;
        var batch = new IngestBatch { Node = "n", Sequence = second, Street = device.Street, Readings = [new(device.Id, new("water_depth"), 50, at, at, Quality.Good)] };
        await cluster.History.AppendAsync(batch);
        await cluster.Cluster.Client.GetGrain<IStreetGrain>(device.Street.Value).IngestAsync(batch);
    }

    private static async Task<WarningView> UntilRaisedAsync(StreetCluster cluster, int second)
    {
        cluster.Time.Now = StreetCluster.Start.AddSeconds(second);
        return Assert.Single(await StreetCluster.UntilAsync(() => OfPairAsync(cluster), found => found.Any(warning => warning.State == WarningState.Raised)));
    }

    private static async Task<WarningView[]> OfPairAsync(StreetCluster cluster)
    {
        // Asked of a silo that still lives.
        var alive = cluster.Cluster.Silos.First(silo => silo.IsActive);
        var store = cluster.Cluster.GetSiloServiceProvider(alive.SiloAddress);
        var page = await ((IWarningStore)store.GetService(typeof(IWarningStore))!).ListAsync(new() { Limit = 1000 }, Actor.System);
        return [.. page.Items.Where(warning => warning.Rule.Value == "R91")];
    }

    private static DeviceRegistration Device(string id, AreaId street) => new()
    {
        Id = new(id), Name = id, Kind = "water_level", Street = street, IntervalSeconds = 60, Longitude = 119.934, Latitude = 31.766, Tags = ["pair", "underpass_none"],
    };
}
