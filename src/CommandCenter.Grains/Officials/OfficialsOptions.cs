namespace CommandCenter.Grains.Officials;

/// <summary>Official warnings (configuration section <c>Officials</c>).</summary>
public sealed class OfficialsOptions
{
    /// <summary>How long a warning holds whose issuer names no end, 1 to 720 h; default 24 h from its sending.</summary>
    public int DefaultHours { get; set; } = 24;

    /// <summary>A folder from which CAP documents (<c>*.xml</c>, <c>*.cap</c>) are taken; what was taken moves to <c>taken</c> in it, what was refused to <c>refused</c> with the reason beside it. Null: none.</summary>
    public string? Folder { get; set; }

    /// <summary>How often the folder is looked through, 1 to 3,600 s; default 5.</summary>
    public int FolderSeconds { get; set; } = 5;

    /// <summary>Who we are in our own documents: nine digits of GB/T 2260 and GB/T 4657 and the inner and extension codes, 14 digits in all.</summary>
    public string SenderCode { get; set; } = "32040499900000";
}
