using System.Text;
using CommandCenter.Grains.Contracts;
using IotIngest.Hosting;
using IotIngest.Receiving;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotIngest.Tests.Receiving;

public sealed class Journal : IDisposable
{
    private const string Topic = "city/v1/320404002/wl-1/readings";
    private static readonly DateTimeOffset At = new(2026, 11, 23, 0, 0, 0, 123, TimeSpan.Zero);

    private readonly string folder = Directory.CreateTempSubdirectory("ingest-test-").FullName;
    private readonly IngestMetrics metrics = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        metrics.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_is_committed_and_not_delivered_is_found_again_in_order()
    {
        using (var journal = Open())
        {
            journal.Start();
            var batches = new List<JournalBatch>();
            for (var i = 0; i < 2_500; i++)
            {
                batches.Add(await journal.AppendAsync(Topic, Payload(i), At, 1, Cancellation));
            }

            await Task.WhenAll(batches.Select(batch => batch.Committed));
            batches[0].Release(batches[0].Count);
        }

        using var again = Open();
        var found = again.ReadBacklog().ToList();
        var first = 2_500 - found.Count;
        Assert.InRange(first, 1, 1_000);
        Assert.Equal(Enumerable.Range(first, found.Count).Select(i => (Topic, Encoding.UTF8.GetString(Payload(i)), At, (byte)1)),
            found.Select(message => (message.Topic, Encoding.UTF8.GetString(message.Payload), message.ReceivedAt, message.Qos)));
    }

    [Fact]
    public void The_nodes_name_stays_and_its_run_number_rises()
    {
        using var first = Open();
        first.Dispose();
        using var second = Open();

        Assert.Equal((first.Node, first.Run + 1), (second.Node, second.Run));
    }

    [Fact]
    public async Task A_full_journal_makes_publishes_wait_until_something_is_delivered()
    {
        using var journal = Open(options => options.JournalBytesMax = 1 << 20);
        journal.Start();
        var big = new byte[600_000];
        var first = await journal.AppendAsync(Topic, big, At, 1, Cancellation);
        await first.Committed;
        var second = journal.AppendAsync(Topic, big, At, 1, Cancellation).AsTask();
        Assert.False(second.IsCompleted);

        first.Release(1);

        await (await second.WaitAsync(TimeSpan.FromSeconds(20), Cancellation)).Committed.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Fact]
    public async Task A_full_disk_stops_acknowledging_says_so_and_harms_nothing_that_was_kept()
    {
        JournalBatch refused;
        using (var journal = new IngestJournal(new IngestOptions { DataDirectory = folder }, metrics, NullLogger<IngestJournal>.Instance, pageCountMax: 200))
        {
            journal.Start();
            var kept = await journal.AppendAsync(Topic, Payload(1), At, 1, Cancellation);
            await kept.Committed;
            refused = await journal.AppendAsync(Topic, new byte[2_000_000], At, 1, Cancellation);
            await FakeCity.UntilAsync(() => journal.Trouble is not null, "the journal says that it cannot commit");
        }

        Assert.False(refused.Committed.IsCompleted);
        using var again = Open();
        Assert.Equal(["{\"values\":{\"water_depth\":1}}"], again.ReadBacklog().Select(message => Encoding.UTF8.GetString(message.Payload)));
    }

    [Fact]
    public async Task A_damaged_row_is_left_out_and_the_others_are_replayed()
    {
        using (var journal = Open())
        {
            journal.Start();
            for (var i = 0; i < 2; i++)
            {
                await (await journal.AppendAsync(Topic, Payload(i), At, 1, Cancellation)).Committed;
            }
        }

        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(folder, IngestJournal.FileName)};Pooling=False"))
        {
            await connection.OpenAsync(Cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE batches SET body = x'0102030405' WHERE id = (SELECT min(id) FROM batches);";
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        using var again = Open();
        Assert.Equal(["{\"values\":{\"water_depth\":1}}"], again.ReadBacklog().Select(message => Encoding.UTF8.GetString(message.Payload)));
    }

    [Fact]
    public async Task A_node_that_died_before_delivery_delivers_at_its_next_start_and_only_then_listens()
    {
        var dead = new FakeCity(FakeCity.Device("wl-1"))
        {
            BeforeStreet = _ => throw new InvalidOperationException("The street is not there."),
        };
        var first = new TestNode(dead, folder);
        await first.Node.StartAsync(Cancellation);
        var answer = await first.Pipeline.AcceptAsync("canonical", Topic, Encoding.UTF8.GetBytes("""{"values":{"water_depth":9}}"""), Cancellation);
        Assert.Equal(1, answer.Accepted);
        var diedAt = DateTimeOffset.UtcNow;

        // A copy of the files is what a kill leaves behind.
        var copy = Directory.CreateTempSubdirectory("ingest-test-").FullName;
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        var city = new FakeCity(FakeCity.Device("wl-1"));
        var gate = new TaskCompletionSource();
        city.BeforeStreet = _ => gate.Task;
        await using (var second = new TestNode(city, copy))
        {
            var starting = second.Node.StartAsync(Cancellation);
            await FakeCity.UntilAsync(() => city.History.Batches.Count == 1, "history has the replayed reading");
            Assert.False(second.Node.IsReady);
            Assert.Equal(0, second.Node.BrokerPort);
            gate.SetResult();
            await starting.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
            await second.Node.Opened.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
            var replayed = Assert.Single(city.Readings);
            Assert.Equal(9, replayed.Value);
            Assert.True(replayed.ReceivedAt <= diedAt && replayed.ObservedAt == replayed.ReceivedAt, "the time of the first receipt stands");
            Assert.Equal(first.Node.Name, city.Batches.Single().Node);
            Assert.NotEqual(0, second.Node.BrokerPort);
        }

        using (var third = new IngestJournal(new IngestOptions { DataDirectory = copy }, metrics, NullLogger<IngestJournal>.Instance))
        {
            Assert.Empty(third.ReadBacklog());
        }

        dead.BeforeStreet = _ => Task.CompletedTask;
        await first.DisposeAsync();
        Directory.Delete(copy, recursive: true);
    }

    [Fact]
    public async Task A_start_with_a_stuck_history_ends_and_the_node_opens_when_history_works()
    {
        using (var journal = Open())
        {
            journal.Start();
            await (await journal.AppendAsync(Topic, Payload(3), At, 1, Cancellation)).Committed;
        }

        var city = new FakeCity(FakeCity.Device("wl-1"));
        var stuck = new TaskCompletionSource();
        city.History.Before = () => stuck.Task;
        await using var node = new TestNode(city, folder, ingest: options => options.StartWaitMs = 1);
        await node.Node.StartAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        Assert.False(node.Node.IsReady);
        Assert.Equal(0, node.Node.BrokerPort);

        stuck.SetResult();
        await node.Node.Opened.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        Assert.True(node.Node.IsReady);
        Assert.NotEqual(0, node.Node.BrokerPort);
        Assert.Equal(3, Assert.Single(city.Readings).Value);
    }

    private static byte[] Payload(int value) => Encoding.UTF8.GetBytes($$$"""{"values":{"water_depth":{{{value}}}}}""");

    private IngestJournal Open(Action<IngestOptions>? configure = null)
    {
        var options = new IngestOptions { DataDirectory = folder };
        configure?.Invoke(options);
        return new IngestJournal(options, metrics, NullLogger<IngestJournal>.Instance);
    }
}
