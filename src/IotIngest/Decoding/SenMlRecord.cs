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

    /// <summary>A number; NaN for a text or bytes that are none.</summary>
    public double? Value;
    public double? Sum;
    public double? Time;

    /// <summary>A field whose name ends in "_" must be understood, and this one is not.</summary>
    public string? NotUnderstood;
}
