using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Incidents;

/// <summary>Whether a new source tells of an occurrence that is already open: same class group (the caller looked there), near enough, soon enough, both drill or both not.</summary>
internal static class MergeRule
{
    /// <summary>The nearest open incident that fits, or null. Without a position on either side nothing merges: a person can still do it.</summary>
    public static IncidentView? Choose(IEnumerable<IncidentView> open, double? longitude, double? latitude, DateTimeOffset at, bool drill, IncidentsOptions options)
    {
        if (longitude is not { } sourceLongitude || latitude is not { } sourceLatitude)
        {
            return null;
        }

        return open
            .Where(incident => incident.IsOpen && incident.Drill == drill && (at - incident.LastSourceAt).Duration() <= TimeSpan.FromMinutes(options.MergeMinutes))
            .Where(incident => incident.Reports.Length + incident.Warnings.Length < options.SourcesMax)
            .Select(incident => (Incident: incident, DistanceM: incident is { Longitude: { } placeLongitude, Latitude: { } placeLatitude }
                ? CoordinateSystems.DistanceM(sourceLongitude, sourceLatitude, placeLongitude, placeLatitude)
                : double.PositiveInfinity))
            .Where(candidate => candidate.DistanceM <= options.MergeDistanceM)
            .OrderBy(candidate => candidate.DistanceM)
            .ThenByDescending(candidate => candidate.Incident.LastSourceAt)
            .ThenBy(candidate => candidate.Incident.Id.Value, StringComparer.Ordinal)
            .Select(candidate => candidate.Incident)
            .FirstOrDefault();
    }
}
