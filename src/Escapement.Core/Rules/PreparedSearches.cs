using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The first fire times needed by a change, searched before the transaction and used inside.</summary>
/// <remarks>
/// A result is valid for the same trigger, or the same version of the stored job. If the clock has passed the result,
/// the trigger is
/// searched again. A slow trigger keeps the passed result: the job fires from the time of the request, and the claim
/// judges the delay.
/// </remarks>
sealed class PreparedSearches
{
    // A change that creates a new trigger object in each call never finds its prepared result.
    const int Tries = 3;

    readonly List<(Trigger Trigger, long? Version, DateTimeOffset From, DateTimeOffset? Next)> made = [];
    bool prepared;
    int failed;

    /// <summary>Drops all results. From here on, searches run outside of a transaction.</summary>
    public void Begin()
    {
        made.Clear();
        prepared = false;
    }

    /// <summary>Limits the searches from here on.</summary>
    public void End() => prepared = true;

    /// <summary>Returns the first fire time of a new trigger from an instant on, or null if there is none.</summary>
    /// <exception cref="SearchTooLongException">The search takes too long and was not prepared for this
    /// trigger.</exception>
    public DateTimeOffset? Next(Trigger trigger, DateTimeOffset from) => Next(trigger, null, from);

    /// <summary>Returns the first fire time of a stored job's trigger from an instant on, or null if there is
    /// none.</summary>
    /// <exception cref="SearchTooLongException">The search takes too long and was not prepared for this version of the
    /// job.</exception>
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
