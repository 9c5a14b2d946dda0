using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Texts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace CommandCenter.Web.Wall;

/// <summary>The card of one chosen thing. It follows the picture, so that what it says is as live as the wall.</summary>
public sealed partial class DetailCard : ComponentBase
{
    private const int CamerasShown = 4;

    private ElementReference _card;
    private DispatchPreview? _preview;
    private DispatchAnswer? _answer;
    private string? _refusal;
    private string _key = string.Empty;
    private bool _busy;
    private ImmutableArray<DeviceSituation> _cameras = [];

    [Parameter, EditorRequired] public Chosen Chosen { get; set; } = default!;
    [Parameter, EditorRequired] public WallView View { get; set; } = default!;
    [Parameter, EditorRequired] public AreaId Area { get; set; }
    [Parameter, EditorRequired] public Actor Actor { get; set; } = default!;
    [Parameter, EditorRequired] public Vocabulary Vocabulary { get; set; } = Vocabulary.Nothing;
    [Parameter] public EventCallback OnClose { get; set; }
    [Parameter] public EventCallback<(double Longitude, double Latitude)> OnLook { get; set; }

    [Inject] private ISituationFeed Feed { get; set; } = default!;
    [Inject] private IGrainFactory Grains { get; set; } = default!;

    private WarningView? Warning { get; set; }
    private IncidentView? Incident { get; set; }
    private DeviceSituation? Device { get; set; }

    private string Heading => Chosen switch
    {
        Chosen.Incident => Incident?.Title ?? W["card.incident"],
        Chosen.Warning => Warning?.SubjectName ?? Warning?.Subject ?? W["card.warning"],
        _ => Device?.Name ?? W["card.device"],
    };

    private Dictionary<DeviceId, string> CameraNames =>
        _preview is null ? [] : _preview.Cameras.ToDictionary(id => id, id => Feed.FindDevice(Area, id, Actor)?.Name ?? id.Value);

    protected override async Task OnInitializedAsync()
    {
        Read();
        if (Place() is { } place)
        {
            _cameras = NearestCameras(place.Longitude, place.Latitude);
            await OnLook.InvokeAsync(place);
        }
    }

    protected override void OnParametersSet() => Read();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _card.FocusAsync(preventScroll: true);
        }
    }

    /// <summary>A warning that has left the picture keeps its last view: the card must not go blank under the reader's eyes.</summary>
    private void Read()
    {
        switch (Chosen)
        {
            case Chosen.Warning chosen:
                Warning = View.Picture.Warnings.FirstOrDefault(warning => warning.Id == chosen.Id) ?? Warning;
                Device = Warning is null ? null : Feed.FindDevice(Area, new DeviceId(Warning.Subject), Actor);
                Incident = Warning?.Incident is { } id ? View.Picture.Incidents.FirstOrDefault(incident => incident.Id == id) ?? Incident : null;
                break;
            case Chosen.Incident chosen:
                Incident = View.Picture.Incidents.FirstOrDefault(incident => incident.Id == chosen.Id) ?? Incident;
                break;
            case Chosen.Device chosen:
                Device = Feed.FindDevice(Area, chosen.Id, Actor);
                Warning = View.Picture.Warnings.FirstOrDefault(warning => WallViews.IsShown(warning) && warning.Subject == chosen.Id.Value);
                Incident = Warning?.Incident is { } of ? View.Picture.Incidents.FirstOrDefault(incident => incident.Id == of) : null;
                break;
        }
    }

    private (double Longitude, double Latitude)? Place() =>
        (Warning?.Longitude ?? Incident?.Longitude ?? Device?.Longitude, Warning?.Latitude ?? Incident?.Latitude ?? Device?.Latitude) is ({ } longitude, { } latitude)
            ? (longitude, latitude)
            : null;

    private ImmutableArray<DeviceSituation> NearestCameras(double longitude, double latitude) =>
        [.. Feed.ListDevices(Area, Actor, device => device is { Kind: "camera", Longitude: not null, Latitude: not null }, 5000)
            .OrderBy(camera => CoordinateSystems.DistanceM(longitude, latitude, camera.Longitude!.Value, camera.Latitude!.Value))
            .Take(CamerasShown)];

    private Task LookAtAsync(DeviceSituation camera) => OnLook.InvokeAsync((camera.Longitude!.Value, camera.Latitude!.Value));

    private async Task CloseOnEscape(KeyboardEventArgs key)
    {
        if (key.Key == "Escape")
        {
            await OnClose.InvokeAsync();
        }
    }

    private Task AcknowledgeAsync() => ActAsync(async () =>
    {
        var warning = Warning!;
        var outcome = await Grains.ExecuteOnAsync(warning, new AcknowledgeWarning(null), Actor);
        if (outcome.Succeeded)
        {
            Warning = outcome.Value;
        }

        return (outcome.Refusal, outcome.Detail);
    });

    private Task PreviewAsync() => ActAsync(async () =>
    {
        var outcome = await Grains.GetGrain<IIncidentGrain>(Incident!.Id.Value).PreviewAsync(null, Actor);
        _preview = outcome.Value;
        // One key per preview: pressing twice is one dispatch, looking again and sending again is another.
        _key = $"wall-{Guid.NewGuid():n}";
        return (outcome.Refusal, outcome.Detail);
    });

    private Task DispatchAsync() => ActAsync(async () =>
    {
        var outcome = await Grains.GetGrain<IIncidentGrain>(_preview!.Incident.Value).DispatchAsync(
            new DispatchOrder { Plan = _preview.Plan, PlanVersion = _preview.PlanVersion, ResponseLevel = _preview.ResponseLevel, IdempotencyKey = _key }, Actor);
        _answer = outcome.Value is null ? null : outcome.Value with { Repeated = outcome.Value.Repeated || outcome.Repeated };
        return (outcome.Refusal, outcome.Detail);
    });

    /// <summary>Runs one command and shows its refusal; while it runs no second one starts.</summary>
    private async Task ActAsync(Func<Task<(Refusal? Refusal, string? Detail)>> command)
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        _refusal = null;
        try
        {
            var (refusal, detail) = await command();
            _refusal = refusal is { } word ? detail ?? W[$"refusal.{word.ToString().ToLowerInvariant()}"] : null;
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            // The silo does not answer: the operator is told, and may press again.
            _refusal = W["refusal.unavailable"];
        }
        finally
        {
            _busy = false;
        }
    }
}
