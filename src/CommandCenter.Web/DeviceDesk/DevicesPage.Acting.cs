using System.Collections.Immutable;
using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;
using IotIngest.Receiving;
using Words = CommandCenter.Web.Api.Words;

namespace CommandCenter.Web.DeviceDesk;

// What an administrator does with a device: choose, edit, register, place on the map, decode its refused messages again.
public sealed partial class DevicesPage
{
    private const int UnregisteredPage = 200;

    private readonly CancellationTokenSource runStop = new();
    private DeviceRegistration? chosen;
    private DeviceCondition? condition;
    private long keptOfChosen;
    private UnregisteredDevice? chosenUnregistered;
    private DeviceDraft? draft;
    private Faults faults = new();
    private IReadOnlyList<KeyValuePair<string, double?>> namesOfDraft = [];
    private DecodeRun? run;

    private WrongClockDocument? clockOfChosen => chosen is null ? null : clocks.FirstOrDefault(clock => clock.Device == chosen.Id);

    private (double Longitude, double Latitude)? PlaceOfChosen =>
        chosen is null ? null : LiveOf(chosen.Id) is { Longitude: { } x, Latitude: { } y } ? (x, y) : chosen is { Longitude: { } own, Latitude: { } latitude } ? (own, latitude) : null;

    /// <summary>Where the pin stands while a form is open, in the map's own WGS 84.</summary>
    private (double Longitude, double Latitude)? PinOfDraft
    {
        get
        {
            var ignored = new Faults();
            return draft is not null
                && QuantityDraft.Number(draft.Longitude, "lon", ignored) is { } x && QuantityDraft.Number(draft.Latitude, "lat", ignored) is { } y
                && CoordinateSystems.TryToWgs84(draft.Crs, x, y, out var longitude, out var latitude) ? (longitude, latitude) : null;
        }
    }

    private Task ChooseFromAsync(DeviceId id)
    {
        tab = DeviceTab.List;
        return ChooseByIdAsync(id.Value);
    }

    private Task ChooseByIdAsync(string id) => AskAsync(async () =>
    {
        if (await Registry.GetAsync(new DeviceId(id), actor!) is { } device)
        {
            tab = DeviceTab.List;
            await ChooseAsync(device);
        }
    });

    private Task ChooseAsync(DeviceRegistration device) => AskAsync(async () =>
    {
        (chosen, condition, draft, keptOfChosen) = (device, null, null, 0);
        run = run is { IsRunning: true } ? run : null;
        StateHasChanged();
        await RefreshChosenAsync();
        await SayAddressAsync();
    });

    private async Task RefreshChosenAsync()
    {
        if (chosen is not { } device)
        {
            return;
        }

        var conditions = await DevicesApi.ConditionsOfAsync(Grains, [device]);
        var kept = await Ledger.QueryRejectionsAsync(KeptOf(device) with { Limit = 1 }, actor!);
        var newest = await Registry.GetAsync(device.Id, actor!);
        if (chosen?.Id == device.Id)
        {
            (condition, keptOfChosen, chosen) = (conditions.GetValueOrDefault(device.Id), kept.KeptMessages, newest ?? chosen);
        }
    }

    private async Task BeginEditAsync()
    {
        if (chosen is { } device)
        {
            Open(DeviceDraft.Of(device, isNew: false), []);
            await Task.CompletedTask;
        }
    }

    private Task BeginNewAsync()
    {
        chosen = null;
        Open(new DeviceDraft { IsNew = true }, []);
        return Task.CompletedTask;
    }

    private Task ChooseUnregisteredAsync(UnregisteredDevice seen)
    {
        (chosenUnregistered, chosen) = (seen, null);
        var names = NamesOf(seen);
        var opened = DeviceDraft.Of(seen);
        opened.AddLines(names.Select(name => name.Key));
        Open(opened, names);
        return Task.CompletedTask;
    }

    /// <summary>One click: what is suggested and stands in a street is registered as it is; otherwise the form opens, with the map waiting for the place.</summary>
    private async Task RegisterAsync(UnregisteredDevice seen)
    {
        await ChooseUnregisteredAsync(seen);
        if (draft!.Kind.Length > 0 && (draft.Street.Length > 0 || draft.Longitude.Length > 0))
        {
            await SaveAsync();
        }
        else
        {
            notice = new Notice(D[draft.Kind.Length == 0 ? "unregistered.needs_kind" : "unregistered.needs_place"], Good: true);
        }
    }

    private void Open(DeviceDraft opened, IReadOnlyList<KeyValuePair<string, double?>> names) => (draft, faults, namesOfDraft, notice) = (opened, new Faults(), names, null);

    private Task CancelAsync()
    {
        (draft, chosenUnregistered) = (null, null);
        return Task.CompletedTask;
    }

    private async Task CloseAsync()
    {
        if (draft is not null)
        {
            await CancelAsync();
            return;
        }

        (chosen, notice) = (null, null);
        await SayAddressAsync();
    }

