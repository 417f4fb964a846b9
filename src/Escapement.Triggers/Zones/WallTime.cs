namespace Escapement.Triggers;

/// <summary>The number of times that clocks show a wall time.</summary>
public enum WallTimeKind
{
    /// <summary>Once.</summary>
    Unique,

    /// <summary>Never, because the clock skipped the wall time when going forward.</summary>
    Skipped,

    /// <summary>Twice, because the clock went back.</summary>
    Repeated,
}

/// <summary>The instants that belong to a wall time in a zone.</summary>
/// <param name="Kind">The number of times that clocks show the wall time.</param>
/// <param name="First">
/// The only instant, or the first pass of a repeated time, or the first instant after the gap for a skipped time.
/// </param>
/// <param name="Second">The second pass of a repeated time, otherwise equal to <paramref name="First"/>.</param>
public readonly record struct WallTime(WallTimeKind Kind, DateTimeOffset First, DateTimeOffset Second);
