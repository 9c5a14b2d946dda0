using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Streets;

namespace CommandCenter.Grains.Rules;

/// <summary>Judges what a street hears by the rules in force. A pure function of readings in order of arrival and of time: no clock, no storage.
/// In the quiet state a reading costs one comparison per plain threshold and allocates nothing. This part: which rules concern which device.</summary>
internal sealed partial class RuleEngine(StreetState street, AreaFences? fences = null)
{
    private const byte Guard = byte.MaxValue;

    // One condition, or one guard, of one rule on one channel of a device.
    private struct Binding
    {
        public double Sign;
        public double Lowest;
        public RulePlan Plan;
        public Watch? Watch;
        public byte Condition;

        /// <summary>As the plan says; here, because it is asked at every reading.</summary>
        public bool Plain;
    }

    private struct DeviceRules
    {
        public DeviceClock Readings;
        public DeviceClock Positions;

        /// <summary>By channel of the device; null until the channel is first heard.</summary>
        public Binding[]?[] Channels;

        /// <summary>Rules over readings that live or remember something here.</summary>
        public Watch[] Measured;
        public Watch[] Fences;
        public Watch[] Events;
        public Watch[] Absences;
        public int Lives;

        /// <summary>Watches that want to be asked at steps of time.</summary>
        public int Steps;
    }

    private readonly HashSet<int> _live = [];
    private readonly Dictionary<string, RulePlan[]> _plansByKind = new(StringComparer.Ordinal);
    private int[] _sweep = [];
    private DeviceRules[] _devices = new DeviceRules[64];
    private ImmutableArray<RulePlan> _plans = [];
    private ImmutableDictionary<RuleId, RuleDefinition> _known = ImmutableDictionary<RuleId, RuleDefinition>.Empty;

    /// <summary>Verdicts since the caller last cleared the list, in order.</summary>
    public List<Verdict> Verdicts { get; } = [];

    /// <summary>Silence counts from here at the earliest: while nobody listened, nobody was absent.</summary>
    public long ListeningSince { get; set; }

    /// <summary>Devices for which time alone may change something.</summary>
    public int LiveCount => _live.Count;

    /// <summary>Puts a new set of rules in force. Holds of unchanged rules go on; those of a changed rule keep their onset; those of a withdrawn rule end.
    /// What an unchanged condition remembers is kept, so that editing a level costs no window.</summary>
    public void PutRules(ImmutableArray<RuleDefinition> rules, long now)
    {
        _known = rules.ToImmutableDictionary(rule => rule.Id);
        var before = _plans.ToDictionary(plan => plan.Rule.Id);
        _plans =
        [
            .. rules.Where(rule => rule.Enabled && RuleKinds.Of(rule.Kind) is { Built: true, Feed: not RuleFeed.Conditions })
                .Select(rule => before.TryGetValue(rule.Id, out var plan) && ReferenceEquals(plan.Rule, rule) ? plan : new RulePlan(rule)),
        ];
        _plansByKind.Clear();
        for (var slot = 0; slot < street.SlotEnd; slot++)
        {
            if (street.Row(slot).Registration is not null)
            {
                Bind(slot, now);
            }
        }
    }

    /// <summary>The device was registered or its registration changed.</summary>
    public void PutDevice(int slot, long now) => Bind(slot, now);

    /// <summary>The device is gone; what lived for it ends. Call before the street forgets it.</summary>
    public void RemoveDevice(int slot, long now)
    {
        if (slot < _devices.Length)
        {
            foreach (var life in LivesOf(slot).ToArray())
            {
                Withdraw(life, now);
            }

            _devices[slot] = default;
            _live.Remove(slot);
        }
    }

    /// <summary>The rule as last put, also when it does not judge; null: there is none.</summary>
    public RuleDefinition? FindRule(RuleId rule) => _known.GetValueOrDefault(rule);

    private long IntervalMs(int slot) => street.Row(slot).Registration!.IntervalSeconds * 1000L;

    private void Bind(int slot, long now)
    {
        if (slot >= _devices.Length)
        {
            Array.Resize(ref _devices, Math.Max(slot + 1, _devices.Length * 2));
        }

        ref var device = ref _devices[slot];
        Watch[] before = device.Channels is null ? [] : [.. device.Measured, .. device.Fences, .. device.Events, .. device.Absences];
        var registration = street.Row(slot).Registration!;
        device.Channels = new Binding[]?[street.Row(slot).ChannelCount];
        device.Measured = [];
        device.Fences = WatchesOf(RuleFeed.Positions, registration);
        device.Events = WatchesOf(RuleFeed.Events, registration);
        device.Absences = WatchesOf(RuleFeed.Silence, registration);
        device.Lives = 0;
        device.Steps = 0;
        _live.Remove(slot);
        foreach (var old in before)
        {
            TakeOver(slot, ref device, old, now);
        }
    }

    // What was known under the old rule or registration goes on under the new one as far as it fits.
    private void TakeOver(int slot, ref DeviceRules device, Watch old, long now)
    {
        var watch = old.Life is null && !old.Remembers ? null : FindWatch(slot, ref device, old.Rule.Id);
        if (watch is null || watch.Rule.Kind != old.Rule.Kind)
        {
            if (old.Life is { } lost)
            {
                Withdraw(lost, now);
            }

            return;
        }

        watch.TakeOver(old, IntervalMs(slot));
        if (old.Life is not { } life)
        {
            return;
        }

        Migrate(life, watch.Rule);
        if (life.Ended)
        {
            Withdraw(life, now);
            return;
        }

        watch.Life = life;
        device.Lives++;
        _live.Add(slot);
    }

