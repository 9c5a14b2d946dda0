using System.Buffers;
using System.Globalization;
using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>One file at a time: read and checked at once, registered when the administrator says so.</summary>
public sealed partial class ImportDesk
{
    private const int PreviewMax = 200;
    private const string Template = "\uFEFFid,name,kind,street,lon,lat,crs,intervalSeconds,tags,sourceFormat,sourceKey\r\n"
        + "wl-017,龙江路下穿 积水1,water_level,320404002,119.934,31.766,wgs84,60,underpass,chirpstack,0101010101010101\r\n";

    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create("\",;\r\n\t");

    private ImportRun? run;
    private ImportAnswer? answer;
    private string? fileName;
    private string? wrong;
    private bool reading;
    private bool running;
    private int done;

    [CascadingParameter] private DeskContext Desk { get; set; } = default!;

    [Parameter] public EventCallback OnDone { get; set; }

    /// <summary>Name and text of a file for the administrator.</summary>
    [Parameter] public EventCallback<(string Name, string Text)> OnDownload { get; set; }

    private IReadOnlyList<DeviceImport.Refused> Refused => answer is { } told ? told.Rejections : run?.Refusals ?? [];

    private IRegistryGrain Registry => Grains.GetGrain<IRegistryGrain>(0);

    private async Task ReadAsync(InputFileChangeEventArgs change)
    {
        (run, answer, wrong, fileName, reading, done) = (null, null, null, change.File.Name, true, 0);
        StateHasChanged();
        try
        {
            using var bytes = new MemoryStream();
            await using (var file = change.File.OpenReadStream(ImportRun.BytesMax))
            {
                await file.CopyToAsync(bytes);
            }

            var (read, why) = ImportRun.Read(bytes.ToArray());
            if (read is null)
            {
                wrong = D["import.unreadable", why!];
            }
            else
            {
                await read.CheckAsync(Registry, Areas(), Desk.Actor);
                run = read;
            }
        }
        catch (IOException)
        {
            wrong = D["import.too_large", ImportRun.BytesMax / (1024 * 1024)];
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            wrong = D["refusal.unavailable"];
        }

        reading = false;
    }

    private async Task RegisterAsync()
    {
        (running, wrong, done) = (true, null, 0);
        StateHasChanged();
        try
        {
            var outcome = await run!.RegisterAsync(Registry, Desk.Actor, count =>
            {
                done = count;
                _ = InvokeAsync(StateHasChanged);
            });
            answer = outcome.Value;
            wrong = outcome.Succeeded ? null : D[$"refusal.{Words.Of(outcome.Refusal!.Value)}"].Value;
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            // What was registered stays registered; the same file again changes nothing of it.
            wrong = D["import.broken_off", done];
        }

        running = false;
        await OnDone.InvokeAsync();
    }

    /// <summary>The refused lines as they stood, with the reason beside them, so that they can be mended and imported again.</summary>
    private Task DownloadAsync()
    {
        var byLine = Refused.GroupBy(refused => refused.Line).ToDictionary(group => group.Key, group => group.First());
        var text = new StringBuilder("\uFEFF").AppendJoin(',', run!.Table.Heading.Select(Cell)).Append(",line,field,reason\r\n");
        foreach (var row in run.Table.Rows.Where(row => byLine.ContainsKey(row.Line)))
        {
            var refused = byLine[row.Line];
            text.AppendJoin(',', run.Table.Heading.Select(column => Cell(row[column] ?? string.Empty)))
                .Append(CultureInfo.InvariantCulture, $",{refused.Line},{Cell(refused.Field)},{Cell(refused.Reason)}\r\n");
        }

        return OnDownload.InvokeAsync(("devices-refused.csv", text.ToString()));
    }

    /// <summary>A cell that begins like a formula would be run by the spreadsheet that opens the file.</summary>
    private static string Cell(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '@' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(NeedsQuotes) < 0 ? safe : "\"" + safe.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    private string Reason(string reason)
    {
        var word = reason.Split(':', 2)[0];
        return D[$"import.reason.{word}"] is { ResourceNotFound: false } text ? text.Value : reason;
    }

    private Dictionary<AreaId, AreaDescription> Areas() =>
        Feed.Areas.SelectMany(area => area.Aliases.Prepend(area.Id).Select(code => (Code: code, Area: area))).ToDictionary(item => item.Code, item => item.Area);
}
