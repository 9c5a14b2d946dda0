namespace CommandCenter.Grains.Dispatching;

/// <summary>The dispatching room (configuration section <c>Dispatching</c>).</summary>
public sealed class DispatchingOptions
{
    /// <summary>Whether plans may issue by themselves for the colours they name, default true; false: every dispatch waits for a click.</summary>
    public bool AutomaticDispatch { get; set; } = true;

    /// <summary>Most cameras that are looked at for the nearest ones, default 5,000.</summary>
    public int CamerasMax { get; set; } = 5_000;
}
