namespace Escapement.Rules;

/// <summary>Which of the fire times that a rule asked about have a run already.</summary>
/// <remarks>Data that the store reads ahead, and no callback: a store beyond a network answers all of them in one round trip.</remarks>
public readonly struct RanTimes
{
    readonly IReadOnlyList<long>? sorted;

    /// <summary>Creates the answer to <see cref="ClaimPlan.Lookups"/>.</summary>
    /// <param name="sorted">The fire times that have a run, waiting runs included, in microseconds and in ascending order.</param>
    public RanTimes(IReadOnlyList<long> sorted) => this.sorted = sorted;

    /// <summary>The value before anything was read: a rule that needs the answer decides nothing and says what it needs.</summary>
    public static RanTimes Unread => default;

    /// <summary>Whether the answer was read.</summary>
    public bool WasRead => sorted is not null;

    internal bool Contains(long fireTime)
    {
        var (low, high) = (0, sorted!.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (sorted[middle] == fireTime) return true;
            if (sorted[middle] < fireTime) low = middle + 1;
            else high = middle - 1;
        }

        return false;
    }
}
