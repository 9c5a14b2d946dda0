using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Frigate: objects (events), what belongs together (reviews), updates and triggers as JSON; counts, audio and states of a camera as bare text; pictures as bytes.
// https://docs.frigate.video/integrations/mqtt
internal static class FrigateDecoder
{
    private static readonly FrozenDictionary<string, string> Labels = new Dictionary<string, string>
    {
        ["person"] = "person", ["car"] = "vehicle", ["truck"] = "vehicle", ["bus"] = "vehicle", ["motorcycle"] = "vehicle", ["bicycle"] = "vehicle", ["vehicle"] = "vehicle", ["train"] = "vehicle", ["boat"] = "vehicle", ["school_bus"] = "vehicle",
        ["dog"] = "animal", ["cat"] = "animal", ["bird"] = "animal", ["horse"] = "animal", ["sheep"] = "animal", ["cow"] = "animal", ["bear"] = "animal", ["animal"] = "animal", ["deer"] = "animal", ["fox"] = "animal", ["rabbit"] = "animal", ["raccoon"] = "animal", ["squirrel"] = "animal", ["goat"] = "animal",
        ["face"] = "face", ["license_plate"] = "licence_plate", ["fire"] = "fire_smoke", ["smoke"] = "fire_smoke", ["fire_smoke"] = "fire_smoke",
        ["fire_alarm"] = "sound", ["smoke_detector"] = "sound", ["scream"] = "sound", ["yell"] = "sound", ["speech"] = "sound", ["bark"] = "sound", ["glass"] = "sound", ["gunshot"] = "sound", ["explosion"] = "sound", ["crying"] = "sound", ["siren"] = "sound", ["car_alarm"] = "sound",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>What a review is named after where it holds several kinds of object.</summary>
    private static readonly string[] Gravest = ["fire_smoke", "person", "vehicle"];

    /// <summary>Second levels that are not the name of a camera.</summary>
    private static readonly FrozenSet<string> NoCameras = FrozenSet.Create(
        StringComparer.Ordinal, "stats", "onConnect", "restart", "notifications", "camera_activity", "birdseye", "model_state", "embeddings_reindex_progress", "job_state", "audio_transcription_state", "profile", "profiles");

    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        var levels = input.Topic.Split('/', 8);
        var second = levels.Length > 1 ? levels[1] : string.Empty;
        if (levels.Length <= 2 && LooksLikeJson(input.Payload))
        {
            DecodeJson(second, input, into);
        }
        else if (second == "available" && levels.Length == 2)
        {
            AddStatus(levels[0], input, into);
        }
        else if (levels.Length > 2 && !NoCameras.Contains(second))
        {
            DecodeOfCamera(second, levels.AsSpan(2), input, into);
        }
        else if (second is "events" or "reviews" or "triggers" or "tracked_object_update" && !input.Payload.IsEmpty)
        {
            into.Refuse(RejectionReason.Malformed, "the message is no JSON object");
        }
    }

    private static bool LooksLikeJson(ReadOnlySpan<byte> payload) => payload.TrimStart(" \t\r\n"u8).StartsWith("{"u8);

    private static void DecodeJson(string second, in DecodeInput input, DecodedMessage into)
    {
        if (NoCameras.Contains(second) || second == "available")
        {
            return;
        }

        if (Tree.ReadJson(input.Payload, out var why) is not { } tree)
        {
            into.Refuse(RejectionReason.Malformed, why);
            return;
        }

        var root = tree.Root;
        var after = root["after"];
        if (after.Exists)
        {
            if (after["severity"].Exists || (after["data"]["objects"].Exists && !after["label"].Exists))
            {
                DecodeReview(root["type"].Text, after, input, into);
            }
            else
            {
                DecodeObject(root["type"].Text, after, input, into);
            }
        }
        else if (second is "triggers" || (root["event_id"].Exists && root["camera"].Exists))
        {
            DecodeTrigger(root, input, into);
        }
        else if (second is "tracked_object_update" || (root["type"].Exists && root["id"].Exists))
        {
            DecodeUpdate(root, into);
        }
        else if (second is "events" or "reviews" or "")
        {
            into.Refuse(RejectionReason.Malformed, "there is no \"after\"");
        }
    }

