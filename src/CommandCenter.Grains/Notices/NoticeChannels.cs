using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Notices;

/// <summary>A way to a recipient. A border: gateways for messages and calls take the recorder's place.</summary>
internal interface INoticeChannel
{
    string Name { get; }

    /// <summary>Sends, and answers how far it got; throws when it could not.</summary>
    Task<ReceiptState> SendAsync(OutboxItem notice, DateTimeOffset now, CancellationToken cancellation);
}

/// <summary>To the task list of the unit: the task is stored, so it is delivered as soon as it is told.</summary>
internal sealed class InAppChannel : INoticeChannel
{
    public string Name => "in_app";

    public Task<ReceiptState> SendAsync(OutboxItem notice, DateTimeOffset now, CancellationToken cancellation) => Task.FromResult(ReceiptState.Delivered);
}

/// <summary>Stands in for messages and calls while no gateway is connected: each notice is a line of <c>notices.jsonl</c> in the data directory, marked as not sent to anybody.</summary>
internal sealed class RecorderChannel(string directory) : INoticeChannel
{
    public string Name => "recorder";

    public async Task<ReceiptState> SendAsync(OutboxItem notice, DateTimeOffset now, CancellationToken cancellation)
    {
        Directory.CreateDirectory(directory);
        var line = JsonSerializer.Serialize(
            new { at = now, key = notice.Key, recipient = notice.Recipient, text = notice.Text, note = "未接入短信/电话网关,仅记录,未实际发出" }, ContractJson.Options);
        await File.AppendAllTextAsync(Path.Combine(directory, "notices.jsonl"), line + "\n", cancellation);
        return ReceiptState.Sent;
    }
}
