using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Hosting;
using CommandCenter.Web.Operators;
using CommandCenter.Web.Texts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace CommandCenter.Web.Wall;

/// <summary>The wall of one area. It follows the feed, draws the panels, and owns one map module in the browser.</summary>
public sealed partial class WallPage : ComponentBase, IAsyncDisposable
{
    /// <summary>The panels are drawn at most this often; the map draws by itself.</summary>
    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(400);

    /// <summary>How often the devices are counted by domain: they change slowly and are many.</summary>
    private static readonly TimeSpan DomainInterval = TimeSpan.FromSeconds(4);

    private const int DeviceCountMax = 100_000;

    private ElementReference _root;
    private ElementReference _map;
    private IJSObjectReference? _module;
    private IJSObjectReference? _wall;
    private DotNetObjectReference<WallPage>? _self;
    private IDisposable? _watch;
    private SituationPicture _newest = SituationPicture.Empty(new AreaId(string.Empty));
    private Actor? _actor;
    private Chosen? _chosen;
    private string? _refusal;
    private bool _muted;
    private bool _disposed;
    private long _drawnAt;
    private long _domainsAt;
    private int _drawWaits;
    private Vocabulary _vocabulary = Vocabulary.Nothing;
    private ImmutableArray<DomainRow> _domains = [];
    private Dictionary<AreaId, string> _areaNames = [];

    [Parameter] public string AreaCode { get; set; } = string.Empty;

    [Inject] private ISituationFeed Feed { get; set; } = default!;
    [Inject] private IGrainFactory Grains { get; set; } = default!;
    [Inject] private IJSRuntime Script { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Operators { get; set; } = default!;
    [Inject] private DomainClock City { get; set; } = default!;
    [Inject] private TimeProvider Machine { get; set; } = default!;
    [Inject] private DemoState Demo { get; set; } = default!;
    [Inject] private MapSettings Map { get; set; } = default!;

    private AreaId Area => new(AreaCode);

    private WallView View { get; set; } = WallViews.From(SituationPicture.Empty(new AreaId(string.Empty)), DateTimeOffset.UnixEpoch);

    private string AreaName => _areaNames.GetValueOrDefault(Area, AreaCode);

    protected override async Task OnInitializedAsync()
    {
        View = WallViews.From(SituationPicture.Empty(Area), City.Now);
        _actor = ActorClaims.FromPrincipal((await Operators.GetAuthenticationStateAsync()).User);
        if (_actor is null)
        {
            _refusal = "wall.not_signed_in";
            return;
        }

        await Feed.Ready;
        if (_disposed)
        {
            return;
        }

        try
        {
            _watch = Feed.Watch(Area, _actor, Receive);
        }
        catch (KeyNotFoundException)
        {
            _refusal = "wall.no_such_area";
            return;
        }

        _vocabulary = new Vocabulary(await Grains.GetGrain<IRecordsGrain>(0).GetVocabularyAsync());
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_disposed || _refusal is not null)
        {
            return;
        }

        try
        {
            if (firstRender)
            {
                _self = DotNetObjectReference.Create(this);
                _module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["built/wall.js"]);
                _wall = await _module.InvokeAsync<IJSObjectReference>("mount", _root, _map, new
                {
                    area = AreaCode,
                    schematic = W["map.schematic"].Value,
                    silent = W["top.silent"].Value,
                    worker = Assets["built/map-worker.js"],
                    language = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? "zh" : "en",
                    official = new { until = W["map.official_until"].Value, drill = W["map.official_drill"].Value },
                }, _self);
            }

            if (_wall is not null)
            {
                // The beat follows the drawing, so that the watchdog in the browser knows what it watches: panels that were really drawn.
                await _wall.InvokeVoidAsync("beat", View.Picture.Epoch, View.Picture.Seq);
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone; the circuit will be disposed.
        }
    }

    /// <summary>Called by the map when someone touches an object.</summary>
    [JSInvokable]
    public Task PickAsync(string kind, string id)
    {
        if (Wall.Chosen.From(kind, id) is { } chosen)
        {
            Choose(chosen);
            StateHasChanged();
        }

        return Task.CompletedTask;
    }

    private void Choose(Chosen chosen) => _chosen = chosen;

    private void CloseCard() => _chosen = null;

    private async Task HomeAsync() => await CallMapAsync("home");

    private async Task LookAsync((double Longitude, double Latitude) place) => await CallMapAsync("look", place.Longitude, place.Latitude);

    private async Task MuteAsync()
    {
        _muted = !_muted;
        await CallMapAsync("mute", _muted);
    }

    private async Task CallMapAsync(string method, params object?[] values)
    {
        if (_wall is not null)
        {
            await _wall.InvokeVoidAsync(method, values);
        }
    }

    /// <summary>Comes on a thread of the pool. Draws now, or once when the interval is over.</summary>
    private void Receive(SituationPicture picture)
    {
        Volatile.Write(ref _newest, picture);
        if (Interlocked.Exchange(ref _drawWaits, 1) == 0)
        {
            _ = InvokeAsync(DrawAsync);
        }
    }

    private async Task DrawAsync()
    {
        var left = DrawInterval - Machine.GetElapsedTime(_drawnAt);
        if (_drawnAt != 0 && left > TimeSpan.Zero)
        {
            await Task.Delay(left, Machine);
        }

        if (_disposed)
        {
            return;
        }

        Interlocked.Exchange(ref _drawWaits, 0);
        _drawnAt = Machine.GetTimestamp();
        var picture = Volatile.Read(ref _newest);
        if (_areaNames.Count == 0)
        {
            _areaNames = Feed.Areas.ToDictionary(area => area.Id, area => Vocabulary.Say(area.Name));
        }

        if (_domainsAt == 0 || Machine.GetElapsedTime(_domainsAt) > DomainInterval)
        {
            _domainsAt = _drawnAt;
            _domains = WallViews.Domains(Feed.ListDevices(Area, _actor!, _ => true, DeviceCountMax), picture.Warnings);
        }

        View = WallViews.From(picture, City.Now);
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _watch?.Dispose();
        try
        {
            if (_wall is not null)
            {
                await _wall.InvokeVoidAsync("unmount");
                await _wall.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone, and its map with it.
        }

        _self?.Dispose();
    }
}
