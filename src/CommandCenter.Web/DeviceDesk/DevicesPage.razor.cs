using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Hosting;
using CommandCenter.Web.Operators;
using CommandCenter.Web.Texts;
using IotIngest.Receiving;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using Words = CommandCenter.Web.Api.Words;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>The places of the device desk.</summary>
public enum DeviceTab { List, Unregistered, Tester, Rejections, Clocks, Import }

/// <summary>The device desk's life: who works here, the live picture, the lists and the keyboard. What is done with a device stands in the other part.</summary>
public sealed partial class DevicesPage : IAsyncDisposable
{
    /// <summary>How often what is not pushed is asked for again: the lists of the ledger, and the registry as others change it.</summary>
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(3);

    private ElementReference root;
    private DeviceList? list;
    private RejectionDesk? rejectionDesk;
    private Actor? actor;
    private string? refusal;
    private DeskContext? context;
    private IDisposable? watch;
    private SituationPicture picture = SituationPicture.Empty(default);
    private DateTimeOffset now;
    private DeviceTab tab;
    private Notice? notice;
    private bool busy;
    private bool asking;
    private bool searching;
    private bool disposed;
    private long askedAt;
    private DeviceFilter filter = new();
    private object mapFilter = MapFilterOf(new DeviceFilter(), null);
    private long registrySequence;
    private IReadOnlyList<DeviceRegistration> found = [];
    private IReadOnlyList<DeviceRegistration> shown = [];
    private DeviceCounts counts = new(0, 0, 0, 0, 0);
    private ImmutableArray<UnregisteredDevice> unregistered = [];
    private string? unregisteredNext;
    private bool loadingUnregistered = true;
    private ImmutableArray<WrongClockDocument> clocks = [];
    private long? rejectionCount;
    private string? rejectionsOf;
    private IJSObjectReference? module;

    [Parameter] public string? TabText { get; set; }

    [SupplyParameterFromQuery(Name = "device")] public string? DeviceText { get; set; }

