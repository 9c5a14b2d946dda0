using System.Text;
using CommandCenter.Grains.Contracts;
using IotIngest.Receiving;

namespace IotIngest.Tests.Receiving;

/// <summary>Refused messages are kept, and after a mapping fix become what they always said, at the time at which they said it.</summary>
public sealed class Decoding_again
{
    private static readonly DateTimeOffset Received = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.AddHours(-2).ToUnixTimeMilliseconds());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_message_of_an_unknown_device_is_kept_whole_and_passes_once_it_is_registered()
    {
        var city = new FakeCity();
        await using var node = await TestNode.StartAsync(city, ingest: options => options.FollowSeconds = 1);
        await node.Pipeline.AcceptAsync("canonical", "city/v1/320404002/wl-1/readings", Bytes("""{"values":{"water_depth":7,"battery":80}}"""), Cancellation);
        await FakeCity.UntilAsync(() => city.Ledger.Reports.Any(report => report.Messages.Length > 0), "the message is reported whole");

        var kept = Assert.Single(city.Ledger.Reports.SelectMany(report => report.Messages));
        Assert.Equal(kept.Id, Assert.Single(city.Ledger.Rejections).Message);
        Assert.Equal("""{"values":{"water_depth":7,"battery":80}}""", Encoding.UTF8.GetString(kept.Payload));

        var refused = await node.Node.Again.DecodeAsync([kept], Cancellation);
        Assert.Equal((0, 1, RejectionReason.UnknownDevice, "wl-1"), (refused.Passed, refused.Refused, refused.Outcomes[0].Refusals[0].Reason, refused.Outcomes[0].Refusals[0].Device));

        await city.Registry.PutAsync(FakeCity.Device("wl-1"));
        var passed = await node.Node.Again.DecodeAsync([kept], Cancellation);
        Assert.Equal((1, 0, 2, 0), (passed.Passed, passed.Refused, passed.Live, passed.HistoryOnly));
        Assert.Equal([("battery", 80.0), ("water_depth", 7.0)], city.Readings.Select(reading => (reading.Quantity.Value, reading.Value)).Order());
        Assert.All(city.Readings, reading => Assert.Equal((kept.At, kept.At), (reading.ObservedAt, reading.ReceivedAt)));
        Assert.Equal(2, city.History.Batches.Sum(batch => batch.Readings.Length));
    }

    [Fact]
    public async Task Several_refusals_of_one_message_keep_it_once()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        await node.Pipeline.AcceptAsync("canonical", "city/v1/320404002/wl-1/readings", Bytes("""{"values":{"nothing":1,"no_thing":2,"water_depth":1e9}}"""), Cancellation);
        await FakeCity.UntilAsync(() => city.Ledger.Rejections.Length == 3, "three refusals are reported");

        var kept = Assert.Single(city.Ledger.Reports.SelectMany(report => report.Messages));
        Assert.All(city.Ledger.Rejections, rejection => Assert.Equal(kept.Id, rejection.Message));
    }

    [Fact]
    public async Task A_message_beyond_the_bound_is_counted_and_not_kept_whole()
    {
        var city = new FakeCity();
        await using var node = await TestNode.StartAsync(city, ingest: options => options.KeptMessageBytesMax = 10);
        await node.Pipeline.AcceptAsync("canonical", "city/v1/320404002/wl-1/readings", Bytes("""{"values":{"water_depth":7}}"""), Cancellation);
        await FakeCity.UntilAsync(() => city.Ledger.Rejections.Length == 1, "the refusal is reported");

        Assert.Null(city.Ledger.Rejections[0].Message);
        Assert.Empty(city.Ledger.Reports.SelectMany(report => report.Messages));
    }

    [Fact]
    public async Task What_is_older_than_what_the_street_knows_or_late_goes_to_history_only_and_twice_changes_nothing_live()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"))
        {
            Conditions =
            [
                new DeviceCondition
                {
                    Id = new("wl-1"), State = DeviceState.Normal,
                    Latest = System.Collections.Immutable.ImmutableSortedDictionary<string, LatestValue>.Empty.Add("water_depth", new(3, "mm", Received.AddMinutes(-5), Quality.Good)),
                },
            ],
        };
        await using var node = await TestNode.StartAsync(city);

        var told = await node.Node.Again.DecodeAsync(
            [Message("older", Received.AddMinutes(-6), 1), Message("newer", Received.AddMinutes(-4), 2), Message("same", Received.AddMinutes(-4), 2), Message("late", Received.AddDays(-3), 4)], Cancellation);

        Assert.Equal((4, 1, 3), (told.Passed, told.Live, told.HistoryOnly));
        Assert.Equal([2.0], city.Readings.Select(reading => reading.Value));
        var history = Assert.Single(city.History.Batches);
        Assert.Equal([1.0, 2.0, 4.0], history.LateReadings.Select(reading => reading.Value));
        Assert.Empty(Assert.Single(city.Batches).LateReadings);
    }

    [Fact]
    public async Task An_event_that_something_newer_has_overtaken_raises_nothing_any_more()
    {
        var city = new FakeCity(FakeCity.Device("cam-1")) { Conditions = [new DeviceCondition { Id = new("cam-1"), State = DeviceState.Normal, LastEventAt = Received }] };
        await using var node = await TestNode.StartAsync(city);

        var told = await node.Node.Again.DecodeAsync([Event("before", Received.AddSeconds(-1)), Event("at-once", Received)], Cancellation);

        Assert.Equal((1, 1), (told.Live, told.HistoryOnly));
        Assert.Equal(["at-once"], city.Events.Select(happened => happened.EventId));
        Assert.Equal(["before"], city.History.Batches.SelectMany(batch => batch.LateEvents).Select(happened => happened.EventId));

        static KeptMessage Event(string id, DateTimeOffset at) => new()
        {
            Id = id, At = Received, Topic = "city/v1/320404002/cam-1/events", Payload = Bytes($$"""{"id":"{{id}}","at":{{at.ToUnixTimeMilliseconds()}},"type":"person","state":"start"}"""),
        };
    }

    [Fact]
    public async Task A_street_that_does_not_answer_settles_nothing()
    {
        var city = new FakeCity(FakeCity.Device("wl-1")) { BeforeStreet = _ => throw new TimeoutException("the street is gone") };
        await using var node = await TestNode.StartAsync(city);
        await Assert.ThrowsAsync<TimeoutException>(() => node.Node.Again.DecodeAsync([Message("m", Received, 1)], Cancellation));

        city.BeforeStreet = _ => Task.CompletedTask;
        Assert.Equal(1, (await node.Node.Again.DecodeAsync([Message("m", Received, 1)], Cancellation)).Passed);
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_told_and_told_again_when_it_is_right()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        await AcceptAsync(DateTimeOffset.UtcNow.AddHours(8));
        await FakeCity.UntilAsync(() => city.Ledger.Reports.Any(report => report.Clocks.Length > 0), "the wrong clock is reported");
        var wrong = Assert.Single(city.Ledger.Reports.SelectMany(report => report.Clocks));
        Assert.InRange(wrong.OffsetMs!.Value, 7.9 * 3_600_000, 8.1 * 3_600_000);

        await AcceptAsync(DateTimeOffset.UtcNow);
        await FakeCity.UntilAsync(() => city.Ledger.Reports.SelectMany(report => report.Clocks).Any(clock => clock.OffsetMs is null), "the right clock is reported");

        Task AcceptAsync(DateTimeOffset at) => node.Pipeline.AcceptAsync(
            "canonical", "city/v1/320404002/wl-1/readings", Bytes($$$"""{"at":{{{at.ToUnixTimeMilliseconds()}}},"values":{"water_depth":1}}"""), Cancellation);
    }

    private static KeptMessage Message(string id, DateTimeOffset at, double value) => new()
    {
        Id = id, At = Received, Topic = "city/v1/320404002/wl-1/readings", Payload = Bytes($$$"""{"at":{{{at.ToUnixTimeMilliseconds()}}},"values":{"water_depth":{{{value}}}}}"""),
    };

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