    // The levels are matched by colour, so that a hold keeps its onset under the rule's new delays.
    private static void Migrate(RuleLife life, RuleDefinition rule)
    {
        if (ReferenceEquals(life.Rule, rule))
        {
            return;
        }

        var old = life.Rule;
        var levels = new LevelState[rule.Levels.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            var index = Colours.IndexOf(old, rule.Levels[i].Colour);
            if (index < 0)
            {
                continue;
            }

            levels[i] = life.Levels[index];
            levels[i].RaiseDue += rule.Levels[i].OnDelayMs - old.Levels[index].OnDelayMs;
            levels[i].RecoverDue += rule.OffDelayMs - old.OffDelayMs;
        }

        life.Rule = rule;
        life.Levels = levels;
        life.NextDue = 0;
    }

    // The watch of the rule for the device, made when it is a rule over readings; null when the rule does not judge the device.
    private Watch? FindWatch(int slot, ref DeviceRules device, RuleId rule)
    {
        var registration = street.Row(slot).Registration!;
        foreach (var plan in PlansOf(registration.Kind))
        {
            if (plan.Rule.Id != rule)
            {
                continue;
            }

            return plan.Feed switch
            {
                RuleFeed.Readings => plan.Rule.Select.Matches(registration) ? Ensure(slot, ref device, plan) : null,
                RuleFeed.Positions => Array.Find(device.Fences, watch => watch.Plan == plan),
                RuleFeed.Events => Array.Find(device.Events, watch => watch.Plan == plan),
                _ => Array.Find(device.Absences, watch => watch.Plan == plan),
            };
        }

        return null;
    }

    private Watch Ensure(int slot, ref DeviceRules device, RulePlan plan)
    {
        foreach (var known in device.Measured)
        {
            if (known.Plan == plan)
            {
                return known;
            }
        }

        var watch = MakeWatch(plan, street.Row(slot).Registration!)!;
        device.Measured = [.. device.Measured, watch];
        foreach (var bindings in device.Channels)
        {
            Link(bindings, watch);
        }

        if (watch.HasSteps)
        {
            device.Steps++;
            _live.Add(slot);
        }

        return watch;
    }

    private static void Link(Binding[]? bindings, Watch watch)
    {
        for (var i = 0; i < (bindings?.Length ?? 0); i++)
        {
            if (bindings![i].Plan == watch.Plan)
            {
                bindings[i].Watch = watch;
            }
        }
    }

    // Null: the rule names an area that the map does not have.
    private Watch? MakeWatch(RulePlan plan, DeviceRegistration registration)
    {
        var terms = new Term[plan.Rule.Conditions.Length];
        for (var i = 0; i < terms.Length; i++)
        {
            var condition = plan.ConditionOf(i, registration);
            FenceMeasure? fence = null;
            if (condition.Own is GeofenceParameters parameters)
            {
                var shape = parameters.Fence ?? (parameters.Area is { } area ? fences?.Find(area) : null);
                if (shape is null)
                {
                    return null;
                }

                var metres = condition.Deadband > 0 || condition.Recovery is not null || condition.Values.Any(value => value != 0);
                fence = new(parameters, shape, metres);
            }

            terms[i] = new()
            {
                Condition = condition, Levels = plan.LevelsOf(i, registration), Fence = fence, Reference = plan.ReferenceOf(i, registration),
                Measure = RuleKinds.Of(condition.Kind).Measure?.Invoke(condition, registration),
            };
        }

        return new(plan, terms);
    }

    private Watch[] WatchesOf(RuleFeed feed, DeviceRegistration registration)
    {
        List<Watch>? watches = null;
        foreach (var plan in PlansOf(registration.Kind))
        {
            if (plan.Feed == feed && plan.Rule.Select.Matches(registration) && MakeWatch(plan, registration) is { } watch)
            {
                (watches ??= []).Add(watch);
            }
        }

        return watches is null ? [] : [.. watches];
    }

    private Binding[] BindChannel(int slot, ref DeviceRules device, int channel)
    {
        ref readonly var row = ref street.Row(slot);
        var quantity = row.Channels[channel].Quantity;
        var registration = row.Registration!;
        var bindings = new List<Binding>();
        foreach (var plan in PlansOf(registration.Kind))
        {
            if (plan.Feed != RuleFeed.Readings || !plan.Listens(quantity) || !plan.Rule.Select.Matches(registration))
            {
                continue;
            }

            for (var i = 0; i < plan.Rule.Conditions.Length; i++)
            {
                if (plan.ConditionOf(i, registration).Quantity == quantity)
                {
                    var levels = plan.LevelsOf(i, registration);
                    bindings.Add(new() { Plan = plan, Plain = plan.Plain, Condition = (byte)i, Sign = levels.Sign, Lowest = levels.Lowest });
                }
            }

            if (plan.Rule.Guards.Any(guard => guard.Quantity == quantity))
            {
                bindings.Add(new() { Plan = plan, Condition = Guard });
            }
        }

        var bound = bindings.Count == 0 ? [] : bindings.ToArray();
        foreach (var watch in device.Measured)
        {
            Link(bound, watch);
        }

        return bound;
    }

    // The rules that may concern devices of the kind, in the order of the rules.
    private RulePlan[] PlansOf(string kind)
    {
        if (!_plansByKind.TryGetValue(kind, out var plans))
        {
            _plansByKind[kind] = plans = [.. _plans.Where(plan => plan.Rule.Select.Kinds.IsEmpty || plan.Rule.Select.Kinds.Contains(kind))];
        }

        return plans;
    }
}