    [Inject] private ISituationFeed Feed { get; set; } = default!;
    [Inject] private IGrainFactory Grains { get; set; } = default!;
    [Inject] private DomainClock Clock { get; set; } = default!;
    [Inject] private TimeProvider Machine { get; set; } = default!;
    [Inject] private DemoState Demo { get; set; } = default!;
    [Inject] private MapSettings Map { get; set; } = default!;
    [Inject] private DecodingAgain Again { get; set; } = default!;
    [Inject] private IngestPipeline Pipeline { get; set; } = default!;
    [Inject] private IStringLocalizer<DeviceWords> D { get; set; } = default!;
    [Inject] private IJSRuntime Script { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Authentication { get; set; } = default!;

    private sealed record Notice(string Text, bool Good);

    private IRegistryGrain Registry => Grains.GetGrain<IRegistryGrain>(0);

    private IIngestLedgerGrain Ledger => Grains.GetGrain<IIngestLedgerGrain>(0);

    public async ValueTask DisposeAsync()
    {
        disposed = true;
        watch?.Dispose();
        await runStop.CancelAsync();
        runStop.Dispose();
        try
        {
            if (module is not null)
            {
                await module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone, and its scripts with it.
        }
    }

    protected override async Task OnInitializedAsync()
    {
        now = Clock.Now;
        tab = Enum.GetValues<DeviceTab>().FirstOrDefault(one => Word(one) == TabText);
        actor = ActorClaims.FromPrincipal((await Authentication.GetAuthenticationStateAsync()).User);
        if (actor is null || !actor.Has(Role.System))
        {
            refusal = actor is null ? "refused.not_signed_in" : "refused.not_allowed";
            return;
        }

        await Feed.Ready;
        var vocabulary = new Vocabulary(await Grains.GetGrain<IRecordsGrain>(0).GetVocabularyAsync());
        if (disposed)
        {
            return;
        }

        context = new DeskContext(actor, new AreaId(Map.District), [.. Feed.Areas.Where(area => actor.SeesWholeDistrict || actor.MaySee(area.Id))], vocabulary);
        try
        {
            watch = Feed.Watch(context.District, actor, next => _ = InvokeAsync(() => ShowAsync(next)));
        }
        catch (KeyNotFoundException)
        {
            // An administrator of some streets only: the list works, and says that nothing here is live.
            notice = new Notice(D["page.no_district"], Good: false);
        }

        await SearchAsync();
        if (DeviceText is { Length: > 0 } wanted)
        {
            await ChooseByIdAsync(wanted);
        }

        await AskAgainAsync();
    }

    private async Task ShowAsync(SituationPicture next)
    {
        // A workplace needs one drawing a second, not ten.
        if (next.Seq != 0 && picture.Seq != 0 && next.At - picture.At < TimeSpan.FromSeconds(1) && Clock.Now - now < TimeSpan.FromSeconds(1))
        {
            return;
        }

        picture = next;
        now = Clock.Now;
        CountAndCut();
        StateHasChanged();
        if (!asking && Machine.GetElapsedTime(askedAt) >= AskInterval)
        {
            await AskAgainAsync();
        }
    }

    /// <summary>What others change arrives by asking: the registry only when its number moved, the lists of the ledger always.</summary>
    private async Task AskAgainAsync()
    {
        asking = true;
        try
        {
            await AskAsync(async () =>
            {
                await SearchAsync(onlyWhenChanged: true);
                await RefreshUnregisteredAsync();
                clocks = await DevicesApi.WrongClocksAsync(Grains, actor!);
                rejectionCount = (await Ledger.QueryRejectionsAsync(new RejectionQuery { Limit = 1 }, actor!)).Total;
                await RefreshChosenAsync();
                if (rejectionDesk is not null)
                {
                    await rejectionDesk.RefreshAsync();
                }
            });
        }
        finally
        {
            askedAt = Machine.GetTimestamp();
            asking = false;
        }
    }

    private async Task SearchAsync(bool onlyWhenChanged = false)
    {
        searching = !onlyWhenChanged;
        var wanted = filter;
        var findings = await Registry.SearchAsync(wanted.ToSearch() with { KnownSequence = onlyWhenChanged ? registrySequence : -1 }, actor!);
        if (wanted == filter)
        {
            searching = false;
            if (findings is not null)
            {
                (registrySequence, found) = (findings.Sequence, findings.Devices);
                mapFilter = MapFilterOf(filter, filter.Text.Length > 0 || IsOverlay(filter.Area) ? found : null);
            }

            CountAndCut();
        }
    }

    private async Task FilterAsync(DeviceFilter next)
    {
        var onlyState = next with { State = filter.State } == filter;
        filter = next;
        if (onlyState)
        {
            mapFilter = MapFilterOf(filter, filter.Text.Length > 0 || IsOverlay(filter.Area) ? found : null);
            CountAndCut();
            return;
        }

        await AskAsync(() => SearchAsync());
    }

    private bool IsOverlay(AreaId? area) => area is { } id && context!.Overlays.Any(overlay => overlay.Id == id);

    /// <summary>The map knows street, kind and state by itself; what only the registry knows is said to it by ids.</summary>
    private static object MapFilterOf(DeviceFilter filter, IReadOnlyList<DeviceRegistration>? only) => new
    {
        ids = only?.Select(device => device.Id.Value).ToArray(),
        streets = only is null && filter.Area is { } area ? new[] { area.Value } : [],
        kinds = filter.Kind is { } kind ? new[] { kind } : [],
        states = filter.State is { } state ? new[] { Words.Of(state) } : [],
    };

    /// <summary>States follow from time and live in the feed, so they are counted and cut here.</summary>
    private void CountAndCut()
    {
        var byState = new int[Enum.GetValues<DeviceState>().Length];
        var kept = filter.State is null ? null : new List<DeviceRegistration>();
        foreach (var device in found)
        {
            var state = LiveOf(device.Id)?.State ?? DeviceState.Unknown;
            byState[(int)state]++;
            if (state == filter.State)
            {
                kept!.Add(device);
            }
        }

        shown = kept ?? found;
        counts = new DeviceCounts(
            byState[(int)DeviceState.Normal], byState[(int)DeviceState.Stale], byState[(int)DeviceState.Offline], byState[(int)DeviceState.Unknown], byState[(int)DeviceState.Maintenance]);
    }

    /// <summary>As the feed has it; a device of a street that is not heard is unknown, whatever it said last.</summary>
    private DeviceSituation? LiveOf(DeviceId id)
    {
        var live = Feed.FindDevice(context!.District, id, actor!);
        return live is not null && picture.SilentStreets.Contains(live.Street) ? live with { State = DeviceState.Unknown } : live;
    }

    private async Task ShowTabAsync(DeviceTab next)
    {
        (tab, draft, notice) = (next, null, null);
        rejectionsOf = null;
        await SayAddressAsync();
    }

    private async Task SayAddressAsync()
    {
        var device = chosen is not null && tab == DeviceTab.List ? "?device=" + Uri.EscapeDataString(chosen.Id.Value) : string.Empty;
        await (await ModuleAsync()).InvokeVoidAsync("say", (tab == DeviceTab.List ? "/devices" : "/devices/" + Word(tab)) + device);
    }

    private async Task DownloadAsync((string Name, string Text) file) =>
        await (await ModuleAsync()).InvokeVoidAsync("download", file.Name, "text/csv;charset=utf-8", file.Text);

    private async Task<IJSObjectReference> ModuleAsync() => module ??= await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["built/devicemap.js"]);

    private async Task OnKeyAsync(KeyboardEventArgs key)
    {
        if (context is null || key.CtrlKey || key.MetaKey)
        {
            return;
        }

        if (key.AltKey)
        {
            if (key.Key is [>= '1' and <= '6' and var number])
            {
                await ShowTabAsync((DeviceTab)(number - '1'));
            }

            return;
        }

        switch (key.Key)
        {
            case "/" when tab == DeviceTab.List && list is not null:
                await list.FocusAsync();
                break;
            case "j" or "k" when tab == DeviceTab.List && draft is null && shown.Count > 0:
                var at = chosen is null ? -1 : IndexOf(chosen.Id);
                await ChooseAsync(shown[Math.Clamp(key.Key == "j" ? at + 1 : at - 1, 0, shown.Count - 1)]);
                break;
            case "n" when tab == DeviceTab.List && draft is null:
                await BeginNewAsync();
                break;
            case "e" when tab == DeviceTab.List && draft is null && chosen is not null:
                await BeginEditAsync();
                break;
            case "Escape":
                await CloseAsync();
                break;
        }
    }

    private int IndexOf(DeviceId id)
    {
        for (var i = 0; i < shown.Count; i++)
        {
            if (shown[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    private long? CountOf(DeviceTab one) => one switch
    {
        DeviceTab.List => found.Count,
        DeviceTab.Unregistered => unregistered.Length,
        DeviceTab.Rejections => rejectionCount,
        DeviceTab.Clocks => clocks.Length,
        _ => null,
    };

    private static string Word(DeviceTab one) => Words.Of(one);
}
