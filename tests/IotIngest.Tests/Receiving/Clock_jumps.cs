using System.Text;
using CommandCenter.Grains.Contracts;
using MQTTnet.Protocol;
using IotIngest.Tests.Brokering;

namespace IotIngest.Tests.Receiving;

/// <summary>The wall clock is set back or forward while messages wait in the journal: they are kept, acknowledged and delivered all the same.</summary>
public sealed class Clock_jumps
{
    private const string Topic = "city/v1/320404002/wl-1/readings";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public async Task What_waits_in_the_journal_keeps_its_order_and_its_receipt_and_what_comes_after_is_acknowledged(int minutes)
    {
        var folder = Directory.CreateTempSubdirectory("ingest-test-").FullName;
        var time = new WallClock(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var open = new TaskCompletionSource();
        city.BeforeStreet = _ => open.Task;
        DateTimeOffset before;
        await using (var node = await TestNode.StartAsync(city, folder, time: time))
        {
            using var device = await Embedded_broker.ConnectAsync(node);
            for (var i = 0; i < 3; i++)
            {
                Assert.True((await PublishAsync(device, i)).IsSuccess);
            }

            before = time.GetUtcNow();
            time.Now = before.AddMinutes(minutes);

            // Nothing of the past is delivered yet; the commit of the next ones looks at no wall clock.
            for (var i = 3; i < 6; i++)
            {
                Assert.True((await PublishAsync(device, i)).IsSuccess);
            }

            Assert.True(node.Node.LookAtHealth().JournalLagMs < 60_000, "the journal's age is told by the runtime's clock");
            open.SetResult();
            await FakeCity.UntilAsync(() => city.Readings.Length == 6, "every reading is delivered");
        }

        Check(city, before, minutes);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public async Task A_start_with_another_clock_replays_what_was_kept_under_its_first_receipt(int minutes)
    {
        var folder = Directory.CreateTempSubdirectory("ingest-test-").FullName;
        var time = new WallClock(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));
        var dead = new FakeCity(FakeCity.Device("wl-1")) { BeforeStreet = _ => throw new InvalidOperationException("The street is not there.") };
        var first = await TestNode.StartAsync(dead, folder, time: time);
        for (var i = 0; i < 3; i++)
        {
            await first.Pipeline.AcceptAsync("canonical", Topic, Payload(i), Cancellation);
        }

        var before = time.GetUtcNow();
        var copy = Directory.CreateTempSubdirectory("ingest-test-").FullName;
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        time.Now = before.AddMinutes(minutes);
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using (var second = await TestNode.StartAsync(city, copy, time: time))
        {
            await FakeCity.UntilAsync(() => city.Readings.Length == 3, "what was kept is replayed");
            for (var i = 3; i < 6; i++)
            {
                await second.Pipeline.AcceptAsync("canonical", Topic, Payload(i), Cancellation);
            }

            await FakeCity.UntilAsync(() => city.Readings.Length == 6, "what came after the start too");
        }

        Check(city, before, minutes);
        dead.BeforeStreet = _ => Task.CompletedTask;
        await first.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        Directory.Delete(copy, recursive: true);
    }

    private static void Check(FakeCity city, DateTimeOffset before, int minutes)
    {
        Assert.Equal([0.0, 1, 2, 3, 4, 5], city.Readings.Select(reading => reading.Value));
        Assert.Equal(city.Readings.Select(reading => reading.Value), city.History.Batches.SelectMany(batch => batch.Readings).Select(reading => reading.Value));
        Assert.All(city.Readings.Take(3), reading => Assert.Equal(before, reading.ReceivedAt));
        Assert.All(city.Readings.Skip(3), reading => Assert.Equal(before.AddMinutes(minutes), reading.ReceivedAt));
        Assert.Equal(city.Batches.Select(batch => batch.Sequence).Order(), city.Batches.Select(batch => batch.Sequence));
    }

    private static Task<MQTTnet.MqttClientPublishResult> PublishAsync(MQTTnet.IMqttClient device, int value) => Embedded_broker.PublishAsync(device, Topic, Payload(value), MqttQualityOfServiceLevel.AtLeastOnce);

    private static byte[] Payload(int value) => Encoding.UTF8.GetBytes($$$"""{"values":{"water_depth":{{{value}}}}}""");

    private sealed class WallClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
