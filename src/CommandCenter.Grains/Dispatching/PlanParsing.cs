using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Dispatching;

/// <summary>A plan document to a plan, or what is wrong with it, field by field.</summary>
internal static class PlanParsing
{
    private const int TasksMax = 100;
    private const int TextLengthMax = 500;
    private const int MinutesMax = 60 * 24 * 30;
    private const int DocumentLengthMax = 200_000;

    public static Outcome<Plan> Parse(PlanId id, int version, string document)
    {
        if (document.Length > DocumentLengthMax)
        {
            return Outcome.Invalid<Plan>("document", $"最多 {DocumentLengthMax} 字。");
        }

        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = 16 });
        }
        catch (JsonException wrong)
        {
            return Outcome.Invalid<Plan>("document", $"不是有效的 JSON:第 {wrong.LineNumber + 1} 行。");
        }

        using (json)
        {
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? new Reader().ReadPlan(id, version, json.RootElement)
                : Outcome.Invalid<Plan>("document", "须为 JSON 对象。");
        }
    }

    /// <summary>Reads members and collects what is wrong, so that one answer names every field.</summary>
    private sealed class Reader
    {
        private readonly Dictionary<string, List<string>> errors = new(StringComparer.Ordinal);

        public Outcome<Plan> ReadPlan(PlanId id, int version, JsonElement root)
        {
            if (root.TryGetProperty("id", out var named) && (named.ValueKind != JsonValueKind.String || named.GetString() != id.Value))
            {
                Wrong("id", $"须为 {id}。");
            }

            var trigger = Member(root, "trigger", JsonValueKind.Object);
            var plan = new Plan
            {
                Id = id,
                Version = version,
                Name = Name(root),
                Rules = Texts(trigger, "rules", "trigger.rules"),
                Colours = Colours(trigger, "colours", "trigger.colours"),
                Classes = [.. Texts(trigger, "classes", "trigger.classes").Select(Class)],
                DefaultResponseLevel = Number(root, "defaultResponseLevel", "defaultResponseLevel", 1, 4) ?? 4,
                ResponseLevels = ByColour(root, "responseLevels", (value, path) => value.TryGetInt32(out var level) && level is >= 1 and <= 4 ? level : Bad(path, "为 1 至 4。", 4)),
                Commander = Text(root, "commander", "commander", required: false),
                Confirm = ByColour(root, "confirm", (value, path) => value.ValueKind == JsonValueKind.String && value.GetString() is "auto" or "one_click"
                    ? value.GetString() == "auto" ? Confirmation.Auto : Confirmation.OneClick
                    : Bad(path, "为 auto 或 one_click。", Confirmation.OneClick)),
                Tasks = Tasks(root),
                Escalation = Escalation(root),
                Notices = Notices(root),
                RadiusM = Number(root, "radiusM", "radiusM", 0, 50_000) ?? 100,
                EndCondition = Text(root, "endCondition", "endCondition", required: false),
            };

            return errors.Count == 0
                ? Outcome.Of(plan)
                : Outcome.Invalid<Plan>(errors.ToImmutableDictionary(error => error.Key, error => error.Value.ToImmutableArray(), StringComparer.Ordinal));
        }

        private string Name(JsonElement root)
        {
            if (root.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.Object)
            {
                return Text(name, "zh", "name.zh", required: true);
            }

            return Text(root, "name", "name", required: true);
        }

        private ImmutableArray<PlanTask> Tasks(JsonElement root)
        {
            var rows = Items(root, "tasks", "tasks");
            if (rows.Length is 0 or > TasksMax)
            {
                Wrong("tasks", $"须有 1 至 {TasksMax} 项任务。");
            }

            var tasks = ImmutableArray.CreateBuilder<PlanTask>();
            foreach (var (row, index) in rows.Take(TasksMax).Select((row, index) => (row, index)))
            {
                var path = $"tasks[{index}]";
                if (row.ValueKind != JsonValueKind.Object)
                {
                    Wrong(path, "须为对象。");
                    continue;
                }

                var limits = Member(row, "limits", JsonValueKind.Object);
                var key = Text(row, "key", $"{path}.key", required: true);
                if (key.Any(letter => !(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')))
                {
                    // The key is part of the task's id, in which the dot parts incident, key and round.
                    Wrong($"{path}.key", "只能用字母、数字、- 和 _。");
                }

                if (tasks.Any(known => known.Key == key))
                {
                    Wrong($"{path}.key", $"{key} 重复。");
                }

                tasks.Add(new PlanTask(
                    key,
                    Text(row, "role", $"{path}.role", required: true),
                    Text(row, "action", $"{path}.action", required: true),
                    Number(row, "group", $"{path}.group", 1, 99) ?? 1,
                    Flag(row, "mandatory", $"{path}.mandatory") ?? true,
                    new TaskLimits(
                        Number(limits, "acceptMinutes", $"{path}.limits.acceptMinutes", 0, MinutesMax),
                        Number(limits, "arriveMinutes", $"{path}.limits.arriveMinutes", 0, MinutesMax),
                        Number(limits, "handleMinutes", $"{path}.limits.handleMinutes", 0, MinutesMax)),
                    Colours(row, "colours", $"{path}.colours")));
            }

            return tasks.ToImmutable();
        }

        private PlanEscalation Escalation(JsonElement root)
        {
            var escalation = Member(root, "escalation", JsonValueKind.Object);
            var accept = Member(escalation, "accept", JsonValueKind.Object);
            var arrive = Member(escalation, "arrive", JsonValueKind.Object);
            var handle = Member(escalation, "handle", JsonValueKind.Object);
            return new PlanEscalation(
                Or(Text(accept, "to", "escalation.accept.to", required: false), "{unit}负责人"),
                Number(accept, "thenMinutes", "escalation.accept.thenMinutes", 0, MinutesMax) ?? 5,
                Or(Text(accept, "thenTo", "escalation.accept.thenTo", required: false), "分管领导"),
                Or(Text(arrive, "to", "escalation.arrive.to", required: false), "{unit}负责人"),
                Or(Text(handle, "to", "escalation.handle.to", required: false), "{unit}负责人"),
                Flag(handle, "raiseLevel", "escalation.handle.raiseLevel") ?? false);
        }

        private ImmutableArray<PlanNotice> Notices(JsonElement root) =>
        [
            .. Items(root, "notices", "notices").Select((row, index) => new PlanNotice(
                Text(row, "recipient", $"notices[{index}].recipient", required: true),
                Channel(row, index),
                Text(row, "template", $"notices[{index}].template", required: true))),
        ];

        private string Channel(JsonElement row, int index)
        {
            var channel = Text(row, "channel", $"notices[{index}].channel", required: true);
            if (channel is not ("" or "in_app" or "sms" or "phone"))
            {
                Wrong($"notices[{index}].channel", "为 in_app、sms 或 phone。");
            }

            return channel;
        }

        private ClassCode Class(string code)
        {
            if (IncidentClasses.Find(new ClassCode(code)) is null)
            {
                Wrong("trigger.classes", $"没有类别 {code}。");
            }

            return new ClassCode(code);
        }

        private ImmutableArray<Colour> Colours(JsonElement parent, string name, string path)
        {
            var colours = ImmutableArray.CreateBuilder<Colour>();
            foreach (var word in Texts(parent, name, path))
            {
                if (ToColour(word) is { } colour)
                {
                    colours.Add(colour);
                }
                else
                {
                    Wrong(path, $"没有颜色 {word}:为 blue、yellow、orange 或 red。");
                }
            }

            return colours.ToImmutable();
        }

        private ImmutableDictionary<Colour, T> ByColour<T>(JsonElement root, string name, Func<JsonElement, string, T> read)
        {
            var values = ImmutableDictionary.CreateBuilder<Colour, T>();
            var parent = Member(root, name, JsonValueKind.Object);
            if (parent.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in parent.EnumerateObject())
                {
                    if (ToColour(member.Name) is { } colour)
                    {
                        values[colour] = read(member.Value, $"{name}.{member.Name}");
                    }
                    else
                    {
                        Wrong($"{name}.{member.Name}", "没有这个颜色。");
                    }
                }
            }

            return values.ToImmutable();
        }

        private static Colour? ToColour(string word) => word switch
        {
            "blue" => Colour.Blue, "yellow" => Colour.Yellow, "orange" => Colour.Orange, "red" => Colour.Red, _ => null,
        };

        private JsonElement Member(JsonElement parent, string name, JsonValueKind kind)
        {
            if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            {
                return default;
            }

            if (member.ValueKind != kind)
            {
                Wrong(name, "类型不对。");
                return default;
            }

            return member;
        }

        private ImmutableArray<JsonElement> Items(JsonElement parent, string name, string path)
        {
            if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            {
                return [];
            }

            if (member.ValueKind != JsonValueKind.Array)
            {
                Wrong(path, "须为数组。");
                return [];
            }

            return [.. member.EnumerateArray()];
        }

        private ImmutableArray<string> Texts(JsonElement parent, string name, string path)
        {
            var items = Items(parent, name, path);
            if (items.Any(item => item.ValueKind != JsonValueKind.String))
            {
                Wrong(path, "须为文字数组。");
                return [];
            }

            return [.. items.Select(item => item.GetString()!)];
        }

        private string Text(JsonElement parent, string name, string path, bool required)
        {
            if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            {
                if (required)
                {
                    Wrong(path, "必填。");
                }

                return string.Empty;
            }

            if (member.ValueKind != JsonValueKind.String)
            {
                Wrong(path, "须为文字。");
                return string.Empty;
            }

            var text = member.GetString()!;
            if ((required && string.IsNullOrWhiteSpace(text)) || text.Length > TextLengthMax)
            {
                Wrong(path, string.Create(CultureInfo.InvariantCulture, $"必填,最多 {TextLengthMax} 字。"));
            }

            return text;
        }

        private int? Number(JsonElement parent, string name, string path, int min, int max)
        {
            if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            if (member.ValueKind == JsonValueKind.Number && member.TryGetInt32(out var number) && number >= min && number <= max)
            {
                return number;
            }

            Wrong(path, string.Create(CultureInfo.InvariantCulture, $"须为 {min} 至 {max} 的整数。"));
            return null;
        }

        private bool? Flag(JsonElement parent, string name, string path)
        {
            if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            if (member.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                return member.GetBoolean();
            }

            Wrong(path, "须为 true 或 false。");
            return null;
        }

        private static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;

        private T Bad<T>(string path, string message, T otherwise)
        {
            Wrong(path, message);
            return otherwise;
        }

        private void Wrong(string path, string message)
        {
            if (!errors.TryGetValue(path, out var messages))
            {
                errors[path] = messages = [];
            }

            messages.Add(message);
        }
    }
}
