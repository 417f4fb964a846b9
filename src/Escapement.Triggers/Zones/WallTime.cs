namespace Escapement.Triggers;

/// <summary>How often clocks show a wall time.</summary>
public enum WallTimeKind
{
    /// <summary>Once.</summary>
    Unique,

    /// <summary>Never: the clock went forward over it.</summary>
    Skipped,

    /// <summary>Twice: the clock went back over it.</summary>
    Repeated,
}

/// <summary>The instants that belong to a wall time in a zone.</summary>
/// <param name="Kind">How often clocks show it.</param>
/// <param name="First">The only instant; of a repeated time the first pass; for a skipped one the first instant after the gap.</param>
/// <param name="Second">The second pass of a repeated time; else the same as <paramref name="First"/>.</param>
public readonly record struct WallTime(WallTimeKind Kind, DateTimeOffset First, DateTimeOffset Second);
