using System.Globalization;
using CommandCenter.Web.Texts;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>Hands the map's wishes to the module in the browser, each only when it changed.</summary>
public sealed partial class DeviceMap
{
    private ElementReference _root;
    private ElementReference _canvas;
    private IJSObjectReference? _module;
    private IJSObjectReference? _map;
    private DotNetObjectReference<DeviceMap>? _self;
    private object? _toldFilter;
    private (string? Id, (double, double)? Place)? _toldChosen;
    private (bool Active, (double, double)? Pin)? _toldPicking;
    private bool _disposed;

    [Parameter, EditorRequired] public object Filter { get; set; } = default!;

    [Parameter] public string? Chosen { get; set; }

    /// <summary>Where the chosen device stands, WGS 84.</summary>
    [Parameter] public (double Longitude, double Latitude)? Place { get; set; }

    /// <summary>A click says where the device of the form stands.</summary>
    [Parameter] public bool Picking { get; set; }

    [Parameter] public (double Longitude, double Latitude)? Pin { get; set; }

    [Parameter] public EventCallback<(double Longitude, double Latitude)> OnPick { get; set; }

    [Parameter] public EventCallback<string> OnChoose { get; set; }

    [Inject] private IStringLocalizer<Words> W { get; set; } = default!;

    [JSInvokable]
    public Task PickPositionAsync(double longitude, double latitude) => OnPick.InvokeAsync((longitude, latitude));

    [JSInvokable]
    public Task ChooseOnMapAsync(string id) => OnChoose.InvokeAsync(id);

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        try
        {
            if (_map is not null)
            {
                await _map.InvokeVoidAsync("unmount");
                await _map.DisposeAsync();
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

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        try
        {
            if (firstRender)
            {
                _self = DotNetObjectReference.Create(this);
                _module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["built/devicemap.js"]);
                var map = await _module.InvokeAsync<IJSObjectReference>("mount", _root, _canvas, new
                {
                    area = Map.District,
                    schematic = W["map.schematic"].Value,
                    silent = W["top.silent"].Value,
                    worker = Assets["built/map-worker.js"],
                    language = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? "zh" : "en",
                    official = new { until = W["map.official_until"].Value, drill = W["map.official_drill"].Value },
                }, _self);
                if (_disposed)
                {
                    await map.InvokeVoidAsync("unmount");
                    return;
                }

                _map = map;
            }

            if (_map is { } told)
            {
                await TellAsync(told);
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone; the circuit will be disposed.
        }
    }

    private async Task TellAsync(IJSObjectReference map)
    {
        if (!ReferenceEquals(_toldFilter, Filter))
        {
            _toldFilter = Filter;
            await map.InvokeVoidAsync("filter", Filter);
        }

        // A moving vehicle is not followed: only another choice moves the map.
        if (_toldChosen is null || _toldChosen.Value.Id != Chosen)
        {
            _toldChosen = (Chosen, Place);
            await map.InvokeVoidAsync("choose", Chosen, Place?.Longitude, Place?.Latitude);
        }

        if (_toldPicking != (Picking, Pin))
        {
            _toldPicking = (Picking, Pin);
            await map.InvokeVoidAsync("pick", Picking, Pin?.Longitude, Pin?.Latitude);
        }
    }

    private async Task HomeAsync()
    {
        if (_map is { } map)
        {
            await map.InvokeVoidAsync("home");
        }
    }
}
