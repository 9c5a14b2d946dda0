using System.Text;
using CommandCenter.Grains.Contracts;
using IotIngest.Receiving;
using MQTTnet.Protocol;

namespace IotIngest.Tests.Receiving;

public sealed class Pipeline
{
    private const string Topic = "city/v1/320404002/wl-1/readings";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Garbage_is_counted_and_the_next_good_message_is_served()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        using var client = await Brokering.Embedded_broker.ConnectAsync(node);
        var random = new byte[300];
        new Random(4).NextBytes(random);
        (string Topic, byte[] Payload)[] garbage =
        [
            .. new[] { "readings", "events", "position", "status" }.Select(channel => ("city/v1/320404002/wl-1/" + channel, random)),
            (Topic, new byte[1 << 20]),
            (Topic, Bytes("""{"values":{"water_depth":"deep"}}""")),
            (Topic, Bytes("""{"values":{"water_depth":NaN}}""")),
            (Topic, Bytes("""{"values":7}""")),
            (Topic, Bytes("""{"values":{"water_depth":1e12}}""")),
            (Topic, Bytes("""{"at":"soon","values":{"water_depth":1}}""")),
            (Topic, Bytes("""{"at":"1970-01-01T00:00:00Z","values":{"water_depth":11}}""")),
            (Topic, Bytes("""{"at":"2100-01-01T00:00:00Z","values":{"water_depth":12}}""")),
            (Topic, Bytes("""{"values":{"no_such_quantity":1}}""")),
            ("city/v1/320404002/stranger/readings", Bytes("""{"values":{"water_depth":1}}""")),
            ("application/1/device/0101010101010101/event/up", random),
            ("application/1/device/0101010101010101/event/up", Bytes("""{"deviceInfo":{"devEui":"0101010101010101"},"fCnt":1,"data":"qg=="}""")),
            ("some/other/topic", random),
        ];
        foreach (var qos in new[] { MqttQualityOfServiceLevel.AtMostOnce, MqttQualityOfServiceLevel.AtLeastOnce, MqttQualityOfServiceLevel.ExactlyOnce })
        {
            foreach (var (topic, payload) in garbage)
            {
                await Brokering.Embedded_broker.PublishAsync(client, topic, payload, qos);
            }
        }

        await Brokering.Embedded_broker.PublishAsync(client, Topic, """{"values":{"water_depth":13}}""", MqttQualityOfServiceLevel.AtLeastOnce);