    private static void DecodeObject(string kind, in Tree.Part after, in DecodeInput input, DecodedMessage into)
    {
        // What the camera has taken back did not happen.
        if (after["false_positive"].Text == "true" || StateOf(kind, into) is not { } state)
        {
            return;
        }

        var at = state switch { EventState.Start => after.TextOf("start_time", "frame_time"), EventState.End => after.TextOf("end_time", "frame_time"), _ => after.TextOf("frame_time", "start_time") };
        Add(after["camera"].Text, after["id"].Text, TypeOf(after["label"].Text), state, at, Numbers.Parse(after.TextOf("top_score", "score")), BoxOf(after["data"]), input, into);
    }

    private static void DecodeReview(string kind, in Tree.Part after, in DecodeInput input, DecodedMessage into)
    {
        if (StateOf(kind, into) is not { } state)
        {
            return;
        }

        var data = after["data"];
        var at = state switch { EventState.Start => after["start_time"].Text, EventState.End => after.TextOf("end_time", "start_time"), _ => LatestOf(data, after["start_time"].Text) };
        Add(after["camera"].Text, after["id"].Text, ReviewType(data), state, at, null, [], input, into);
    }

    private static string ReviewType(in Tree.Part data)
    {
        string? best = null;
        foreach (var name in (ReadOnlySpan<string>)["objects", "audio"])
        {
            foreach (var seen in data.All(name))
            {
                var type = TypeOf(seen.Text);
                var rank = Array.IndexOf(Gravest, type);
                var held = best is null ? -2 : Array.IndexOf(Gravest, best);
                best = best is null || (rank >= 0 && (held < 0 || rank < held)) ? type : best;
            }
        }

        return best ?? "motion";
    }

    /// <summary>An update of a review has no time; the newest of its objects began no later than it.</summary>
    private static string LatestOf(in Tree.Part data, string start)
    {
        var latest = Numbers.Parse(start);
        var text = start;
        foreach (var detection in data.All("detections"))
        {
            var dash = detection.Text.IndexOf('-', StringComparison.Ordinal);
            if (dash > 0 && Numbers.Parse(detection.Text[..dash]) is { } began && !(began <= latest))
            {
                (latest, text) = (began, detection.Text[..dash]);
            }
        }

        return text;
    }

    private static void DecodeTrigger(in Tree.Part trigger, in DecodeInput input, DecodedMessage into) =>
        Add(
            trigger["camera"].Text, $"{trigger["event_id"].Text}/{trigger["name"].Text}", TypeOf(Word(trigger["name"].Text)), EventState.Start, trigger["timestamp"].Text, trigger["score"].Number, [],
            input, into);

    /// <summary>The label that a trigger's name begins with, as in car_trigger.</summary>
    private static string Word(string name) => Labels.Keys.FirstOrDefault(label => name.StartsWith(label + "_", StringComparison.OrdinalIgnoreCase)) ?? "other";

    private static void DecodeUpdate(in Tree.Part update, DecodedMessage into)
    {
        var type = update["type"].Text switch { "face" => "face", "lpr" => "licence_plate", _ => null };
        if (type is null || update["camera"].Text is not { Length: > 0 } camera)
        {
            // Descriptions and classes only say more of an object that was told already.
            return;
        }

        Add(camera, $"{update["id"].Text}/{update["type"].Text}", type, EventState.Start, update["timestamp"].Text, update["score"].Number, [], default, into);
    }

    private static void Add(
        string camera, string id, string type, EventState state, string seconds, double? confidence, ImmutableArray<double> box, in DecodeInput input, DecodedMessage into)
    {
        if (camera is not { Length: > 0 and <= 200 } || id is not { Length: > 0 and <= 128 })
        {
            into.Refuse(RejectionReason.Malformed, "there is no camera, or no id");
            return;
        }

        ref var item = ref into.AddItem(ItemKind.Event, camera.AsMemory());
        (item.EventId, item.EventType, item.EventState, item.Box) = (id, type, state, box);
        item.Confidence = confidence is >= 0 and <= 1 ? confidence : null;
        item.At = Numbers.Parse(seconds) is { } number ? DeviceTimes.FromEpoch(number) : null;
        item.BadTime = seconds.Length > 0 && item.At is null ? seconds[..Math.Min(seconds.Length, 64)] : null;
    }

