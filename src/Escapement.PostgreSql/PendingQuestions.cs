namespace Escapement.PostgreSql;

/// <summary>The questions of other processes that are not answered yet. Any role of the database may send questions, so that the
/// number of questions is limited.</summary>
sealed class PendingQuestions
{
    /// <summary>The maximum number of questions. Further questions get no answer.</summary>
    public const int Max = 64;

    readonly HashSet<(long From, long Number)> pending = [];

    /// <summary>Adds a question.</summary>
    /// <returns>True for the first question since <see cref="Take"/>.</returns>
    public bool Add(long from, long number)
    {
        lock (pending) return pending.Count < Max && pending.Add((from, number)) && pending.Count == 1;
    }

    /// <summary>Returns and removes all questions.</summary>
    public (long From, long Number)[] Take()
    {
        lock (pending)
        {
            (long From, long Number)[] taken = [.. pending];
            pending.Clear();
            return taken;
        }
    }
}
