namespace Escapement.Triggers;

/// <summary>A trigger whose searches may take many looks.</summary>
interface ISearched
{
    /// <summary>Searches the first fire time at or after an instant; null also when no look is left.</summary>
    DateTimeOffset? Search(DateTimeOffset from, ref int budget);
}

/// <summary>The last answer of a trigger that took many looks: it settles every question from where the search began up to the fire time that it found.</summary>
/// <remarks>A trigger that others are made of is asked over and over for the same distant fire time, or for one that never comes. Immutable: threads that search at once replace it by another right answer.</remarks>
sealed record FoundLong(DateTimeOffset From, DateTimeOffset? Next)
{
    // What takes fewer is as quick to search as to remember.
    const int Many = 100;

    /// <summary>Returns the first fire time at or after an instant as a search finds it, and searches only where the last answer does not settle it.</summary>
    /// <param name="trigger">The trigger.</param>
    /// <param name="found">The answer that the trigger keeps.</param>
    /// <param name="from">The instant.</param>
    /// <param name="budget">How many parts may still be asked. A search without any left is cut short, and its answer is not kept.</param>
    public static DateTimeOffset? Find<T>(T trigger, ref FoundLong? found, DateTimeOffset from, ref int budget)
        where T : Trigger, ISearched
    {
        if (found is { } known && from >= known.From && !(known.Next < from))
        {
            budget--;
            return known.Next;
        }

        var before = budget;
        var next = trigger.Search(from, ref budget);
        if (before - budget >= Many && budget > 0) found = new(from, next);
        return next;
    }
}
