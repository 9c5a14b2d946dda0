namespace CommandCenter.Grains.Rules;

/// <summary>How far a position lies on the side that the rule speaks of, in metres.</summary>
internal sealed class FenceMeasure(GeofenceParameters parameters, Fence fence, bool needsMetres)
{
    // Enter and exit: it was on the other side before.
    private bool _cameFromOther;

    /// <summary>At or above 0: on that side. Negative infinity: not, whatever the deadband.</summary>
    public double Take(double longitude, double latitude, double? speedKmh)
    {
        var inside = fence.Holds(longitude, latitude);
        var wanted = parameters.Side is FenceSide.Inside or FenceSide.Enter;
        var on = inside == wanted;
        if (parameters.Side is FenceSide.Enter or FenceSide.Exit)
        {
            _cameFromOther |= !on;
            if (!_cameFromOther)
            {
                return double.NegativeInfinity;
            }
        }

        if ((parameters.MinSpeedKmh is { } least && (speedKmh is not { } fast || fast < least)) || (parameters.MaxSpeedKmh is { } most && (speedKmh is not { } slow || slow > most)))
        {
            return double.NegativeInfinity;
        }

        if (!needsMetres)
        {
            return on ? 0 : double.NegativeInfinity;
        }

        var metres = Math.Abs(fence.DistanceM(longitude, latitude));
        return on ? metres : Math.Min(-metres, -double.Epsilon);
    }

    public void Write(BinaryWriter writer) => writer.Write(_cameFromOther);

    public void Read(BinaryReader reader) => _cameFromOther = reader.ReadBoolean();
}
