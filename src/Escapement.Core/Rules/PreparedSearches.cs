using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The first fire times that a change asks its triggers for: asked before the transaction, and used in it.</summary>
/// <remarks>
/// An answer holds for the same trigger, or the same version of the stored job. If the clock has passed the answer, the trigger is asked anew; one that takes long to ask keeps the
/// answer all the same: it fires from when the change was asked for, and the claim judges how late that is.
/// </remarks>
sealed class PreparedSearches
{
    // A change that makes another trigger each time it is asked never finds its answer again.
    const int Tries = 3;

    readonly List<(Trigger Trigger, long? Version, DateTimeOffset From, DateTimeOffset? Next)> made = [];
    bool prepared;
    int failed;

    /// <summary>Forgets all answers: what is asked from now on is asked outside of a transaction.</summary>
    public void Begin()
    {
        made.Clear();
        prepared = false;
    }

    /// <summary>From now on a trigger is asked within bounds.</summary>
    public void End() => prepared = true;

    /// <summary>Returns the first fire time of a new trigger from an instant on.</summary>
    /// <exception cref="SearchTooLongException">The change was prepared, but not for this trigger, which takes long to ask.</exception>
    public DateTimeOffset? Next(Trigger trigger, DateTimeOffset from) => Next(trigger, null, from);

    /// <summary>Returns the first fire time of a stored job's trigger from an instant on.</summary>
    /// <exception cref="SearchTooLongException">The change was prepared, but not for this version, whose trigger takes long to ask.</exception>
    public DateTimeOffset? Next(StoredJob stored, DateTimeOffset from) => Next(stored.Job.Trigger!, stored.Version, from);

    DateTimeOffset? Next(Trigger trigger, long? version, DateTimeOffset from)
    {
        DateTimeOffset? passed = null;
        foreach (var known in made)
        {
            var same = ReferenceEquals(known.Trigger, trigger) || (version is not null && known.Version == version);
            if (!same || from < known.From) continue;
            if (!(known.Next < from)) return known.Next;
            passed = known.Next;
        }

        var budget = prepared ? TriggerSearch.MaxOfJob : Trigger.MaxSearch;
        var next = trigger.Next(from, ref budget);
        if (prepared && budget <= 0)
        {
            if (passed is not null) return passed;
            if (++failed < Tries) throw new SearchTooLongException();
            next = trigger.Next(from);
        }

        made.Add((trigger, version, from, next));
        return next;
    }
}
