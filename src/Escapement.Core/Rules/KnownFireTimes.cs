namespace Escapement.Rules;

/// <summary>Fire times of one trigger that were found outside of the store's transaction. An answer holds for every question that it settles, and not only for the one that was asked.</summary>
sealed class KnownFireTimes
{
    readonly List<(DateTimeOffset From, DateTimeOffset? Next)> nexts;
    readonly List<(DateTimeOffset Before, DateTimeOffset? Previous)> previous;

    /// <param name="known">Fire times that are known already; null for none.</param>
    public KnownFireTimes(KnownFireTimes? known = null) =>
        (nexts, previous, StopsAt) = ([.. known?.nexts ?? []], [.. known?.previous ?? []], known?.StopsAt);

    /// <summary>The fire time at which a rule that looks at one after the other stops; null where it need not.</summary>
    public DateTimeOffset? StopsAt { get; set; }

    public void AddNext(DateTimeOffset from, DateTimeOffset? next) => nexts.Add((from, next));

    public void AddPrevious(DateTimeOffset before, DateTimeOffset? found) => previous.Add((before, found));

    public bool TryNext(DateTimeOffset from, out DateTimeOffset? next)
    {
        foreach (var known in nexts)
        {
            if (from < known.From || known.Next < from) continue;
            next = known.Next;
            return true;
        }

        next = null;
        return false;
    }

    public bool TryPrevious(DateTimeOffset before, out DateTimeOffset? found)
    {
        foreach (var known in previous)
        {
            if (before > known.Before || known.Previous >= before) continue;
            found = known.Previous;
            return true;
        }

        found = null;
        return false;
    }
}
