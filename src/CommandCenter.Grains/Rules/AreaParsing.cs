using System.Collections.Immutable;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>The parameters of counts and composites, and <c>inhibits</c>, from their JSON. docs/rules.md shows the forms; every complaint names its field.</summary>
internal static class AreaParsing
{
    /// <summary>Tags that name what a device hangs on or stands in, as <c>switch:sw-1</c>.</summary>
    public static readonly ImmutableArray<string> Tags = ["building", "gateway", "switch", "power"];

    /// <summary>Divides the name of a rule from the number of a condition written in it; no rule may have it in its name.</summary>
    public const char Inner = '~';

    private const double MetresMax = 20_000;
    private const double MinutesMax = 24 * 60;
    private const int DepthMax = 8;

    private static readonly string[] Colours = ["blue", "yellow", "orange", "red"];

    /// <summary>True for a condition written inside a rule: it is judged, and raises nothing by itself.</summary>
    public static bool IsInner(RuleId rule) => rule.Value.Contains(Inner);

    /// <summary>The plan of a count or composite; null when something is wrong, and then it has been said.</summary>
    public static AreaPlan? Read(RuleId rule, int version, RuleKind kind, JsonElement root, RuleSelect select, ImmutableArray<RuleLevel> levels, Action<string, string> complain)
    {
        if (!root.TryGetProperty("parameters", out var parameters) || parameters.ValueKind != JsonValueKind.Object)
        {
            complain("parameters", "is needed");
            return null;
        }

        var reading = new Reading(rule, version, select, complain);
        var plan = kind == RuleKind.Count ? reading.Count(parameters, root, levels) : reading.Composite(parameters, levels);
        return reading.Wrong ? null : plan;
    }

