using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>Asks the trigger of a job for a claim. Inside the store's transaction it asks a bounded number of parts; what takes more is asked outside of it: <see cref="SlowJob"/>.</summary>
sealed class TriggerSearch
{
    /// <summary>The most parts that a claim asks of one job's trigger: a millisecond or two, where each part is a date that seldom comes.</summary>
    public const int MaxOfJob = 1_000;

    /// <summary>The most parts that a claim asks of all triggers; one job more may have begun.</summary>
    public const int MaxOfClaim = 4_000;

    /// <summary>Asks whatever it takes and keeps nothing.</summary>
    public static TriggerSearch Unbounded { get; } = new();

    int? most;
    KnownFireTimes? known;

    /// <summary>How many parts were asked.</summary>
    public int Asked { get; private set; }

    /// <summary>Asks whatever it takes, and adds the answers to those that are known.</summary>
    public static TriggerSearch Into(KnownFireTimes known) => new() { known = known };

    /// <summary>Begins a search within a claim.</summary>
    /// <param name="found">Fire times that are known already; null where none are.</param>
    public void Begin(KnownFireTimes? found) => (most, known, Asked) = (MaxOfJob, found, 0);

    /// <summary>Returns the first fire time at or after an instant; null when there is none.</summary>
    /// <exception cref="SearchTooLongException">More parts would have to be asked than may be.</exception>
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

    /// <summary>Returns the last fire time strictly before an instant; null when there is none.</summary>
    /// <exception cref="SearchTooLongException">More parts would have to be asked than may be.</exception>
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

    /// <summary>Whether a rule that looks at one fire time after the other stops at this one and leaves it to the next claim.</summary>
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
