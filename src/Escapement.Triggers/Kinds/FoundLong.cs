namespace Escapement.Triggers;

/// <summary>A trigger whose searches may ask many parts.</summary>
interface ISearched
{
    /// <summary>
    /// Searches the first fire time at or after an instant. Returns null also if the budget is used up.
    /// </summary>
    DateTimeOffset? Search(DateTimeOffset from, ref int budget);
}

/// <summary>
/// Remembers the answer of a long search. The answer holds for every question from the start of the search up to the
/// found fire time.
/// </summary>
/// <remarks>
/// A trigger that is part of others is asked repeatedly for the same distant fire time, or for a fire time that never
/// comes. Immutable: threads that search at the same time replace the answer by another right answer.
/// </remarks>
sealed record FoundLong(DateTimeOffset From, DateTimeOffset? Next)
{
    // A shorter search is as fast as a lookup of its answer.
    const int Many = 100;

    /// <summary>
    /// Returns the first fire time at or after an instant. Searches only if the last answer does not cover the
    /// question.
    /// </summary>
    /// <param name="trigger">The trigger.</param>
    /// <param name="found">The answer that the trigger keeps.</param>
    /// <param name="from">The first instant to consider.</param>
    /// <param name="budget">
    /// The number of parts that may still be asked. A search that uses up the budget is cut short, and its answer is
    /// not kept.
    /// </param>
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
