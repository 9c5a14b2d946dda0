using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Parts;
using Microsoft.AspNetCore.Components;
using Orleans.Runtime;

namespace CommandCenter.Web.RuleDesk;

/// <summary>What both versions would have said, ready to be shown.</summary>
internal sealed record TriedResult(long Evaluated, ImmutableArray<TriedWarning>? Old, ImmutableArray<TriedWarning>? New, ImmutableArray<TriedWarning> OnlyOld, ImmutableArray<TriedWarning> OnlyNew)
{
    public required IReadOnlyList<(string Key, string Name, TriedCounts Counts, int? Only)> Sides { get; init; }

    public ImmutableArray<string> Subjects { get; } =
        [.. (Old ?? []).Concat(New ?? []).GroupBy(warning => warning.Subject, StringComparer.Ordinal).OrderByDescending(group => group.Count()).Select(group => group.Key)];
}

/// <summary>The back-test's own life: what is asked, how far it is, and the series of the device that is looked at.</summary>
public sealed partial class BackTestView
{
    private const int ListMax = 100;
    private const int PageMax = 1000;

    private readonly RuleDraft _picker = RuleDraft.Fresh("threshold");
    private JsonObject _document = [];
    private JsonObject _picked = [];
    private string _span = "day";
    private DateTimeOffset _from;
    private DateTimeOffset _to;
    private bool _all = true;
    private BackTestRun? _run;
    private BackTestOrder? _order;
    private TriedResult? _result;
    private string? _refusal;
    private string? _subject;
    private ImmutableArray<HistoryInterval> _points = [];
    private TimeSpan _step = TimeSpan.FromMinutes(1);
    private TimeSpan _gap;
    private string? _quantityText;
    private string? _shown;
    private bool _disposed;

    [Inject] private IGrainFactory Grains { get; set; } = default!;

    private bool Both => Row is not null && Draft is not null;

    private string State => _run is { IsRunning: true } ? "running" : _refusal is not null ? "refused" : _result is null ? "idle" : "done";

    private IReadOnlyList<(string Value, string Text)> DeviceOptions => [.. (Selection?.Devices ?? []).Select(device => (device.Id.Value, $"{device.Name} {device.Id.Value}"))];

    public async ValueTask DisposeAsync()
    {
        // Whoever has gone does not need the rest.
        _disposed = true;
        if (_run is { IsRunning: true } running)
        {
            await running.CancelAsync();
        }
    }

    protected override void OnParametersSet()
    {
        var text = Draft ?? (Row is null ? "{}" : RuleJson.Write(Row.Document));
        if (text == _shown)
        {
            return;
        }

        _shown = text;
        _document = RuleJson.Parse(text);
        if (_to == default)
        {
            _picked = RuleDraft.Fresh("threshold").Document["select"]!.AsObject();
            Choose("day", 24);
        }
    }

    private void Choose(string word, int hours)
    {
        // Whole minutes, so that the same question asked again is the same.
        _to = new DateTimeOffset(Now.Ticks - (Now.Ticks % TimeSpan.TicksPerMinute), Now.Offset);
        (_span, _from) = (word, _to.AddHours(-hours));
    }

