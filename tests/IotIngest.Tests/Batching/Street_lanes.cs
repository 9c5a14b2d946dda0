using CommandCenter.Grains.Contracts;
using CsCheck;
using IotIngest.Batching;
using IotIngest.Hosting;
using IotIngest.Receiving;

namespace IotIngest.Tests.Batching;

public sealed class Street_lanes
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_full_lane_tells_a_durable_message_to_wait_and_keeps_the_latest_of_the_others()
    {
        using var metrics = new IngestMetrics();
        var lane = new StreetLane(new("320404002"), new IngestOptions { TelemetryCountMax = 1_000 }, metrics);
        Assert.Equal(LaneAnswer.Taken, lane.TryAdd(Readings("a", 0, 1_000), false, ItemOrigin.Passing, null, out _));

        Assert.Equal(LaneAnswer.Full, lane.TryAdd(Readings("a", 1_000, 1), false, ItemOrigin.Kept, null, out _));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(LaneAnswer.Taken, lane.TryAdd(Readings("b", i, 1), false, ItemOrigin.Passing, null, out var refused));
            Assert.Equal(0, refused);
        }

        Assert.Equal(4, metrics.Coalesced);
        var batch = lane.Take();
        Assert.Equal(1_001, batch.Readings.Length);
        Assert.Equal(("b", 4.0), (batch.Readings[^1].Device.Value, batch.Readings[^1].Value));
        Assert.Equal(LaneAnswer.Taken, lane.TryAdd(Readings("a", 1_000, 1), false, ItemOrigin.Kept, null, out _));
    }

    [Fact]
    public void A_full_lane_refuses_additive_kinds_and_still_takes_events()
    {
        var additive = QuantityKinds.All.FirstOrDefault(kind => kind.Additive)?.Id ?? default;
        Assert.SkipWhen(additive == default, "the vocabulary has no additive kind yet");
        using var metrics = new IngestMetrics();
        var lane = new StreetLane(new("320404002"), new IngestOptions { TelemetryCountMax = 1_000 }, metrics);
        lane.TryAdd(Readings("a", 0, 1_000), false, ItemOrigin.Passing, null, out _);

        lane.TryAdd([new Reading(new("r"), additive, 1, Start, Start, Quality.Good)], false, ItemOrigin.Passing, null, out var refused);
        var answer = lane.TryAdd(new DeviceEvent(new("c"), "e", new("smoke"), EventState.Start, null, null, null, [], Start, Start), null, null, false, ItemOrigin.Kept, null);

        Assert.Equal((1, LaneAnswer.Taken), (refused, answer));
    }

    [Fact]
    public void Whatever_goes_in_comes_out_once_in_order_and_each_receipt_with_its_last_part() =>
        Gen.Select(Gen.Int[0, 40].Array[1, 60], Gen.Int[1, 50]).Sample((sizes, batchMax) =>
        {
            using var metrics = new IngestMetrics();
            var lane = new StreetLane(new("320404002"), new IngestOptions { BatchCountMax = batchMax }, metrics);
            var receipts = new List<Receipt>();
            var taken = new List<double>();
            var next = 0;
            foreach (var size in sizes)
            {
                if (size == 0)
                {
                    Take();
                    continue;
                }

                var receipt = new Receipt(next + size - 1);
                receipts.Add(receipt);
                lane.TryAdd(Readings("a", next, size), false, ItemOrigin.Kept, receipt, out _);
                next += size;
            }

            while (lane.Depth > 0)
            {
                Take();
            }

            Assert.Equal(Enumerable.Range(0, next).Select(i => (double)i), taken);
            Assert.All(receipts, receipt => Assert.Equal(1, receipt.Released));

            void Take()
            {
                var batch = lane.Take();
                taken.AddRange(batch.Readings.Select(reading => reading.Value));
                foreach (var (receipt, parts) in batch.Receipts)
                {
                    Assert.True(((Receipt)receipt).LastValue < taken.Count, "a receipt was released before its last reading was taken");
                    receipt.Release(parts);
                }
            }
        });

    private static Reading[] Readings(string device, int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => new Reading(new(device), new("water_depth"), i, Start.AddSeconds(i), Start.AddSeconds(i), Quality.Good))];

    private sealed class Receipt(int lastValue) : IReceipt
    {
        public bool CanBeReadAgain => false;

        public int LastValue { get; } = lastValue;
        public int Released { get; private set; }

        public void Add(int parts) => throw new NotSupportedException();

        public void Release(int parts) => Released += parts;
    }
}
