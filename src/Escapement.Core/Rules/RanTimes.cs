using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>The looked-up fire times that already have a run.</summary>
/// <remarks>Data instead of a callback, so that a store behind a network answers all lookups in a single round
/// trip.</remarks>
public readonly struct RanTimes
{
    readonly IReadOnlyList<long>? sorted;

    /// <summary>Creates the result of <see cref="ClaimPlan.Lookups"/>.</summary>
    /// <param name="sorted">The fire times with a run, including waiting runs, in microseconds and in ascending
    /// order.</param>
    public RanTimes(IReadOnlyList<long> sorted) => this.sorted = sorted;

    /// <summary>The value before a lookup. A rule that needs the result decides nothing and returns the
    /// lookups.</summary>
    public static RanTimes Unread => default;

    /// <summary>True if the result was read.</summary>
    public bool WasRead => sorted is not null;

    internal bool Contains(long fireTime)
    {
        var place = Bisection.Leading(sorted!.Count, (sorted, fireTime), static (at, place) => at.sorted[place] < at.fireTime);
        return place < sorted.Count && sorted[place] == fireTime;
    }
}
