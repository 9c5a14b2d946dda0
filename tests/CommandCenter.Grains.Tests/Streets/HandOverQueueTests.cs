using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Streets;
using CommandCenter.Grains.Tests.Incidents;
using CsCheck;

namespace CommandCenter.Grains.Tests.Streets;

/// <summary>What waits on its way to another room goes there once, in order, in batches, and never gets lost.</summary>
public sealed class HandOverQueueTests
{
    private static readonly Func<WarningView, bool> Always = _ => true;

    [Fact]
    public void A_door_takes_one_call_at_a_time_and_what_came_meanwhile_goes_together()
    {
        var queue = new HandOverQueue();
        queue.Put("dust", Town.Warning("a"));
        var first = queue.Take(8, 200, Always)!.Value;
        queue.Put("dust", Town.Warning("b"));
        queue.Put("dust", Town.Warning("c"));
        queue.Put("fire", Town.Warning("d"));

        Assert.Equal(("dust", "a"), (first.Door, Ids(first.Warnings)));
        var other = queue.Take(8, 200, Always)!.Value;
        Assert.Equal(("fire", "d"), (other.Door, Ids(other.Warnings)));
        Assert.Null(queue.Take(8, 200, Always));

        queue.Finish("dust", first.Warnings, delivered: true);
        Assert.Equal("b c", Ids(queue.Take(8, 200, Always)!.Value.Warnings));
    }

    [Fact]
    public void No_more_calls_and_no_larger_ones_than_allowed_and_the_doors_take_turns()
    {
        var queue = new HandOverQueue();
        foreach (var door in (string[])["x", "y", "z"])
        {
            for (var i = 0; i < 3; i++)
            {
                queue.Put(door, Town.Warning($"{door}{i}"));
            }
        }

        var one = queue.Take(2, 2, Always)!.Value;
        var two = queue.Take(2, 2, Always)!.Value;
        Assert.Equal("x0 x1|y0 y1", Ids(one.Warnings) + "|" + Ids(two.Warnings));
        Assert.Null(queue.Take(2, 2, Always));
        queue.Finish("x", one.Warnings, delivered: true);
        Assert.Equal("z0 z1", Ids(queue.Take(2, 2, Always)!.Value.Warnings));
    }

    [Fact]
    public void A_door_that_failed_rests_until_the_tick_and_loses_nothing()
    {
        var queue = new HandOverQueue();
        queue.Put("dust", Town.Warning("a"));
        queue.Put("dust", Town.Warning("b"));
        var call = queue.Take(8, 1, Always)!.Value;
        queue.Rest("dust");
        queue.Finish("dust", call.Warnings, delivered: false);

        Assert.Null(queue.Take(8, 200, Always));
        queue.Resume();
        Assert.Equal("b a", Ids(queue.Take(8, 200, Always)!.Value.Warnings));
    }

    [Fact]
    public void One_that_is_refused_waits_alone_for_the_tick()
    {
        var queue = new HandOverQueue();
        queue.Put("dust", Town.Warning("a"));
        queue.Put("dust", Town.Warning("b"));
        var call = queue.Take(8, 1, Always)!.Value;
        queue.Rest(new WarningId("a"));
        queue.Finish("dust", call.Warnings, delivered: false);

        var next = queue.Take(8, 200, Always)!.Value;
        Assert.Equal("b", Ids(next.Warnings));
        queue.Finish("dust", next.Warnings, delivered: true);
        Assert.Null(queue.Take(8, 200, Always));
        queue.Resume();
        Assert.Equal("a", Ids(queue.Take(8, 200, Always)!.Value.Warnings));
    }

    [Fact]
    public void A_newer_form_that_came_during_the_call_goes_too()
    {
        var queue = new HandOverQueue();
        queue.Put("i-1", Town.Warning("a", version: 2));
        var call = queue.Take(8, 200, Always)!.Value;
        queue.Put("i-1", Town.Warning("a", version: 3));
        queue.Finish("i-1", call.Warnings, delivered: true);

        Assert.Equal(3, Assert.Single(queue.Take(8, 200, Always)!.Value.Warnings).Version);
    }

    [Fact]
    public void Whatever_happens_nothing_is_lost_doubled_at_once_or_delivered_out_of_order() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 11], Gen.Int[0, 2]).Array[1, 200].Sample(steps =>
        {
            var queue = new HandOverQueue();
            var newest = new Dictionary<WarningId, long>();
            var delivered = new Dictionary<WarningId, long>();
            var calls = new List<(string Door, ImmutableArray<WarningView> Warnings)>();
            foreach (var (act, subject, door) in steps)
            {
                var id = new WarningId($"w{subject}");
                switch (act)
                {
                    case 0 or 1 or 2:
                        newest[id] = newest.GetValueOrDefault(id) + 1;
                        queue.Put($"door{door}", Town.Warning(id.Value, version: newest[id]));
                        break;
                    case 3 or 4:
                        if (queue.Take(2, 3, _ => subject % 3 != 0) is { } call)
                        {
                            Assert.DoesNotContain(calls, other => other.Door == call.Door);
                            Assert.Empty(calls.SelectMany(other => other.Warnings).Select(warning => warning.Id).Intersect(call.Warnings.Select(warning => warning.Id)));
                            calls.Add(call);
                            Assert.InRange(calls.Count, 1, 2);
                            Assert.InRange(call.Warnings.Length, 1, 3);
                        }

                        break;
                    case 5 when calls.Count > 0:
                        Finish(calls[subject % calls.Count], fails: door == 0);
                        break;
                    default:
                        queue.Resume();
                        break;
                }
            }

            for (var round = 0; queue.Count > 0; round++)
            {
                Assert.True(round < 1_000, "The queue does not empty.");
                queue.Resume();
                while (queue.Take(2, 3, Always) is { } call)
                {
                    calls.Add(call);
                }

                foreach (var call in calls.ToArray())
                {
                    Finish(call, fails: false);
                }
            }

            Assert.Equal(newest.OrderBy(pair => pair.Key.Value), delivered.OrderBy(pair => pair.Key.Value));

            void Finish((string Door, ImmutableArray<WarningView> Warnings) call, bool fails)
            {
                calls.Remove(call);
                if (fails)
                {
                    queue.Rest(call.Door);
                }

                foreach (var warning in fails ? [] : call.Warnings)
                {
                    Assert.True(delivered.GetValueOrDefault(warning.Id) < warning.Version, "An older form came after a newer one.");
                    delivered[warning.Id] = warning.Version;
                }

                queue.Finish(call.Door, call.Warnings, delivered: !fails);
            }
        });

    private static string Ids(IEnumerable<WarningView> warnings) => string.Join(' ', warnings.Select(warning => warning.Id.Value));
}
