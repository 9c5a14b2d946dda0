using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;

namespace CommandCenter.Grains.Officials;

/// <summary>What a document asks for: the warnings to put, and why none are.</summary>
/// <param name="Effect">False: the document says nothing about what stands, so the chain stays as it was.</param>
internal sealed record CapDecision(string Chain, CapAction Action, ImmutableArray<OfficialWarning> Warnings, string? Note, bool Effect = true);

/// <summary>What follows from an official document: pure, from the document, what is known of its chain, the map and the time.</summary>
internal static class CapDeciding
{
    /// <param name="before">The newest record of the chain that the document follows; null: nothing of it is known.</param>
    public static CapDecision Decide(CapAlert alert, CapRecord? before, AreaMap map, DateTimeOffset now, int defaultHours)
    {
        var chain = before?.Chain ?? (alert.References.IsEmpty ? alert.Identifier : alert.References[0]);
        var action = alert.MessageType switch
        {
            CapMessageType.Cancel => CapAction.Cancelled,
            CapMessageType.Update => CapAction.Updated,
            _ => CapAction.Created,
        };
        if (alert.MessageType is CapMessageType.Ack or CapMessageType.Error)
        {
            return new(chain, CapAction.Created, [], "an acknowledgement or error message between systems", Effect: false);
        }

        if (alert.Status is not (CapStatus.Actual or CapStatus.Exercise))
        {
            return new(chain, action, [], $"its status is {alert.Status}", Effect: false);
        }

        if (before is not null && before.Sent > alert.Sent)
        {
            return new(chain, action, [], $"overtaken by {before.Identifier}", Effect: false);
        }

        var standing = before?.Warnings.RemoveAll(warning => warning.Cancelled) ?? [];
        if (alert.MessageType == CapMessageType.Cancel)
        {
            return new(chain, action, [.. standing.Select(warning => End(warning, alert))], standing.IsEmpty ? "nothing of it stands here" : null);
        }

        var notes = new List<string>();
        var warnings = ImmutableArray.CreateBuilder<OfficialWarning>();
        foreach (var info in OneLanguage(alert.Infos))
        {
            var (name, plan) = CapEventCodes.Of(info);
            var subject = $"{chain}/{name}";
            var place = CapPlaces.Find(info, map);
            var expires = info.Expires ?? alert.Sent.AddHours(defaultHours);
            if (place.Areas.IsEmpty)
            {
                notes.Add($"{name} lies elsewhere");
            }
            else if (expires <= now)
            {
                notes.Add($"{name} is expired");
            }
            else
            {
                // What ended by itself and is issued again is a new occurrence, from the time of this document.
                var known = standing.FirstOrDefault(warning => warning.Subject == subject && warning.ExpiresAt > now);
                warnings.Add(new()
                {
                    Subject = subject,
                    Name = name,
                    Colour = CapColours.Of(info),
                    OnsetAt = known?.OnsetAt ?? (before is null ? info.Onset ?? info.Effective ?? alert.Sent : alert.Sent),
                    SentAt = alert.Sent,
                    ExpiresAt = expires,
                    Text = TextOf(info, name),
                    Streets = place.Areas,
                    Longitude = place.Longitude,
                    Latitude = place.Latitude,
                    Rings = place.Rings,
                    Plan = plan,
                    Drill = alert.Status == CapStatus.Exercise,
                    Identifier = alert.Identifier,
                    Sender = alert.Sender,
                });
            }
        }

        // What stood before and is not in the update, or no longer holds here, is over.
        var put = warnings.ToImmutable();
        warnings.AddRange(standing.Where(warning => put.All(other => other.Subject != warning.Subject)).Select(warning => End(warning, alert)));
        return new(chain, action, warnings.ToImmutable(), warnings.Count > 0 ? null : notes.Count > 0 ? string.Join("; ", notes) : "it names no event");
    }

    private static OfficialWarning End(OfficialWarning warning, CapAlert by) => warning with { Cancelled = true, SentAt = by.Sent, Identifier = by.Identifier, Sender = by.Sender };

    /// <summary>The same event stands there once for each language; ours is read, else the first.</summary>
    private static IEnumerable<CapInfo> OneLanguage(ImmutableArray<CapInfo> infos)
    {
        var chinese = infos.Where(info => info.Language.StartsWith("zh", StringComparison.OrdinalIgnoreCase)).ToArray();
        var language = infos.IsEmpty ? null : infos[0].Language;
        var chosen = chinese.Length > 0 ? chinese : [.. infos.Where(info => info.Language == language)];
        return chosen.DistinctBy(info => CapEventCodes.Of(info).Name);
    }

    private static string TextOf(CapInfo info, string name)
    {
        var text = string.Join(" ", new[] { info.Headline, info.Description, info.Instruction }.Where(part => part is not null).Distinct());
        text = text.Length == 0 ? name : text;
        return text.Length <= 2_000 ? text : text[..2_000];
    }
}
