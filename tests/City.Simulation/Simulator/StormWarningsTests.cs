using System.Text.Json;
using CitySimulator;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;
using Xunit;

namespace City.Simulation.Simulator;

/// <summary>The pretended city against the shipped rules: what the demonstration promises to show, it shows.</summary>
public sealed class StormWarningsTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 6, 0, 0, TimeSpan.Zero);
    private static readonly IReadOnlyList<SimulatedDevice> City = CityPlan.Make(300, 320404, []);

    private sealed record Life(string Rule, string Subject, DateTimeOffset RaisedAt, Colour Peak, bool Open);

    [Fact]
    public void The_storm_shows_its_first_warning_within_two_minutes_and_recovers()
    {
        var lives = Judge(SimulatedCity.Storm, minutes: 89);
        Assert.InRange(lives.Min(life => life.RaisedAt), Start, Start.AddMinutes(2));

        var points = City.Where(device => device.Kind == "water_level" && device.Street == "320404003" && device.Tags.Count == 0).Take(3).Select(device => device.Id).ToList();
        var road = lives.Where(life => life.Rule == "R01").OrderBy(life => life.RaisedAt).ToList();
        Assert.Equal([(points[0], Colour.Red), (points[1], Colour.Red), (points[2], Colour.Orange)], road.Select(life => (life.Subject, life.Peak)));
        Assert.DoesNotContain(road, life => life.Open);

        Assert.Equal(Colour.Red, Assert.Single(lives, life => life.Rule == "R02").Peak);
        Assert.Equal(Colour.Yellow, Assert.Single(lives, life => life.Rule == "R05").Peak);
        Assert.Equal(Colour.Orange, Assert.Single(lives, life => life.Rule == "R12").Peak);
        foreach (var rule in new[] { "R16", "R17", "R23", "R28", "R29" })
        {
            Assert.True(lives.Exists(life => life.Rule == rule), $"{rule} was not raised");
        }
    }

    [Fact]
    public void Three_quiet_hours_raise_nothing_grave_and_a_device_that_falls_silent_is_noticed()
    {
        var lives = Judge(SimulatedCity.Normal, minutes: 180);
        Assert.DoesNotContain(lives, life => life.Peak is Colour.Orange or Colour.Red);
        Assert.Contains(lives, life => life.Rule == "R55" && life.Subject == City.Last(device => device.Kind == "noise").Id);
    }

    private static List<Life> Judge(string scenario, int minutes)
    {
        var streets = City.GroupBy(device => device.Street).ToDictionary(group => group.Key, group => MakeStreet(group.Key, group));
        var play = new CityPlay(320404, scenario, City, Start);
        var lives = new Dictionary<WarningId, Life>();
        for (var second = 1; second <= minutes * 60; second++)
        {
            var now = Start.AddSeconds(second);
            foreach (var part in play.AdvanceTo(now).GroupBy(publish => publish.Topic.Split('/')[2]))
            {
                streets[part.Key].Apply(Batch(part.Key, second, part));
            }

            foreach (var street in streets.Values)
            {
                street.Advance(now);
                foreach (var warning in street.Warnings.Unsaved.Values.Where(warning => warning.RaisedAt is not null))
                {
                    lives[warning.Id] = new(warning.Rule.Value, warning.Subject, warning.RaisedAt!.Value, warning.PeakColour, warning.State == WarningState.Raised);
                }

                street.Warnings.Unsaved.Clear();
            }
        }

        return [.. lives.Values];
    }

    private static StreetJudgement MakeStreet(string code, IEnumerable<SimulatedDevice> devices)
    {
        var street = new StreetJudgement(new(code));
        street.Rules.ListeningSince = Start.ToUnixTimeMilliseconds();
        street.PutRules([.. RulePack.Shipped.Values], Start);
        street.PutDevices([.. devices.Select(device => new DeviceRegistration
        {
            Id = new(device.Id), Name = device.Name, Kind = device.Kind, Street = new(device.Street), Longitude = device.Longitude, Latitude = device.Latitude,
            IntervalSeconds = device.IntervalSeconds, Tags = [.. device.Tags], Areas = [.. device.Areas.Select(area => new AreaId(area))],
            Quantities = [.. device.Quantities.Select(quantity => new DeviceQuantity { Name = new(quantity.Name), Unit = quantity.Unit })],
        })], [], Start);
        return street;
    }

    private static IngestBatch Batch(string street, long sequence, IEnumerable<SimulatedPublish> publishes)
    {
        var readings = new List<Reading>();
        var events = new List<DeviceEvent>();
        var positions = new List<DevicePosition>();
        foreach (var publish in publishes)
        {
            using var body = JsonDocument.Parse(publish.Payload);
            var device = new DeviceId(publish.Topic.Split('/')[3]);
            var root = body.RootElement;
            switch (publish.Topic.Split('/')[4])
            {
                case "readings":
                    readings.AddRange(root.GetProperty("values").EnumerateObject().Select(value => new Reading(device, new(value.Name), value.Value.GetDouble(), publish.At, publish.At, Quality.Good)));
                    break;
                case "events":
                    events.Add(new(device, root.GetProperty("id").GetString()!, new(root.GetProperty("type").GetString()!), Enum.Parse<EventState>(root.GetProperty("state").GetString()!, ignoreCase: true),
                        root.GetProperty("confidence").GetDouble(), null, null, [], publish.At, publish.At));
                    break;
                case "position":
                    positions.Add(new(device, root.GetProperty("lon").GetDouble(), root.GetProperty("lat").GetDouble(), null, null, publish.At, publish.At));
                    break;
            }
        }

        return new() { Node = "city", Sequence = sequence, Street = new(street), Readings = [.. readings], Events = [.. events], Positions = [.. positions] };
    }
}
