using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Incidents;

/// <summary>Whether a new source tells of an occurrence that is already open: same class group (the caller looked there), near enough, soon enough, both drill or both not.</summary>
internal static class MergeRule
{
    /// <summary>A little less than a degree of latitude measures, so that what is put aside by it alone is surely too far.</summary>
    private const double MetresPerDegreeAtLeast = 110_000;

    /// <summary>The nearest open incident that fits, or null. Without a position on either side nothing merges: a person can still do it.</summary>
    public static IncidentView? Choose(IEnumerable<IncidentView> open, double? longitude, double? latitude, DateTimeOffset at, bool drill, IncidentsOptions options)
    {
        if (longitude is not { } sourceLongitude || latitude is not { } sourceLatitude)
        {
            return null;
        }

        (IncidentView Incident, double DistanceM)? best = null;
        var latitudeReach = options.MergeDistanceM / MetresPerDegreeAtLeast;
        foreach (var incident in open)
        {
            if (!incident.IsOpen || incident.Drill != drill || (at - incident.LastSourceAt).Duration() > TimeSpan.FromMinutes(options.MergeMinutes)
                || incident.Reports.Length + incident.Warnings.Length >= options.SourcesMax
                || incident is not { Longitude: { } placeLongitude, Latitude: { } placeLatitude }
                || Math.Abs(placeLatitude - sourceLatitude) > latitudeReach)
            {
                continue;
            }

            var distanceM = CoordinateSystems.DistanceM(sourceLongitude, sourceLatitude, placeLongitude, placeLatitude);
            if (distanceM <= options.MergeDistanceM && (best is not { } known || IsBefore((incident, distanceM), known)))
            {
                best = (incident, distanceM);
            }
        }

        return best?.Incident;
    }

    private static bool IsBefore((IncidentView Incident, double DistanceM) one, (IncidentView Incident, double DistanceM) other) =>
        one.DistanceM != other.DistanceM ? one.DistanceM < other.DistanceM
        : one.Incident.LastSourceAt != other.Incident.LastSourceAt ? one.Incident.LastSourceAt > other.Incident.LastSourceAt
        : string.CompareOrdinal(one.Incident.Id.Value, other.Incident.Id.Value) < 0;
}
