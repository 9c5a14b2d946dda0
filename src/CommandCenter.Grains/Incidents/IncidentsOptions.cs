namespace CommandCenter.Grains.Incidents;

/// <summary>The incident room (configuration section <c>Incidents</c>).</summary>
public sealed class IncidentsOptions
{
    /// <summary>How often one command is decided again when another writer was faster, default 5; then it is answered as unavailable.</summary>
    public int ConflictRetriesMax { get; set; } = 5;

    /// <summary>A source within this many metres of an open incident of its class group joins it, default 100.</summary>
    public int MergeDistanceM { get; set; } = 100;

    /// <summary>A source within this many minutes of the incident's newest source joins it, default 30.</summary>
    public int MergeMinutes { get; set; } = 30;

    /// <summary>How far back open incidents are looked at for merging, days, default 30.</summary>
    public int MergeLookBackDays { get; set; } = 30;

    /// <summary>Most reports and warnings that one incident takes, default 500; then a new incident opens.</summary>
    public int SourcesMax { get; set; } = 500;
}
