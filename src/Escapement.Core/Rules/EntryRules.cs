using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The rules of ledger entries.</summary>
static class EntryRules
{
    /// <summary>Merges two adjoining entries with the same reason and cause. Returns null if the entries cannot be
    /// merged.</summary>
    /// <param name="trigger">The job's trigger.</param>
    /// <param name="earlier">The newest entry of the job. Nothing was written for the job since.</param>
    /// <param name="later">The new entry.</param>
    /// <param name="search">The trigger search.</param>
    public static Entry? TryMerge(Trigger trigger, Entry earlier, Entry later, TriggerSearch search)
    {
        if (earlier.Reason != later.Reason || earlier.Cause != later.Cause || later.First <= earlier.Last) return null;
        return search.Next(trigger, earlier.Last.JustAfter()) == later.First ? later with { First = earlier.First } : null;
    }
}
