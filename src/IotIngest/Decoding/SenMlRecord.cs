namespace IotIngest.Decoding;

/// <summary>One record of a SenML pack as it stands there, whatever it was written in. Null: the field is missing.</summary>
internal record struct SenMlRecord
{
    public string? BaseName;
    public double? BaseTime;
    public string? BaseUnit;
    public double? BaseValue;
    public double? BaseSum;
    public double? BaseVersion;
    public string? Name;
    public string? Unit;

    /// <summary>The number <c>v</c>, to which the base value is added.</summary>
    public double? Value;

    /// <summary>A switch, or NaN for a text or bytes that are no number.</summary>
    public double? OtherValue;
    public double? Sum;
    public double? Time;

    /// <summary>A field whose name ends in "_" must be understood, and this one is not.</summary>
    public string? NotUnderstood;

    /// <summary>It has at least one field of SenML.</summary>
    public readonly bool IsRecord =>
        BaseName is not null || BaseTime is not null || BaseUnit is not null || BaseValue is not null || BaseSum is not null || BaseVersion is not null || Name is not null || Unit is not null
        || Value is not null || OtherValue is not null || Sum is not null || Time is not null;
}
