using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>Searches the trigger of a job for a claim. Inside the store's transaction, a search is limited. Longer
/// searches run outside: <see cref="SlowJob"/>.</summary>
sealed class TriggerSearch
{
    /// <summary>The search limit for a job in a claim, in calls to trigger parts: 1 to 2 ms for parts with rare
    /// dates.</summary>
    public const int MaxOfJob = 1_000;

    /// <summary>The search limit for all jobs in a claim, in calls to trigger parts. The last job may exceed the
    /// limit.</summary>
    public const int MaxOfClaim = 4_000;

    /// <summary>A search without a limit that stores no results.</summary>
    public static TriggerSearch Unbounded { get; } = new();

    int? most;
    KnownFireTimes? known;

    /// <summary>The number of calls to trigger parts.</summary>
    public int Asked { get; private set; }

    /// <summary>Returns a search without a limit that adds its results to the known fire times.</summary>
    public static TriggerSearch Into(KnownFireTimes known) => new() { known = known };

    /// <summary>Begins a search within a claim.</summary>
    /// <param name="found">The fire times known so far, or null.</param>
    public void Begin(KnownFireTimes? found) => (most, known, Asked) = (MaxOfJob, found, 0);

    /// <summary>Returns the first fire time at or after an instant, or null if there is none.</summary>
    /// <exception cref="SearchTooLongException">The search limit is exceeded.</exception>
    public DateTimeOffset? Next(Trigger trigger, DateTimeOffset from)
    {
        if (known is null && most is null) return trigger.Next(from);
        if (known?.TryNext(from, out var next) == true) return next;
        var budget = Budget;
        next = trigger.Next(from, ref budget);
        Count(budget);
        if (most is null) known!.AddNext(from, next);
        return next;
    }

    /// <summary>Returns the last fire time strictly before an instant, or null if there is none.</summary>
    /// <exception cref="SearchTooLongException">The search limit is exceeded.</exception>
    public DateTimeOffset? Previous(Trigger trigger, DateTimeOffset before)
    {
        if (known is null && most is null) return trigger.Previous(before);
        if (known?.TryPrevious(before, out var previous) == true) return previous;
        var budget = Budget;
        previous = trigger.Previous(before, ref budget);
        Count(budget);
        if (most is null) known!.AddPrevious(before, previous);
        return previous;
    }

    /// <summary>Returns true if a rule that steps through the fire times must stop at this fire time and leave the rest
    /// to the next claim.</summary>
    public bool StopsAt(DateTimeOffset fireTime)
    {
        if (known is null) return false;
        if (most is null && known.StopsAt is null && Asked > Trigger.MaxSearch) known.StopsAt = fireTime;
        return known.StopsAt <= fireTime;
    }

    int Budget => most is { } bound ? bound - Asked : Trigger.MaxSearch;

    void Count(int left)
    {
        Asked += Budget - left;
        if (most is not null && left <= 0) throw new SearchTooLongException();
    }
}
