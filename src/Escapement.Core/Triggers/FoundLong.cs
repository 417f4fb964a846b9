namespace Escapement.Triggers;

/// <summary>The last answer of a trigger that took many looks: it settles every question from where the search began up to the fire time that it found.</summary>
/// <remarks>A trigger that others are made of is asked over and over for the same distant fire time, or for one that never comes. Immutable: threads that search at once replace it by another right answer.</remarks>
sealed record FoundLong(DateTimeOffset From, DateTimeOffset? Next)
{
    // What takes fewer is as quick to search as to remember.
    const int Many = 100;

    /// <summary>Whether the answer is that to a question.</summary>
    public bool Answers(DateTimeOffset from) => from >= From && !(Next < from);

    /// <summary>Returns the answer to keep after a search.</summary>
    /// <param name="before">The answer kept until now.</param>
    /// <param name="from">Where the search began.</param>
    /// <param name="next">What it found.</param>
    /// <param name="used">How many looks it took.</param>
    /// <param name="left">How many looks were left: a search without any is cut short, and its answer holds for nobody else.</param>
    public static FoundLong? After(FoundLong? before, DateTimeOffset from, DateTimeOffset? next, int used, int left) =>
        used < Many || left <= 0 ? before : new(from, next);
}
