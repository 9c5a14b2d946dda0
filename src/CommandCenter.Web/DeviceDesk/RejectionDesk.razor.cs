using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;
using Microsoft.AspNetCore.Components;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>The list of rejections as filtered, the one that is open, and the run of decoding again.</summary>
public sealed partial class RejectionDesk
{
    private const int PageSize = 100;

    private readonly CancellationTokenSource stopping = new();
    private RejectionList known = new();
    private Rejection? opened;
    private DecodeRun? run;
    private string? reason;
    private string device = string.Empty;
    private string format = string.Empty;
    private bool? asHex;
    private bool loading = true;
    private bool failed;

    /// <summary>Rises with each change of the filter, so that a late answer to an old question is let go.</summary>
    private int filterNumber;
    private bool loadingMore;

    [CascadingParameter] private DeskContext Desk { get; set; } = default!;

    [Parameter, EditorRequired] public DateTimeOffset Now { get; set; }

    /// <summary>The devices to begin with, ids and source keys between commas; null: all.</summary>
    [Parameter] public string? Device { get; set; }

    [Parameter] public Action<long>? OnCount { get; set; }

    private IIngestLedgerGrain Ledger => Grains.GetGrain<IIngestLedgerGrain>(0);

    private RejectionQuery Wanted => new()
    {
        Reasons = reason is not null && Words.TryParse<RejectionReason>(reason, out var word) ? [word] : [],
        Devices = [.. device.Split([',', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
        Format = format.Length > 0 ? format : null,
        Limit = PageSize,
    };

    /// <summary>Called by the page as time goes on: the list moves only while its first page is shown.</summary>
    public async Task RefreshAsync()
    {
        if (known.Items.Length <= PageSize && run is not { IsRunning: true } && !loading)
        {
            await LoadAsync();
        }
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        device = Device ?? string.Empty;
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            var asked = filterNumber;
            var list = await Ledger.QueryRejectionsAsync(Wanted, Desk.Actor);
            if (asked == filterNumber)
            {
                known = list;
            }

            failed = false;
            OnCount?.Invoke(known.Total);
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            failed = true;
        }

        loading = false;
        if (!stopping.IsCancellationRequested)
        {
            StateHasChanged();
        }
    }

    private async Task MoreAsync()
    {
        if (loadingMore)
        {
            return;
        }

        loadingMore = true;
        try
        {
            var asked = filterNumber;
            var next = await Ledger.QueryRejectionsAsync(Wanted with { Cursor = known.Next }, Desk.Actor);
            if (asked == filterNumber)
            {
                known = next with { Items = known.Items.AddRange(next.Items) };
            }
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            failed = true;
        }

        loadingMore = false;
    }

    private Task ChooseReasonAsync(string? word) => BeginAsync(() => reason = word);

    private Task ChooseDeviceAsync(ChangeEventArgs change) => BeginAsync(() => device = (change.Value as string ?? string.Empty).Trim());

    private Task ChooseFormatAsync(ChangeEventArgs change) => BeginAsync(() => format = change.Value as string ?? string.Empty);

    private Task BeginAsync(Action choose)
    {
        choose();
        filterNumber++;
        (opened, loading, run) = (null, true, run is { IsRunning: true } ? run : null);
        known = known with { Items = [] };
        return LoadAsync();
    }

    private Task DecodeAsync() => RunAsync(Wanted, known.KeptMessages);

    private Task DecodeOneAsync() => opened is { } one ? RunAsync(new RejectionQuery { Ids = [one.Id] }, 1) : Task.CompletedTask;

    private async Task RunAsync(RejectionQuery wanted, long total)
    {
        if (run is { IsRunning: true })
        {
            return;
        }

        run = new DecodeRun(Grains, Again, wanted, total, Desk.Actor);
        try
        {
            await run.RunAsync(() => InvokeAsync(StateHasChanged), stopping.Token);
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            // What was done stays done; the button does the rest.
            failed = true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }

        opened = null;
        await LoadAsync();
    }

    private bool ShowsHex(Rejection one) => asHex ?? !PayloadText.IsText(one.Bytes);

    private static string Number(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Word(RejectionReason word) => Words.Of(word);
}
