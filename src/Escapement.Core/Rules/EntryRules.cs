using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The rules of entries.</summary>
static class EntryRules
{
    /// <summary>Returns the one entry of two that adjoin and have one reason and one cause; null where they do not.</summary>
    /// <param name="trigger">The trigger whose fire times both hold.</param>
    /// <param name="earlier">The newest entry of the job, after which nothing was written of the job.</param>
    /// <param name="later">The entry to be written.</param>
    /// <param name="search">How the trigger is asked.</param>
    public static Entry? TryMerge(Trigger trigger, Entry earlier, Entry later, TriggerSearch search)
    {
        if (earlier.Reason != later.Reason || earlier.Cause != later.Cause || later.First <= earlier.Last) return null;
        return search.Next(trigger, earlier.Last.JustAfter()) == later.First ? later with { First = earlier.First } : null;
    }
}