    private static EventState? StateOf(string kind, DecodedMessage into)
    {
        switch (kind)
        {
            case "new":
                return EventState.Start;
            case "update":
                return EventState.Update;
            case "end":
                return EventState.End;
            case "genai":
                return null;
            default:
                into.Refuse(RejectionReason.Unsupported, "the type is none of new, update and end");
                return null;
        }
    }

    private static string TypeOf(string label)
    {
        var plain = label.EndsWith("-verified", StringComparison.Ordinal) ? label[..^9] : label;
        return Labels.TryGetValue(plain, out var type) ? type : CameraEvents.OwnWord(plain);
    }

    /// <summary>Newer versions give shares of the picture as x, y, width, height; pixels without the size of the picture say nothing.</summary>
    private static ImmutableArray<double> BoxOf(in Tree.Part data)
    {
        Span<double?> sides = stackalloc double?[4];
        var count = 0;
        foreach (var side in data.All("box"))
        {
            if (count == 4)
            {
                return [];
            }

            sides[count++] = side.Number;
        }

        return count == 4 ? CameraEvents.Box(sides[0], sides[1], sides[2], sides[3]) : [];
    }

    private static void DecodeOfCamera(string camera, ReadOnlySpan<string> rest, in DecodeInput input, DecodedMessage into)
    {
        if (camera.Length is 0 or > 200 || input.Payload.Length > 64 || rest[^1] is "snapshot" or "set" or "state")
        {
            return;
        }

        var text = Encoding.UTF8.GetString(input.Payload).Trim();
        switch (rest)
        {
            case ["motion"]:
                AddSwitch(camera, "motion", "motion", text, input, into);
                break;
            case ["audio", "dBFS" or "rms" or "transcription"]:
                AddNumber(camera, rest[1], text, into);
                break;
            case ["audio", var label] when label != "all":
                AddSwitch(camera, "sound", label, text, input, into);
                break;
            case ["status", "detect"] when text is "online" or "offline":
                ref var status = ref into.AddItem(ItemKind.Status, camera.AsMemory());
                status.Online = text == "online";
                break;
            case ["status" or "audio" or "ptz" or "ptz_autotracker" or "classification" or "review_status", ..] or ["enabled" or "detect" or "recordings" or "snapshots" or "birdseye_mode" or "motion_threshold" or "motion_contour_area"]:
                break;
            case [var label]:
                AddNumber(camera, label, text, into);
                break;
            case [var label, "active"]:
                AddNumber(camera, label + ".active", text, into);
                break;
            default:
                break;
        }
    }

    private static void AddNumber(string camera, string name, string text, DecodedMessage into)
    {
        if (Numbers.Parse(text) is { } number && name.Length is > 0 and <= 100)
        {
            into.AddItem(ItemKind.Reading, camera.AsMemory());
            into.AddValue(name, number);
        }
    }

    private static void AddSwitch(string camera, string type, string rule, string text, in DecodeInput input, DecodedMessage into)
    {
        if (text.ToUpperInvariant() is "ON" or "OFF")
        {
            CameraEvents.TryAdd(new(camera, type, rule, DeviceTime.None, text.Equals("ON", StringComparison.OrdinalIgnoreCase) ? Phase.Active : Phase.Inactive, Holds: true), input, into);
        }
    }

    private static void AddStatus(string prefix, in DecodeInput input, DecodedMessage into)
    {
        var text = Encoding.UTF8.GetString(input.Payload[..Math.Min(input.Payload.Length, 64)]).Trim().ToUpperInvariant();
        if (text is "ONLINE" or "OFFLINE" or "STOPPED")
        {
            ref var item = ref into.AddItem(ItemKind.Status, prefix.AsMemory());
            item.Online = text == "ONLINE";
        }
        else if (text.Length > 0)
        {
            into.Refuse(RejectionReason.Unsupported, "the availability is none of online, stopped and offline");
        }
    }
}
