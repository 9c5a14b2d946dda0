using System.Text;
using CommandCenter.Grains.Contracts;
using CsCheck;
using IotIngest.Batching;
using IotIngest.Receiving;

namespace IotIngest.Tests.Delivering;

/// <summary>Every reading and event that was taken is told once of: delivered, merged, refused, or missing in history.</summary>
public sealed class Accounting
{
    private const string Topic = "city/v1/320404002/wl-1/readings";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_passing_and_kept_readings_share_a_batch_that_history_does_not_take_each_is_counted_for_what_becomes_of_it()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var (stuck, held) = (new TaskCompletionSource(), new TaskCompletionSource());
        city.History.Before = () => stuck.Task;
        city.BeforeStreet = _ => held.Task;
        await using var node = await TestNode.StartAsync(city, ingest: options => options.HistoryBytesMax = 1 << 16);
        const int rounds = 1_500;
        for (var i = 0; i < rounds; i++)
        {
            // While the first call is held they gather in one lane: one kept, then two that pass.
            await node.Pipeline.AcceptAsync("canonical", Topic, Payload(i), Cancellation);
            await node.Pipeline.TakeAsync(new RawMessage(Topic, Payload(3_000 + i), DateTimeOffset.UnixEpoch, Durable: false));
            await node.Pipeline.TakeAsync(new RawMessage(Topic, Payload(6_000 + i), DateTimeOffset.UnixEpoch, Durable: false));
        }

        await node.Pipeline.AcceptAsync("canonical", "city/v1/320404002/wl-1/events", Encoding.UTF8.GetBytes("""{"id":"e-1","type":"smoke"}"""), Cancellation);
        held.SetResult();
        await FakeCity.UntilAsync(() => city.Readings.Length == 3 * rounds, "the street has every reading");
        await FakeCity.UntilAsync(() => node.Metrics.HistoryDropped > 0 && node.Metrics.HistoryPostponed > 0, "history is behind");

        stuck.SetResult();
        await FakeCity.UntilAsync(() => Rest(node) == 0, "everything is accounted for");
        await FakeCity.UntilAsync(() => node.Metrics.HistoryOwedNow == 0, "history has what the journal kept");
        Assert.Equal(3 * rounds, node.Metrics.Readings);
        Assert.Equal(1, node.Metrics.Events);
        Assert.Equal(0, Rest(node));
        var kept = city.History.Batches.SelectMany(batch => batch.Readings).Select(reading => (int)reading.Value).ToHashSet();
        Assert.Superset(Enumerable.Range(0, rounds).ToHashSet(), kept);
        Assert.Equal((2 * rounds) - node.Metrics.HistoryDropped, kept.Count(value => value >= 3_000));
    }

    [Fact]
    public void A_queue_of_origins_tells_for_every_cut_what_a_list_of_single_items_tells() =>
        Gen.Select(Gen.Enum<ItemOrigin>(), Gen.Int[0, 7], Gen.Int[0, 9]).Array[1, 60].Sample(steps =>
        {
            var origins = new ItemOrigins();
            var plain = new Queue<ItemOrigin>();
            foreach (var (origin, count, take) in steps)
            {
                origins.Append(origin, count);
                for (var i = 0; i < count; i++)
                {
                    plain.Enqueue(origin);
                }

                var cut = Math.Min(take, plain.Count);
                var taken = Enumerable.Range(0, cut).Select(_ => plain.Dequeue()).ToArray();
                Assert.Equal(new OriginCounts(taken.Count(item => item == ItemOrigin.Passing), taken.Count(item => item == ItemOrigin.Again)), origins.Take(cut));
            }
        });

    private static long Rest(TestNode node) => node.Metrics.Readings + node.Metrics.Events - node.Metrics.Delivered - node.Metrics.HistoryDropped - node.Metrics.Coalesced;

    private static byte[] Payload(int value) => Encoding.UTF8.GetBytes($$$"""{"values":{"water_depth":{{{value}}}}}""");
}
