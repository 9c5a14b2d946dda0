using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;
using CommandCenter.Grains.Notices;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Tests.Incidents;
using Microsoft.Extensions.Logging.Abstractions;

namespace CommandCenter.Grains.Tests.Notices;

public sealed class NoticePumpTests
{
    [Fact]
    public async Task Every_unit_is_told_and_the_task_carries_the_receipt()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.DispatchAsync(desk);
        var recorder = new Channel("recorder", 0, ReceiptState.Sent);
        var pump = Pump(town, new InAppChannel(), recorder);

        await pump.PumpAsync(town.Now, TestContext.Current.CancellationToken);
        var version = desk.State!.View.Version;
        Assert.Equal(0, await pump.PumpAsync(town.Now.AddHours(1), TestContext.Current.CancellationToken));

        Assert.All(desk.State.View.Tasks, task => Assert.Equal(new Receipt("in_app", ReceiptState.Delivered, town.Now), Assert.Single(task.Receipts)));
        Assert.Equal(1, recorder.Calls);
        Assert.Equal(version, desk.State.View.Version);
    }

    [Fact]
    public async Task A_channel_that_fails_is_tried_again_later_and_at_last_given_up()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.DispatchAsync(desk);
        var options = new NoticesOptions { AttemptsMax = 3, RetrySeconds = 2 };
        var channel = new Channel("in_app", int.MaxValue, ReceiptState.Delivered);
        var pump = Pump(town, options, channel, new Channel("recorder", 0, ReceiptState.Sent));

        await pump.PumpAsync(town.Now, TestContext.Current.CancellationToken);
        Assert.Equal(0, await pump.PumpAsync(town.Now.AddSeconds(1.9), TestContext.Current.CancellationToken));
        await pump.PumpAsync(town.Now.AddSeconds(2), TestContext.Current.CancellationToken);
        await pump.PumpAsync(town.Now.AddSeconds(6), TestContext.Current.CancellationToken);

        Assert.Equal(3 * 8, channel.Calls);
        Assert.All(desk.State!.View.Tasks, task => Assert.Equal(ReceiptState.Failed, Assert.Single(task.Receipts).State));
    }

    [Fact]
    public async Task A_receipt_that_could_not_be_noted_is_noted_the_next_time()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.DispatchAsync(desk);
        var broken = true;
        var pump = new NoticePump(
            town.Stores, [new InAppChannel(), new Channel("recorder", 0, ReceiptState.Sent)], new NoticesOptions(),
            (task, receipt) => broken ? throw new InvalidOperationException("The silo went away.") : NoteAsync(town, task, receipt), NullLogger.Instance);

        await pump.PumpAsync(town.Now, TestContext.Current.CancellationToken);
        Assert.All(town.Stores.Outbox.Values.Where(item => item.Task is not null), item => Assert.Equal((1, ReceiptState.Queued), (item.Attempts, item.State)));
        broken = false;
        await pump.PumpAsync(town.Now.AddHours(1), TestContext.Current.CancellationToken);

        Assert.All(desk.State!.View.Tasks, task => Assert.Equal(ReceiptState.Delivered, Assert.Single(task.Receipts).State));
    }

    [Fact]
    public async Task One_notice_whose_receipt_cannot_be_noted_holds_up_no_other_and_is_given_up_in_the_end()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.DispatchAsync(desk);
        var bad = desk.State!.View.Tasks[0].Id;
        var pump = new NoticePump(
            town.Stores, [new InAppChannel(), new Channel("recorder", 0, ReceiptState.Sent)], new NoticesOptions { AttemptsMax = 2 },
            (task, receipt) => task == bad ? throw new InvalidOperationException("Its log is broken.") : NoteAsync(town, task, receipt), NullLogger.Instance);

        await pump.PumpAsync(town.Now, TestContext.Current.CancellationToken);

        Assert.All(desk.State.View.Tasks.Where(task => task.Id != bad), task => Assert.Equal(ReceiptState.Delivered, Assert.Single(task.Receipts).State));
        var waiting = Assert.Single(town.Stores.Outbox.Values, item => item.State == ReceiptState.Queued);
        Assert.True(waiting.NextAttemptAt > town.Now);

        await pump.PumpAsync(waiting.NextAttemptAt, TestContext.Current.CancellationToken);
        Assert.Equal(ReceiptState.Delivered, town.Stores.Outbox[waiting.Key].State);
        Assert.Equal(0, await pump.PumpAsync(town.Now.AddDays(1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_recorder_writes_that_nothing_was_sent()
    {
        var folder = Directory.CreateTempSubdirectory("notices-");
        try
        {
            var state = await new RecorderChannel(folder.FullName).SendAsync(
                new OutboxItem("k-1", "recorder", "公众", "【钟楼城运】请绕行", null, Town.Start, 0, ReceiptState.Queued, Town.Start), Town.Start, TestContext.Current.CancellationToken);

            var line = Assert.Single(await File.ReadAllLinesAsync(Path.Combine(folder.FullName, "notices.jsonl"), TestContext.Current.CancellationToken));
            Assert.Equal(ReceiptState.Sent, state);
            Assert.Contains("未实际发出", line, StringComparison.Ordinal);
            Assert.Contains("请绕行", line, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Every_notice_of_a_drill_says_so()
    {
        var town = await Town.MakeAsync();
        var drill = await town.Intake().SubmitWarningAsync(Town.Warning("w-2", drill: true), town.Now);
        await town.DispatchAsync(await town.DeskAsync(drill.Value));

        Assert.NotEmpty(town.Stores.Outbox);
        Assert.All(town.Stores.Outbox.Values, item => Assert.StartsWith("【演练】", item.Text, StringComparison.Ordinal));
    }

    private static NoticePump Pump(Town town, params INoticeChannel[] channels) => Pump(town, new NoticesOptions(), channels);

    private static NoticePump Pump(Town town, NoticesOptions options, params INoticeChannel[] channels) =>
        new(town.Stores, channels, options, (task, receipt) => NoteAsync(town, task, receipt), NullLogger.Instance);

    private static async Task NoteAsync(Town town, TaskId task, Receipt receipt)
    {
        var desk = await town.DeskAsync(task.Incident);
        await desk.CommitAsync(state => IncidentLife.DecideReceipt(state!, task, receipt), Actor.System, town.Now, "receipt");
    }

    private sealed class Channel(string name, int failures, ReceiptState result) : INoticeChannel
    {
        public string Name => name;
        public int Calls { get; private set; }

        public Task<ReceiptState> SendAsync(OutboxItem notice, DateTimeOffset now, CancellationToken cancellation) =>
            Calls++ < failures ? throw new IOException("The gateway does not answer.") : Task.FromResult(result);
    }
}