    private void SetTime(ChangeEventArgs change, bool isFrom)
    {
        if (DateTime.TryParse(change.Value as string, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            var at = new DateTimeOffset(local, Times.Zone.GetUtcOffset(local));
            (_from, _to, _span) = isFrom ? (at, _to, "own") : (_from, at, "own");
        }
    }

    private async Task RunAsync()
    {
        if (_run is { IsRunning: true })
        {
            return;
        }

        (_result, _refusal, _subject, _points) = (null, null, null, []);
        ImmutableArray<DeviceId> devices = _all ? [] : [.. RuleJson.Texts(_picked, "devices").Select(id => new DeviceId(id))];
        if (!_all && devices.IsEmpty)
        {
            _refusal = L["try.no_devices"];
            return;
        }

        if (_to <= _from)
        {
            _refusal = L["try.wrong_span"];
            return;
        }

        // Both versions over the same devices, even where they select others: else the figures would not compare.
        if (Both && _all && Selection is { } selection && selection.Devices.Length == selection.Selected)
        {
            devices = [.. selection.Devices.Select(device => device.Id)];
        }

        _order = new BackTestOrder { Rule = new RuleId(DraftId ?? Row?.Id.Value ?? "new-rule"), Document = Draft, Devices = devices, From = _from, To = _to };
        var old = Row is null ? null : _order with { Rule = Row.Id, Document = null };
        var run = new BackTestRun(() => Grains.GetGrain<IBackTestGrain>(BackTestRun.NewKey()));
        _run = run;
        try
        {
            await run.RunAsync(old, Draft is null ? null : _order, Desk.Actor, () => InvokeAsync(StateHasChanged));
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            _refusal = L["refusal.unavailable"];
            return;
        }

        if (_disposed || run.WasCancelled || run != _run)
        {
            return;
        }

        await ShowAsync(run);
    }

    private async Task ShowAsync(BackTestRun run)
    {
        if ((run.Old?.Refusal is not null ? run.Old : run.New?.Refusal is not null ? run.New : null) is { } refused)
        {
            _refusal = Refused(refused);
            return;
        }

        var (old, tried) = (run.Old?.Value?.Warnings, run.New?.Value?.Warnings);
        var onlyOld = old is { } had && tried is { } has ? TriedCounts.Only(had, has) : [];
        var onlyNew = old is { } first && tried is { } second ? TriedCounts.Only(second, first) : [];
        var sides = new List<(string, string, TriedCounts, int?)>();
        if (old is { } before)
        {
            sides.Add(("old", L["compare.old", Row!.Version], TriedCounts.From(before), tried is null ? null : onlyOld.Length));
        }

        if (tried is { } after)
        {
            sides.Add(("new", L["compare.new"], TriedCounts.From(after), old is null ? null : onlyNew.Length));
        }

        _result = new(Math.Max(run.Old?.Value?.Evaluated ?? 0, run.New?.Value?.Evaluated ?? 0), old, tried, onlyOld, onlyNew) { Sides = sides };
        var begin = (onlyNew.FirstOrDefault() ?? onlyOld.FirstOrDefault())?.Subject ?? _result.Subjects.FirstOrDefault() ?? _order!.Devices.Select(device => device.Value).FirstOrDefault() ?? Selection?.Devices.FirstOrDefault()?.Id.Value;
        if (begin is not null)
        {
            await LoadSeriesAsync(begin);
        }
    }

    private Task CancelAsync() => _run?.CancelAsync() ?? Task.CompletedTask;

    private async Task LoadSeriesAsync(string subject)
    {
        _subject = subject;
        _points = [];
        _step = SeriesScale.StepOf(_order!.To - _order.From);
        var quantity = RuleJson.Quantity(_document);
        _quantityText = quantity is null ? null : $"{Desk.Vocabulary.Quantity(quantity)} {Quantities.UnitSign(QuantityKinds.Find(new(quantity))?.Unit)}";
        if (quantity is null)
        {
            return;
        }

        var device = await Grains.GetGrain<IRegistryGrain>(0).GetAsync(new DeviceId(subject), Desk.Actor);
        if (device is null)
        {
            return;
        }

        _gap = TimeSpan.FromSeconds(Math.Max(3 * _step.TotalSeconds, 3 * device.IntervalSeconds));
        try
        {
            var page = await Grains.GetGrain<IReadingHistoryGrain>(0).ReadEveryAsync(device.Id, new QuantityId(quantity), _order.From, _order.To, _step, PageMax, null);
            if (_subject == subject)
            {
                _points = page.Items;
            }
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            // The comparison stands without the series; the drawing says that none came.
            _points = [];
        }

        StateHasChanged();
    }

    private IReadOnlyList<(string Id, string Text)> Subjects(TriedResult result)
    {
        var others = (_order!.Devices.IsEmpty ? (Selection?.Devices ?? []).Select(device => device.Id.Value) : _order.Devices.Select(device => device.Value)).Except(result.Subjects).Take(200);
        return [.. result.Subjects.Select(id => (id, L["try.subject_warned", NameOf(id), (result.New ?? result.Old ?? []).Count(warning => warning.Subject == id)].Value)), .. others.Select(id => (id, NameOf(id)))];
    }

    private string NameOf(string id) => Selection?.Devices.FirstOrDefault(device => device.Id.Value == id) is { } found ? $"{found.Name} {id}" : id;

    private List<(string Name, IEnumerable<TriedWarning> Warnings)> ChartRows(TriedResult result)
    {
        var rows = new List<(string, IEnumerable<TriedWarning>)>();
        if (result.Old is { } old)
        {
            rows.Add((L["chart.lane_old", Row!.Version], old.Where(warning => warning.Subject == _subject)));
        }

        if (result.New is { } tried)
        {
            rows.Add((L["chart.lane_new"], tried.Where(warning => warning.Subject == _subject)));
        }

        return rows;
    }

    /// <summary>Levels only where they are values of the series itself: not of a rate, a sum or a difference.</summary>
    private IReadOnlyList<(string Word, double Value, bool Old)> ChartLevels
    {
        get
        {
            var levels = Values(_document).Select(level => (level.Word, level.Value, Old: false)).ToList();
            if (Both)
            {
                levels.AddRange(Values(Row!.Document).Where(level => !levels.Any(known => known.Word == level.Word && known.Value.Equals(level.Value))).Select(level => (level.Word, level.Value, true)));
            }

            return levels;
        }
    }

    private static IEnumerable<(string Word, double Value)> Values(JsonObject document)
    {
        var aggregate = RuleJson.Text(RuleJson.Object(document, "parameters"), "aggregate");
        var same = RuleJson.Kind(document) == "threshold" || (RuleJson.Kind(document) == "window" && aggregate is "mean" or "max" or "min" or "laeq" or "p50" or "p90" or "p95" or "p99");
        if (!same || (RuleJson.Text(document, "relative") ?? "none") != "none")
        {
            yield break;
        }

        foreach (var (_, word, level) in RuleJson.Levels(document))
        {
            foreach (var field in (string[])["value", "below", "above"])
            {
                if (RuleJson.Number(level, field) is { } value)
                {
                    yield return (word, value);
                }
            }
        }
    }

    private IEnumerable<(string Key, string Title, ImmutableArray<TriedWarning> List)> Lists(TriedResult result)
    {
        if (Both)
        {
            yield return ("only-new", L["try.only_new"], result.OnlyNew);
            yield return ("only-old", L["try.only_old"], result.OnlyOld);
        }

        yield return ("all", L[result.New is null ? "try.all_old" : "try.all_new"], result.New ?? result.Old ?? []);
    }

    private string Refused(Outcome<BackTestAnswer> refused)
    {
        if (refused.Refusal == Refusal.Invalid && refused.Errors.FirstOrDefault() is { Key: not null } error)
        {
            var message = error.Value.IsDefaultOrEmpty ? string.Empty : error.Value[0];
            return error.Key switch
            {
                "devices" when message.StartsWith("the rule selects no", StringComparison.Ordinal) => L["try.selects_none"],
                "devices" when message.StartsWith("there is no device", StringComparison.Ordinal) => L["try.no_such_device", message["there is no device ".Length..]],
                "devices" => L["try.too_many_devices"],
                "from" => L["try.too_long"],
                "to" => L["try.wrong_span"],
                _ => L["try.invalid", error.Key, RuleFaults.Translate(message, L)],
            };
        }

        return refused.Refusal switch
        {
            Refusal.Unprocessable => L["try.unprocessable"],
            Refusal.Unavailable when refused.Detail?.Contains("run already", StringComparison.Ordinal) == true => L["try.busy"],
            _ => L["refusal." + System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName((refused.Refusal ?? Refusal.Unavailable).ToString())],
        };
    }

    private async Task<IReadOnlyList<(string Value, string Text)>> FindAsync(string text)
    {
        var inRule = DeviceOptions.Where(option => text.Length == 0 || option.Text.Contains(text, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (inRule.Length > 0)
        {
            return inRule;
        }

        var found = await Grains.GetGrain<IRegistryGrain>(0).SearchAsync(new DeviceSearch { Text = text, KnownSequence = -1 }, Desk.Actor);
        return [.. (found?.Devices ?? []).Take(60).Select(device => (device.Id.Value, $"{device.Name} {device.Id.Value}"))];
    }

    private static string Local(DateTimeOffset at) => Times.Local(at).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

    private static string Moment(DateTimeOffset at) => Times.Local(at).ToString("MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string F(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
