using System.Globalization;
using System.Text.RegularExpressions;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;

namespace CommandCenter.Grains.Dispatching;

/// <summary>Notice templates: <c>{name}</c> is the value of a name, <c>{closed?a:b}</c> a choice. What is not known is written 待核, never invented.</summary>
internal static partial class NoticeTexts
{
    private const string Unknown = "(待核)";

    public static string Render(string template, Incident incident, string? unit, DateTimeOffset now)
    {
        var view = incident.View;
        var warning = incident.Warnings.OrderByDescending(known => known.Colour).ThenBy(known => known.Id.Value, StringComparer.Ordinal).FirstOrDefault();
        var text = Slot().Replace(template, slot =>
        {
            var name = slot.Groups["name"].Value;
            if (slot.Groups["yes"].Success)
            {
                return name == "closed" && view.Colour == Colour.Red ? slot.Groups["yes"].Value : slot.Groups["no"].Value;
            }

            return name switch
            {
                "road" or "addr" or "site" or "estate" => warning?.SubjectName ?? view.Title,
                "depth" => warning is { Unit: "mm", Value: { } depthMm } ? (depthMm / 10).ToString("0.#", CultureInfo.InvariantCulture) : Unknown,
                "value" or "level" or "v" => warning?.Value?.ToString("0.##", CultureInfo.InvariantCulture) ?? Unknown,
                "time" => IncidentIds.Clock(view.OpenedAt),
                "now" => IncidentIds.Clock(now),
                "class" => IncidentClasses.Find(view.Class)?.Name.Zh ?? view.Class.Value,
                "number" => view.Number,
                "unit" => unit ?? Unknown,
                "colour" => view.Colour is { } colour ? Words.Of(colour) + "色" : Unknown,
                "title" => view.Title,
                _ => Unknown,
            };
        });
        return NoticeForm.Sign(text, view.Drill);
    }

    [GeneratedRegex(@"\{(?<name>[a-zA-Z0-9]+)(?:\?(?<yes>[^:{}]*):(?<no>[^{}]*))?\}")]
    private static partial Regex Slot();
}
