namespace Escapement.Triggers;

/// <summary>A time zone as a sorted list of the transitions of its offset: wall time to instant and back by binary search.</summary>
public sealed class ZoneClock
{
    /// <summary>The IANA name.</summary>
    public string Name { get; } = "UTC";
}