        await FakeCity.UntilAsync(() => city.Readings.Any(reading => reading.Value == 13), "the good message is served");
        await FakeCity.UntilAsync(() => city.Ledger.Count(RejectionReason.UnknownFormat) == 3, "the ledger has heard of the last refusal");
        Assert.Equal(
            [(RejectionReason.Malformed, 18L), (RejectionReason.TooLarge, 3L), (RejectionReason.NotANumber, 6L), (RejectionReason.OutOfRange, 3L), (RejectionReason.BadTime, 3L),
                (RejectionReason.UnknownQuantity, 3L), (RejectionReason.UnknownDevice, 3L), (RejectionReason.Unsupported, 3L)],
            new[]
            {
                RejectionReason.Malformed, RejectionReason.TooLarge, RejectionReason.NotANumber, RejectionReason.OutOfRange, RejectionReason.BadTime, RejectionReason.UnknownQuantity,
                RejectionReason.UnknownDevice, RejectionReason.Unsupported,
            }.Select(reason => (reason, city.Ledger.Count(reason))));
        Assert.All(city.Ledger.Rejections, rejection => Assert.InRange(rejection.Bytes.Length, 0, 4_096));
        Assert.Contains(city.Ledger.Rejections, rejection => rejection is { Reason: RejectionReason.TooLarge, Size: 1 << 20 });
        Assert.Equal((3, 3), (node.Metrics.Late, node.Metrics.Ahead));
        Assert.Equal(3, city.History.Batches.SelectMany(batch => batch.LateReadings).Count(reading => reading.Value == 11));
        Assert.Equal(3, city.Readings.Count(reading => reading is { Value: 12, Quality: Quality.Suspect } && reading.ObservedAt == reading.ReceivedAt));
        var stranger = city.Ledger.Unregistered.Last();
        Assert.Equal(("canonical", "stranger", "water_level", "320404002"), (stranger.Format, stranger.Key, stranger.Suggestion!.Kind, stranger.Suggestion.Street.Value));
        Assert.Equal(3, city.Ledger.Unregistered.Sum(device => device.Count));
    }

    [Fact]
    public async Task A_device_that_was_put_counts_from_the_next_message_on_also_when_the_change_was_lost()
    {
        var city = new FakeCity();
        await using var node = await TestNode.StartAsync(city, ingest: options => options.FollowSeconds = 1);
        Assert.Equal(RejectionReason.UnknownDevice, Assert.Single((await AcceptAsync(node, 1)).Rejections).Reason);

        await city.Registry.PutAsync(FakeCity.Device("wl-1"));
        Assert.Equal(1, (await AcceptAsync(node, 2)).Accepted);

        // The change that is lost shows as a gap with the one after it, and the directory is loaded again.
        city.Registry.LoseNext = true;
        await city.Registry.PutAsync(FakeCity.Device("wl-1", "320404003"));
        await city.Registry.PutAsync(FakeCity.Device("wl-2"));
        await FakeCity.UntilAsync(() => node.Node.DeviceCount == 2 && city.Registry.Follows >= 2, "the directory is loaded again");
        await FakeCity.UntilAsync(() => StreetOf(city, node).GetAwaiter().GetResult() == "320404003", "the device's new street counts");
        Assert.True(node.Metrics.Mismatched > 0, "the topic's street differs from the registry's");
    }

    [Fact]
    public async Task A_street_that_fails_gets_its_batch_again_and_another_street_does_not_wait()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("wl-3", "320404003"));
        var failures = 3;
        var held = new TaskCompletionSource();
        city.BeforeStreet = async batch =>
        {
            if (batch.Street.Value == "320404002")
            {
                await held.Task;
                if (Interlocked.Decrement(ref failures) >= 0)
                {
                    throw new TimeoutException("The street is busy.");
                }
            }
        };
        await using var node = await TestNode.StartAsync(city);

        await AcceptAsync(node, 1);
        await node.Pipeline.AcceptAsync("canonical", "city/v1/320404003/wl-3/readings", Bytes("""{"values":{"water_depth":3}}"""), Cancellation);
        await FakeCity.UntilAsync(() => city.Readings.Length == 1, "the other street has its reading");
        held.SetResult();
        await FakeCity.UntilAsync(() => city.Readings.Length == 2, "the failed street has it at last");
        Assert.Single(city.Batches, batch => batch.Street.Value == "320404002");
    }

    [Fact]
    public async Task History_that_is_down_does_not_hold_up_the_streets()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var down = true;
        city.History.Before = () => Volatile.Read(ref down) ? throw new TimeoutException("History is down.") : Task.CompletedTask;
        await using var node = await TestNode.StartAsync(city);

        for (var i = 0; i < 5; i++)
        {
            await AcceptAsync(node, i);
            await FakeCity.UntilAsync(() => city.Readings.Length == i + 1, "the street has the reading");
        }

        Assert.Empty(city.History.Batches);
        Volatile.Write(ref down, false);
        await FakeCity.UntilAsync(() => city.History.Batches.SelectMany(batch => batch.Readings).Count() == 5, "history has caught up");

        // What gathered meanwhile comes in one call, in order, under the number of its last part.
        Assert.Equal(city.Readings.Select(reading => reading.ObservedAt), city.History.Batches.SelectMany(batch => batch.Readings).Select(reading => reading.ObservedAt));
        Assert.Equal(city.Batches.Last().Sequence, city.History.Batches.Last().Sequence);
        Assert.True(city.History.Batches.Count < city.Batches.Count);
    }

    [Fact]
    public async Task Streets_go_on_however_long_history_is_stuck_and_history_gets_durable_messages_later()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var stuck = new TaskCompletionSource();
        city.History.Before = () => stuck.Task;
        await using var node = await TestNode.StartAsync(city, ingest: options => options.HistoryBytesMax = 1 << 16);

        for (var i = 0; i < 200; i++)
        {
            await AcceptAsync(node, i);
            await FakeCity.UntilAsync(() => city.Readings.Length == i + 1, "the street has the reading");
        }

        await node.Pipeline.TakeAsync(new RawMessage(Topic, Bytes("""{"values":{"water_depth":500}}"""), DateTimeOffset.UnixEpoch, Durable: false));
        await FakeCity.UntilAsync(() => city.Readings.Any(reading => reading.Value == 500), "the street has the reading of QoS 0");
        await FakeCity.UntilAsync(() => node.Metrics.HistoryDropped == 1, "the reading of QoS 0 is counted as missing");
        Assert.True(node.Metrics.HistoryPostponed > 0, "what is in the journal waits there");
        Assert.Empty(city.History.Batches);

        stuck.SetResult();
        await FakeCity.UntilAsync(
            () => city.History.Batches.SelectMany(batch => batch.Readings).Select(reading => reading.Value).Distinct().Count() == 200, "history has every durable reading");
        Assert.DoesNotContain(city.History.Batches.SelectMany(batch => batch.Readings), reading => reading.Value == 500);
    }

    [Fact]
    public async Task Who_sees_some_streets_only_sends_and_tries_for_their_devices_only()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("wl-3", "320404003"));
        await using var node = await TestNode.StartAsync(city);
        var actor = new Actor { Id = "key-1", Name = "网关", Kind = ActorKind.User, Roles = [Role.Gateway], Areas = [new("320404002")] };
        Task<IngestAnswer> SendAsync(string topic) => node.Pipeline.AcceptAsync("canonical", topic, Bytes("""{"values":{"water_depth":1}}"""), actor, Cancellation);

        Assert.Equal(1, (await SendAsync(Topic)).Accepted);

        // The street in the topic opens nothing: the registry says where the device stands.
        foreach (var topic in new[] { "city/v1/320404003/wl-3/readings", "city/v1/320404002/wl-3/readings" })
        {
            var answer = await SendAsync(topic);
            Assert.Equal((0, RejectionReason.NotAllowed), (answer.Accepted, Assert.Single(answer.Rejections).Reason));
        }

        var tried = Assert.IsType<TryReading>(Assert.Single(node.Pipeline.Try("canonical", "city/v1/320404003/wl-3/readings", Bytes("""{"values":{"water_depth":1}}"""), actor).Items));
        Assert.Null(tried.Device);
        await FakeCity.UntilAsync(() => city.Ledger.Count(RejectionReason.NotAllowed) == 2, "both refusals are counted");
        await FakeCity.UntilAsync(() => city.Readings.Length == 1, "only the own device's reading is delivered");
    }

    [Fact]
    public async Task A_message_whose_parts_go_in_several_batches_reaches_a_stuck_history_whole_and_decodes_its_past_once_only()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var stuck = new TaskCompletionSource();
        city.History.Before = () => stuck.Task;
        await using var node = await TestNode.StartAsync(city, ingest: options => (options.HistoryBytesMax, options.LingerCount, options.BatchCountMax) = (1 << 16, 10, 10));

        // Each message is one receipt for 35 readings of distinct times, and one of a device that nobody knows.
        var start = DateTimeOffset.UtcNow.AddMinutes(-30);
        const int Messages = 30, PerMessage = 35;
        for (var i = 0; i < Messages; i++)
        {
            var parts = Enumerable.Range(0, PerMessage).Select(part => $$$"""{"at":{{{start.AddMilliseconds((i * 1_000) + part).ToUnixTimeMilliseconds()}}},"values":{"water_depth":{{{part}}}}}""");
            await node.Pipeline.AcceptAsync("canonical", Topic, Bytes("[" + string.Join(',', parts.Append("""{"values":{"no_such_quantity":1}}""")) + "]"), Cancellation);
        }

        await FakeCity.UntilAsync(() => city.Readings.Length == Messages * PerMessage, "the street has every reading");
        await FakeCity.UntilAsync(() => node.Metrics.HistoryPostponed > 0, "what is in the journal waits there");
        stuck.SetResult();

        await FakeCity.UntilAsync(
            () => city.History.Batches.SelectMany(batch => batch.Readings.Concat(batch.LateReadings)).Select(reading => reading.ObservedAt).Distinct().Count() == Messages * PerMessage, "history has every reading");
        await FakeCity.UntilAsync(() => city.Ledger.Count(RejectionReason.UnknownQuantity) >= Messages, "the ledger has heard of every refusal");
        Assert.Equal(Messages, city.Ledger.Count(RejectionReason.UnknownQuantity));
        Assert.Equal(Messages, node.Metrics.Messages);

        // The street hears what was read again a second time and knows it by its time.
        Assert.Equal(Messages * PerMessage, city.Readings.Select(reading => reading.ObservedAt).Distinct().Count());
    }

    [Fact]
    public async Task What_is_late_reaches_the_street_as_late_and_history()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        foreach (var (channel, text) in new[]
        {
            ("readings", """{"at":"2020-01-01T00:00:00Z","values":{"water_depth":1}}"""),
            ("events", """{"at":"2020-01-01T00:00:00Z","id":"e-1","type":"smoke"}"""),
            ("position", """{"at":"2020-01-01T00:00:00Z","lon":119.9,"lat":31.8}"""),
            ("status", """{"at":"2020-01-01T00:00:00Z","online":true}"""),
        })
        {
            var answer = await node.Pipeline.AcceptAsync("canonical", "city/v1/320404002/wl-1/" + channel, Bytes(text), Cancellation);
            Assert.Equal(1, answer.Accepted);
        }

        foreach (var batches in new[] { city.Batches, city.History.Batches })
        {
            await FakeCity.UntilAsync(
                () => batches.Sum(batch => batch.LateReadings.Length + batch.LateEvents.Length + batch.LatePositions.Length + batch.LateStatuses.Length) == 4, "all four came as late");
            Assert.All(batches, batch => Assert.Equal(0, batch.Readings.Length + batch.Events.Length + batch.Positions.Length + batch.Statuses.Length));
        }
    }

    [Fact]
    public async Task Of_retained_messages_only_absence_and_what_has_a_time_of_its_own_counts()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        var now = DateTimeOffset.UtcNow;
        async Task TakeAsync(string channel, string text) =>
            await node.Pipeline.TakeAsync(new RawMessage("city/v1/320404002/wl-1/" + channel, Bytes(text), now, Durable: false, Retained: true));

        await TakeAsync("status", """{"online":true}""");
        await TakeAsync("status", "{\"online\":true,\"at\":" + now.ToUnixTimeMilliseconds() + "}");
        await TakeAsync("readings", """{"values":{"water_depth":1}}""");
        await TakeAsync("readings", "{\"at\":" + now.ToUnixTimeMilliseconds() + ",\"values\":{\"water_depth\":2}}");
        await TakeAsync("status", """{"online":false}""");

        await FakeCity.UntilAsync(() => city.Batches.Any(batch => batch.Statuses.Length > 0), "the last of them is delivered");
        Assert.Equal([2.0], city.Readings.Select(reading => reading.Value));
        Assert.All(city.Batches.SelectMany(batch => batch.Statuses), status => Assert.False(status.Online));
    }

    [Fact]
    public async Task Events_of_a_full_street_still_pass_and_batches_carry_rising_numbers()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var held = new TaskCompletionSource();
        city.BeforeStreet = _ => held.Task;
        await using var node = await TestNode.StartAsync(city, ingest: options => options.TelemetryCountMax = 1_000);
        for (var i = 0; i < 2_000; i++)
        {
            await node.Pipeline.TakeAsync(new RawMessage(Topic, Bytes("""{"values":{"water_depth":1}}"""), DateTimeOffset.UnixEpoch, Durable: false));
        }

        var taking = node.Pipeline.TakeAsync(
            new RawMessage("city/v1/320404002/wl-1/events", Bytes("""{"id":"e-1","type":"smoke"}"""), DateTimeOffset.UnixEpoch, Durable: false));
        Assert.True(taking.IsCompletedSuccessfully);
        await taking;
        held.SetResult();

        await FakeCity.UntilAsync(() => city.Events.Length == 1, "the event is delivered");
        Assert.True(node.Metrics.Coalesced > 0);
        Assert.Equal(city.Batches.Select(batch => batch.Sequence).Order(), city.Batches.Select(batch => batch.Sequence));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static Task<IngestAnswer> AcceptAsync(TestNode node, int value) =>
        node.Pipeline.AcceptAsync("canonical", Topic, Bytes($$$"""{"values":{"water_depth":{{{value}}}}}"""), Cancellation);

    private static async Task<string> StreetOf(FakeCity city, TestNode node)
    {
        var before = city.Batches.Count;
        await AcceptAsync(node, 3);
        await FakeCity.UntilAsync(() => city.Batches.Count > before, "the reading is delivered");
        return city.Batches.Last().Street.Value;
    }
}