    /// <summary>What the rule holds back; empty when it holds back nothing.</summary>
    public static ImmutableArray<Inhibits> ReadInhibits(JsonElement root, Action<string, string> complain)
    {
        if (!root.TryGetProperty("inhibits", out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        var items = given.ValueKind == JsonValueKind.Array ? given.EnumerateArray().ToArray() : [given];
        var found = ImmutableArray.CreateBuilder<Inhibits>();
        for (var i = 0; i < items.Length; i++)
        {
            var path = given.ValueKind == JsonValueKind.Array ? $"inhibits[{i}]" : "inhibits";
            if (new Reading(default, 0, new(), complain).Inhibits(items[i], path) is { } one)
            {
                found.Add(one);
            }
        }

        return found.ToImmutable();
    }

    private sealed class Reading(RuleId rule, int version, RuleSelect ruleSelect, Action<string, string> complain)
    {
        private readonly ImmutableArray<AreaLeaf>.Builder _leaves = ImmutableArray.CreateBuilder<AreaLeaf>();
        private bool _asksSilence;
        private (AreaPer Per, string Tag) _per;
        private AreaScope _scope;
        private double _metres;

        // The number of the leaf that begins the expression of a further colour: it is asked of the subject itself, as the very first.
        private int _begins = -1;

        public bool Wrong { get; private set; }

        public AreaPlan Count(JsonElement given, JsonElement root, ImmutableArray<RuleLevel> levels)
        {
            Known(given, ["of", "measure", "per", "scope", "withinMetres", "withinMinutes", "minPopulation"], "parameters.");
            Common(given);
            var measure = Word(given, "measure", "devices", ["devices", "percent", "streets"], "parameters.measure") switch
            {
                "percent" => AreaMeasure.Percent, "streets" => AreaMeasure.Streets, _ => AreaMeasure.Devices,
            };
            if (measure == AreaMeasure.Streets && _per.Per is not (AreaPer.District or AreaPer.Overlay))
            {
                Complain("parameters.measure", "streets are counted per district or overlay");
            }

            if (measure == AreaMeasure.Percent && _per.Per == AreaPer.Place)
            {
                Complain("parameters.measure", "percent needs a fixed set: per street, overlay, district or tag");
            }

            if (_per.Per == AreaPer.Place && _metres <= 0)
            {
                Complain("parameters.withinMetres", "is needed per place");
            }

            var relation = _per.Per switch
            {
                AreaPer.Street => AreaRelation.Street, AreaPer.Overlay => AreaRelation.Overlay, AreaPer.District => AreaRelation.District,
                AreaPer.Tag => AreaRelation.Tag, _ => AreaRelation.Place,
            };
            if (!given.TryGetProperty("of", out var of) || of.ValueKind != JsonValueKind.Object)
            {
                Complain("parameters.of", "must be {\"rule\",\"atLeast\"} or {\"condition\"}");
            }
            else
            {
                Known(of, ["rule", "atLeast", "condition"], "parameters.of.");
                Leaf(of, "parameters.of", relation, _per.Tag, Minutes(given, "parameters.withinMinutes"), _metres, 1, ruleSelect, negated: false);
            }

            Values(root, levels, measure);
            return new()
            {
                Per = _per.Per, Tag = _per.Tag, Scope = _scope, Measure = measure, WithinMetres = _metres, Leaves = _leaves.ToImmutable(),
                MinPopulation = (int)Number(given, "minPopulation", measure == AreaMeasure.Percent ? 5 : 0, 0, 1_000_000, "parameters.minPopulation"),
                AsksSilence = measure == AreaMeasure.Percent,
            };
        }

        public AreaPlan Composite(JsonElement given, ImmutableArray<RuleLevel> levels)
        {
            Known(given, ["when", "per", "scope", "withinMetres"], "parameters.");
            Common(given);
            var when = ImmutableArray.CreateBuilder<AreaExpression>();
            if (!given.TryGetProperty("when", out var expression) || expression.ValueKind != JsonValueKind.Object)
            {
                Complain("parameters.when", "must be an expression: all, any, not, rule or condition");
            }
            else if (expression.EnumerateObject().Any(part => Colours.Contains(part.Name)))
            {
                Known(expression, Colours, "parameters.when.");
                foreach (var level in levels)
                {
                    var colour = Lower(level.Colour);
                    if (expression.TryGetProperty(colour, out var own))
                    {
                        _begins = _leaves.Count;
                        when.Add(Expression(own, "parameters.when." + colour, 0));
                    }
                    else
                    {
                        Complain("parameters.when." + colour, "is needed: levels names the colour");
                    }
                }
            }
            else
            {
                var one = Expression(expression, "parameters.when", 0);
                when.AddRange(levels.Select(_ => one));
            }

            if (_leaves.Count > 0 && _per.Per == AreaPer.Place && _leaves[0].Same != AreaRelation.Subject)
            {
                Complain("parameters.when", "the first rule named is the one whose devices are the subjects; it takes no \"same\"");
            }

            var radius = _metres > 0 ? _metres : _leaves.Select(leaf => leaf.WithinMetres).DefaultIfEmpty(0).Max();
            return new()
            {
                Per = _per.Per, Tag = _per.Tag, Scope = _scope, WithinMetres = radius, Leaves = _leaves.ToImmutable(), When = when.ToImmutable(), AsksSilence = _asksSilence,
            };
        }

        public Inhibits? Inhibits(JsonElement given, string path)
        {
            if (given.ValueKind != JsonValueKind.Object)
            {
                Complain(path, "must be an object {\"rules\",\"kinds\",\"same\",\"withinMetres\",\"atLeast\"}");
                return null;
            }

            Known(given, ["rules", "kinds", "same", "withinMetres", "atLeast"], path + ".");
            var rules = Texts(given, "rules", path + ".rules");
            var kinds = Texts(given, "kinds", path + ".kinds");
            if (rules.IsEmpty && kinds.IsEmpty)
            {
                Complain(path, "rules or kinds must say what is held back");
            }

            var same = Word(given, "same", string.Empty, ["subject", "street", "place", .. Tags], path + ".same");
            if (same.Length == 0 && !Wrong)
            {
                Complain(path + ".same", "is needed");
            }

            var metres = Number(given, "withinMetres", 0, 0, MetresMax, path + ".withinMetres");
            if (same == "place" && metres <= 0)
            {
                Complain(path + ".withinMetres", "is needed with \"same\":\"place\"");
            }

            return Wrong ? null : new()
            {
                Rules = rules, Kinds = kinds, AtLeast = ColourOf(given, "atLeast", path + ".atLeast"), WithinMetres = metres,
                Same = same switch { "subject" => AreaRelation.Subject, "street" => AreaRelation.Street, "place" => AreaRelation.Place, _ => AreaRelation.Tag },
                Tag = Tags.Contains(same) ? same : string.Empty,
            };
        }

        private void Common(JsonElement given)
        {
            var per = Word(given, "per", "street", ["street", "overlay", "district", "place", .. Tags], "parameters.per");
            _per = per switch
            {
                "street" => (AreaPer.Street, string.Empty), "overlay" => (AreaPer.Overlay, string.Empty), "district" => (AreaPer.District, string.Empty),
                "place" => (AreaPer.Place, string.Empty), _ => (AreaPer.Tag, per),
            };
            var wide = _per.Per is AreaPer.District or AreaPer.Overlay;
            var scope = Word(given, "scope", wide ? "district" : "street", ["street", "district"], "parameters.scope");
            if (wide && scope == "street")
            {
                Complain("parameters.scope", $"per {per} is judged in the district");
            }

            _scope = scope == "district" ? AreaScope.District : AreaScope.Street;
            _metres = Number(given, "withinMetres", 0, 0, MetresMax, "parameters.withinMetres");
        }

        private AreaExpression Expression(JsonElement given, string path, int depth, bool negated = false)
        {
            var nothing = new AreaAll([]);
            if (given.ValueKind != JsonValueKind.Object)
            {
                Complain(path, "must be an object: all, any, not, rule or condition");
                return nothing;
            }

            if (depth > DepthMax)
            {
                Complain(path, $"is nested more than {DepthMax} deep");
                return nothing;
            }

            foreach (var word in (string[])["all", "any"])
            {
                if (given.TryGetProperty(word, out var list))
                {
                    Known(given, [word], path + ".");
                    if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
                    {
                        Complain($"{path}.{word}", "must be a list of expressions");
                        return nothing;
                    }

                    ImmutableArray<AreaExpression> parts = [.. list.EnumerateArray().Select((part, index) => Expression(part, $"{path}.{word}[{index}]", depth + 1, negated))];
                    return word == "all" ? new AreaAll(parts) : new AreaAny(parts);
                }
            }

            if (given.TryGetProperty("not", out var of))
            {
                Known(given, ["not"], path + ".");
                if (_leaves.Count == 0)
                {
                    Complain(path + ".not", "cannot come first: the first rule named says what begins it");
                }

                _asksSilence = true;
                return new AreaNot(Expression(of, path + ".not", depth + 1, !negated));
            }

            Known(given, ["rule", "atLeast", "condition", "select", "count", "same", "withinMetres", "withinMinutes"], path + ".");
            var (same, tag) = Same(given, path);
            if (negated && _scope == AreaScope.District && same is not (AreaRelation.Street or AreaRelation.Overlay or AreaRelation.District))
            {
                Complain(path + ".same", "what lies near and is not so can be asked only in the street: \"scope\":\"street\"");
            }

            var metres = Number(given, "withinMetres", _metres, 0, MetresMax, path + ".withinMetres");
            if (same == AreaRelation.Place && metres <= 0)
            {
                Complain(path + ".withinMetres", "is needed with \"same\":\"place\"");
            }

            var select = given.TryGetProperty("select", out var own) && own.ValueKind == JsonValueKind.Object ? Select(own, path + ".select.") : ruleSelect;
            return new AreaIs(Leaf(given, path, same, tag, Minutes(given, path + ".withinMinutes"), metres, (int)Number(given, "count", 1, 1, 100_000, path + ".count"), select, negated));
        }

        private (AreaRelation Same, string Tag) Same(JsonElement given, string path)
        {
            var first = _leaves.Count == 0 || _leaves.Count == _begins;
            var (usual, allowed) = _per.Per switch
            {
                AreaPer.Street => ("street", (string[])["street", "district"]),
                AreaPer.Overlay => ("overlay", ["overlay", "district"]),
                AreaPer.District => ("district", ["district"]),
                AreaPer.Tag => (_per.Tag, [_per.Tag, _scope == AreaScope.Street ? "street" : "district"]),
                _ => (first ? "subject" : "place", _leaves.Count == 0 ? ["subject"] : ["subject", "place", "street", "district", .. Tags]),
            };
            var same = Word(given, "same", usual, allowed, path + ".same");
            if (same == "district" && _scope == AreaScope.Street)
            {
                Complain(path + ".same", "the whole district is known only there: \"scope\":\"district\"");
            }

            return same switch
            {
                "street" => (AreaRelation.Street, string.Empty), "overlay" => (AreaRelation.Overlay, string.Empty), "district" => (AreaRelation.District, string.Empty),
                "subject" => (AreaRelation.Subject, string.Empty), "place" => (AreaRelation.Place, string.Empty), _ => (AreaRelation.Tag, same),
            };
        }

        private int Leaf(JsonElement given, string path, AreaRelation same, string tag, long withinMs, double metres, int count, RuleSelect select, bool negated)
        {
            var index = _leaves.Count;
            if (index >= AreaPlan.LeavesMax)
            {
                Complain(path, $"more than {AreaPlan.LeavesMax} rules are named");
                return 0;
            }

            var named = Text(given, "rule", path + ".rule");
            var written = given.TryGetProperty("condition", out var condition) && condition.ValueKind != JsonValueKind.Null;
            RuleDefinition? inner = null;
            if (named is null == !written)
            {
                Complain(path, "exactly one of rule and condition is needed");
            }
            else if (written)
            {
                inner = Condition(condition, $"{path}.condition", index, select);
            }
            else if (named == rule.Value)
            {
                Complain(path + ".rule", "a rule cannot look at itself");
            }

            _leaves.Add(new()
            {
                Index = index, Source = inner?.Id ?? new(named ?? string.Empty), Condition = inner, AtLeast = ColourOf(given, "atLeast", path + ".atLeast"),
                Select = inner is null ? select : inner.Select, WithinMs = withinMs, WithinMetres = metres, Same = same, Tag = tag, Count = count,
                Negated = negated,
            });
            return index;
        }

        private RuleDefinition? Condition(JsonElement given, string path, int index, RuleSelect select)
        {
            if (given.ValueKind != JsonValueKind.Object)
            {
                Complain(path, "must be an object as a rule document: kind, quantity, when, levels …");
                return null;
            }

            if (Text(given, "kind", path + ".kind") is "count" or "composite")
            {
                Complain(path + ".kind", "must be a kind that judges one device");
                return null;
            }

            var parsed = RuleParsing.Parse(new($"{rule.Value}{Inner}{index}"), given.GetRawText(), version);
            foreach (var (field, messages) in parsed.Errors)
            {
                Complain($"{path}.{field}", messages[0]);
            }

            var own = given.TryGetProperty("select", out var selected) && selected.ValueKind == JsonValueKind.Object;
            return parsed.Rule is { } condition ? condition with { Select = own ? condition.Select : select, ManualClear = false } : null;
        }

        private void Values(JsonElement root, ImmutableArray<RuleLevel> levels, AreaMeasure measure)
        {
            var before = 0.0;
            foreach (var level in levels)
            {
                var colour = Lower(level.Colour);
                var path = $"levels.{colour}.value";
                if (!root.GetProperty("levels").GetProperty(colour).TryGetProperty("value", out var value) || value.ValueKind != JsonValueKind.Number)
                {
                    Complain(path, "is needed");
                }
                else if (measure == AreaMeasure.Percent ? level.Value is <= 0 or > 100 : level.Value < 1 || level.Value != Math.Floor(level.Value))
                {
                    Complain(path, measure == AreaMeasure.Percent ? "must be above 0 and at most 100 %" : "must be a whole number from 1");
                }
                else if (level.Value < before)
                {
                    Complain(path, "must not be less than that of a lesser colour");
                }

                before = level.Value;
            }
        }

        private RuleSelect Select(JsonElement given, string path)
        {
            Known(given, ["kinds", "tags", "notTags", "areas", "devices"], path);
            return new()
            {
                Kinds = Texts(given, "kinds", path + "kinds"), Tags = Texts(given, "tags", path + "tags"), NotTags = Texts(given, "notTags", path + "notTags"),
                Areas = Texts(given, "areas", path + "areas"), Devices = Texts(given, "devices", path + "devices"),
            };
        }

        private long Minutes(JsonElement given, string path) => (long)Math.Round(Number(given, "withinMinutes", 0, 0, MinutesMax, path) * 60_000);

        private Colour ColourOf(JsonElement given, string field, string path) => (Colour)(Array.IndexOf(Colours, Word(given, field, "blue", Colours, path)) + 1);

        private void Complain(string field, string message)
        {
            Wrong = true;
            complain(field, message);
        }

        private void Known(JsonElement given, string[] fields, string path)
        {
            foreach (var property in given.EnumerateObject())
            {
                if (!fields.Contains(property.Name))
                {
                    Complain(path + property.Name, "unknown field");
                }
            }
        }

        private string? Text(JsonElement given, string field, string path)
        {
            if (!given.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 64 } text)
            {
                return text;
            }

            Complain(path, "must be a text of 1 to 64 characters");
            return null;
        }

        private ImmutableArray<string> Texts(JsonElement given, string field, string path)
        {
            if (!given.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return [];
            }

            if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            {
                return [.. value.EnumerateArray().Select(item => item.GetString()!)];
            }

            Complain(path, "must be a list of texts");
            return [];
        }

        private string Word(JsonElement given, string field, string usual, string[] words, string path)
        {
            if (!given.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return usual;
            }

            if (value.ValueKind == JsonValueKind.String && words.Contains(value.GetString()))
            {
                return value.GetString()!;
            }

            Complain(path, "must be one of " + string.Join(", ", words));
            return usual;
        }

        private double Number(JsonElement given, string field, double usual, double min, double max, string path)
        {
            if (!given.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return usual;
            }

            if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= min && number <= max)
            {
                return number;
            }

            Complain(path, FormattableString.Invariant($"must be a number from {min} to {max}"));
            return usual;
        }

        private static string Lower(Colour colour) => Colours[(int)colour - 1];
    }
}