    private Task SaveAsync() => BusyAsync(async () =>
    {
        faults = new Faults();
        if (draft is not { } form || form.Check(faults) is not { } device)
        {
            return;
        }

        if (form.IsNew && await Registry.GetAsync(device.Id, actor!) is not null)
        {
            faults.Add("id", "registry.taken");
            return;
        }

        var outcome = await Registry.PutAsync(device, actor!);
        if (outcome.Value is not { } saved)
        {
            faults.Add(outcome.Errors);
            notice = new Notice(faults.Any ? D["form.refused"] : D[$"refusal.{Words.Of(outcome.Refusal ?? Refusal.Unavailable)}"], Good: false);
            return;
        }

        var wasUnregistered = tab == DeviceTab.Unregistered;
        (draft, chosen, chosenUnregistered, condition) = (null, saved, null, null);
        notice = new Notice(D[form.IsNew ? "form.registered" : outcome.Repeated ? "form.unchanged" : "form.saved", saved.Name, saved.Version], Good: true);
        unregistered = unregistered.RemoveAll(seen => IsOf(seen, saved));
        await SearchAsync(onlyWhenChanged: true);
        await RefreshChosenAsync();
        if (!wasUnregistered)
        {
            await SayAddressAsync();
        }
    });

    private static bool IsOf(UnregisteredDevice seen, DeviceRegistration device) => device.Source is { } source
        ? seen.Format == source.Format && string.Equals(seen.Key, source.Key, StringComparison.OrdinalIgnoreCase)
        : seen.Format == PayloadFormatNames.Canonical && seen.Key == device.Id.Value;

    private Task PickPositionAsync((double Longitude, double Latitude) place) => AskAsync(async () =>
    {
        if (draft is not { } form)
        {
            return;
        }

        var before = PinOfDraft;
        (form.Longitude, form.Latitude, form.Crs) = (DeviceDraft.Degrees(place.Longitude), DeviceDraft.Degrees(place.Latitude), "wgs84");

        // Who moves the pin over a border means the street that it stands in now.
        var street = await Grains.GetGrain<IRecordsGrain>(0).LocateAsync(place.Longitude, place.Latitude);
        if (before is not null || form.Street.Length == 0 || form.IsNew)
        {
            form.Street = street.Value;
        }
    });

    /// <summary>The names that the last message of an unregistered device decodes to, for the mapping.</summary>
    private IReadOnlyList<KeyValuePair<string, double?>> NamesOf(UnregisteredDevice seen) =>
    [
        .. Pipeline.Try(seen.Format, seen.LastTopic, Encoding.UTF8.GetBytes(seen.LastPayload)).Items.OfType<TryReading>()
            .Where(item => string.Equals(item.Key, seen.Key, StringComparison.OrdinalIgnoreCase)).SelectMany(item => item.Values).DistinctBy(value => value.Key),
    ];

    /// <summary>The tester's names become the mapping of the device they came from, or of a new one.</summary>
    private Task UseNamesAsync(TestedNames names) => AskAsync(async () =>
    {
        tab = DeviceTab.List;
        var device = names.Device is { } id ? await Registry.GetAsync(new DeviceId(id), actor!) : null;
        chosen = device;
        var opened = device is not null ? DeviceDraft.Of(device, isNew: false) : DeviceDraft.Of(new UnregisteredDevice
        {
            Format = names.Format, Key = names.Key, Count = 0, FirstSeenAt = now, LastSeenAt = now, LastTopic = names.Topic, LastPayload = string.Empty,
        });
        opened.AddLines(names.Values.Select(value => value.Key));
        Open(opened, names.Values);
    });

    private async Task LoadUnregisteredAsync()
    {
        loadingUnregistered = true;
        await AskAsync(RefreshUnregisteredAsync);
    }

    private async Task RefreshUnregisteredAsync()
    {
        var page = await Ledger.ListUnregisteredAsync(Math.Clamp(unregistered.Length, UnregisteredPage, 1_000), null, actor!);
        (unregistered, unregisteredNext, loadingUnregistered) = (page.Items, page.Next, false);
    }

    private Task LoadMoreUnregisteredAsync() => AskAsync(async () =>
    {
        var cursor = unregisteredNext;
        var page = await Ledger.ListUnregisteredAsync(UnregisteredPage, cursor, actor!);

        // A second click, or the list asked for anew meanwhile, has had the same page.
        if (cursor == unregisteredNext)
        {
            (unregistered, unregisteredNext) = ([.. unregistered.Concat(page.Items).DistinctBy(item => (item.Format, item.Key))], page.Next);
        }
    });

    private static RejectionQuery KeptOf(DeviceRegistration device) => new()
    {
        Devices = device.Source is { } source ? [device.Id.Value, source.Key] : [device.Id.Value],
    };

    private Task DecodeChosenAsync() => AskAsync(async () =>
    {
        if (chosen is not { } device || run is { IsRunning: true })
        {
            return;
        }

        run = new DecodeRun(Grains, Again, KeptOf(device), keptOfChosen, actor!);
        await run.RunAsync(() => InvokeAsync(StateHasChanged), runStop.Token);
        await RefreshChosenAsync();
    });

    private async Task ShowRejectionsAsync()
    {
        rejectionsOf = chosen is null ? null : string.Join(',', KeptOf(chosen).Devices);
        tab = DeviceTab.Rejections;
        await SayAddressAsync();
    }

    private Task ImportedAsync() => AskAsync(() => SearchAsync());

    private Task BusyAsync(Func<Task> act) => AskAsync(async () =>
    {
        if (busy)
        {
            return;
        }

        (busy, notice) = (true, null);
        StateHasChanged();
        try
        {
            await act();
        }
        finally
        {
            busy = false;
        }
    });

    /// <summary>Every call into the silo goes through here: one that is not answered is said, and the desk stays alive.</summary>
    private async Task AskAsync(Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            notice = new Notice(D["refusal.unavailable"], Good: false);
        }
        catch (OperationCanceledException) when (disposed)
        {
            // The page was left while it waited.
            return;
        }

        if (!disposed)
        {
            StateHasChanged();
        }
    }
}
