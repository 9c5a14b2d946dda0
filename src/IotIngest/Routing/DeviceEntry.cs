using System.Text;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Routing;

/// <summary>How one decoded name of a device becomes a reading.</summary>
internal sealed class QuantityEntry
{
    private readonly byte[] from;

    private QuantityEntry(string from, QuantityId id, string unit, string? fromUnit, double scale, double offset, double min, double max, bool isDeclared)
    {
        this.from = Encoding.UTF8.GetBytes(from);
        (Id, Unit, FromUnit, Scale, Offset, Min, Max, IsDeclared) = (id, unit, fromUnit, scale, offset, min, max, isDeclared);
    }

    public QuantityId Id { get; }
    public string Unit { get; }
    public string? FromUnit { get; }
    public double Scale { get; }
    public double Offset { get; }
    public double Min { get; }
    public double Max { get; }

    /// <summary>The device's document names it; false: the name was found in the vocabulary.</summary>
    public bool IsDeclared { get; }

    public bool Is(ReadOnlySpan<byte> name) => name.SequenceEqual(from);

    /// <summary>As the device declares it; the vocabulary fills in what is not said. A kind outside the vocabulary has the range that the device gives.</summary>
    public static QuantityEntry Declared(DeviceQuantity declared)
    {
        var kind = QuantityKinds.Find(declared.Name);
        return new(
            declared.From ?? declared.Name.Value, declared.Name, kind?.Unit ?? declared.Unit, declared.FromUnit, declared.Scale, declared.Offset,
            declared.Min ?? kind?.Min ?? double.NegativeInfinity, declared.Max ?? kind?.Max ?? double.PositiveInfinity, isDeclared: true);
    }

    /// <summary>A kind of the vocabulary that comes under its own name, in its own unit; the range is the device's where it declares one.</summary>
    public static QuantityEntry Known(QuantityKind kind, DeviceQuantity? declared) =>
        new(kind.Id.Value, kind.Id, kind.Unit, null, 1, 0, declared?.Min ?? kind.Min, declared?.Max ?? kind.Max, isDeclared: false);
}

/// <summary>A registered device as ingest needs it. Replaced whole when the registry changes.</summary>
internal sealed class DeviceEntry
{
    private readonly Lock growing = new();
    private QuantityEntry[] quantities;

    public DeviceEntry(DeviceRegistration registration)
    {
        Registration = registration;
        quantities = [.. registration.Quantities.Select(QuantityEntry.Declared)];
    }

    public DeviceRegistration Registration { get; }
    public DeviceId Id => Registration.Id;
    public AreaId Street => Registration.Street;

    /// <summary>Where the device's batches gather; set by the lanes on first use.</summary>
    public Batching.StreetLane? Lane { get; set; }

    /// <summary>The last message's own time was more than 5 min from ours; the next right one is then told too.</summary>
    public bool ClockIsWrong { get; set; }

    /// <summary>Every quantity that the name feeds, by declaration; a name that no declaration knows is looked up in the vocabulary and kept.</summary>
    public ReadOnlySpan<QuantityEntry> Quantities => Volatile.Read(ref quantities);

    /// <summary>The unit in which readings of that kind are kept.</summary>
    public string UnitOf(QuantityId id)
    {
        foreach (var quantity in Quantities)
        {
            if (quantity.Id == id)
            {
                return quantity.Unit;
            }
        }

        return QuantityKinds.Find(id)?.Unit ?? string.Empty;
    }

    /// <summary>Null when the vocabulary does not know the name either.</summary>
    public QuantityEntry? Learn(string name)
    {
        var kind = QuantityKinds.Find(new QuantityId(name));
        if (kind is null)
        {
            return null;
        }

        lock (growing)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            var known = Array.Find(quantities, quantity => quantity.Is(utf8));
            if (known is null)
            {
                known = QuantityEntry.Known(kind, Registration.Quantities.FirstOrDefault(quantity => quantity.Name == kind.Id));
                Volatile.Write(ref quantities, [.. quantities, known]);
            }

            return known;
        }
    }
}
