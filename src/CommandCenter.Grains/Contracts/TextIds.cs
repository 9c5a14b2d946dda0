using System.Text.Json;
using System.Text.Json.Serialization;

namespace CommandCenter.Grains.Contracts;

/// <summary>An identity that is a text. Equal texts are equal identities; comparison is ordinal.</summary>
public interface ITextId<TSelf>
    where TSelf : struct, ITextId<TSelf>
{
    /// <summary>The text, as it stands in documents, topics and addresses.</summary>
    string Value { get; }

    /// <summary>Makes the identity from its text.</summary>
    static abstract TSelf From(string value);
}

/// <summary>A registered device: letters, digits, <c>-_.:</c>, 1 to 64 characters; unique in the district.</summary>
[GenerateSerializer, Immutable, Alias("DeviceId"), JsonConverter(typeof(TextIdConverter<DeviceId>))]
public readonly record struct DeviceId([property: Id(0)] string Value) : ITextId<DeviceId>
{
    public static DeviceId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>An area: the district (6 digits, GB/T 2260), a street (9 digits, GB/T 10114) or an overlay such as 经开区 <c>320404400</c>.</summary>
[GenerateSerializer, Immutable, Alias("AreaId"), JsonConverter(typeof(TextIdConverter<AreaId>))]
public readonly record struct AreaId([property: Id(0)] string Value) : ITextId<AreaId>
{
    /// <summary>The area of everything that lies in no street of the district (区外). It has a street grain of its own.</summary>
    public static readonly AreaId Outside = new("outside");

    /// <summary>True for the district itself, which holds the warnings over several streets.</summary>
    public bool IsDistrict => Value.Length == 6;

    public static AreaId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>A quantity kind of the vocabulary, such as <c>water_depth</c>.</summary>
[GenerateSerializer, Immutable, Alias("QuantityId"), JsonConverter(typeof(TextIdConverter<QuantityId>))]
public readonly record struct QuantityId([property: Id(0)] string Value) : ITextId<QuantityId>
{
    public static QuantityId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>An event type of the vocabulary, such as <c>fire_smoke</c>.</summary>
[GenerateSerializer, Immutable, Alias("EventTypeId"), JsonConverter(typeof(TextIdConverter<EventTypeId>))]
public readonly record struct EventTypeId([property: Id(0)] string Value) : ITextId<EventTypeId>
{
    public static EventTypeId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>A class of incident: <c>SJ-</c> or <c>BJ-</c>, major class, minor class (domain table 3.1), such as <c>SJ-04-06</c>.</summary>
[GenerateSerializer, Immutable, Alias("ClassCode"), JsonConverter(typeof(TextIdConverter<ClassCode>))]
public readonly record struct ClassCode([property: Id(0)] string Value) : ITextId<ClassCode>
{
    public static ClassCode From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>A monitoring rule, such as <c>R01</c>. The version is separate.</summary>
[GenerateSerializer, Immutable, Alias("RuleId"), JsonConverter(typeof(TextIdConverter<RuleId>))]
public readonly record struct RuleId([property: Id(0)] string Value) : ITextId<RuleId>
{
    public static RuleId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>A warning, derived from (rule, subject, onset) and so the same after redelivery or restart.</summary>
[GenerateSerializer, Immutable, Alias("WarningId"), JsonConverter(typeof(TextIdConverter<WarningId>))]
public readonly record struct WarningId([property: Id(0)] string Value) : ITextId<WarningId>
{
    public static WarningId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>An incident, derived from its first source.</summary>
[GenerateSerializer, Immutable, Alias("IncidentId"), JsonConverter(typeof(TextIdConverter<IncidentId>))]
public readonly record struct IncidentId([property: Id(0)] string Value) : ITextId<IncidentId>
{
    public static IncidentId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>A task of an incident: <c>{incident}.{plan task key}.{round}</c>, so that the incident can be read from it.</summary>
[GenerateSerializer, Immutable, Alias("TaskId"), JsonConverter(typeof(TextIdConverter<TaskId>))]
public readonly record struct TaskId([property: Id(0)] string Value) : ITextId<TaskId>
{
    /// <summary>The incident that owns the task: the text before the first dot.</summary>
    [JsonIgnore]
    public IncidentId Incident => new(Value.Split('.')[0]);

    public static TaskId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>One dispatch: incident, plan version, response level and round.</summary>
[GenerateSerializer, Immutable, Alias("DispatchId"), JsonConverter(typeof(TextIdConverter<DispatchId>))]
public readonly record struct DispatchId([property: Id(0)] string Value) : ITextId<DispatchId>
{
    public static DispatchId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>A contingency plan (预案), such as <c>P01</c>. The version is separate.</summary>
[GenerateSerializer, Immutable, Alias("PlanId"), JsonConverter(typeof(TextIdConverter<PlanId>))]
public readonly record struct PlanId([property: Id(0)] string Value) : ITextId<PlanId>
{
    public static PlanId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>A response unit: a team that can be sent.</summary>
[GenerateSerializer, Immutable, Alias("ResponseUnitId"), JsonConverter(typeof(TextIdConverter<ResponseUnitId>))]
public readonly record struct ResponseUnitId([property: Id(0)] string Value) : ITextId<ResponseUnitId>
{
    public static ResponseUnitId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>Writes an identity as its plain text, also as a property name.</summary>
public sealed class TextIdConverter<TId> : JsonConverter<TId>
    where TId : struct, ITextId<TId>
{
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TId.From(reader.GetString() ?? throw new JsonException("An identity must be a text."));

    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.Value);
    }

    public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TId.From(reader.GetString() ?? string.Empty);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, TId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.Value);
    }
}
