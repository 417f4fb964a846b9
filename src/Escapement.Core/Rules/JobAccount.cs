using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The account of one job's fire times while the job is changed: what the change may know, and what it makes of them.</summary>
/// <param name="now">The store's clock, read inside the transaction.</param>
/// <param name="ran">Whether a fire time has a run already, waiting ones too; asked only for those not later than the last claimed one.</param>
public sealed class JobAccount(DateTimeOffset now, Predicate<DateTimeOffset> ran)
{
    readonly List<Entry> entries = [];

    /// <summary>When the change is made.</summary>
    public DateTimeOffset Now => now;

    /// <summary>Whether a fire time has a run already.</summary>
    internal Predicate<DateTimeOffset> Ran => ran;

    /// <summary>What became of fire times that the change passes over. Written after <see cref="Forgotten"/> was taken back.</summary>
    public IReadOnlyList<Entry> Entries => entries;

    /// <summary>From where on what is written of the job's fire times is taken back, by the trigger that they are of: they will be due once more, or never are. Runs stay. Null for nothing.</summary>
    public (Trigger Trigger, DateTimeOffset From)? Forgotten { get; private set; }

    internal void Add(Entry? entry)
    {
        if (entry is not null) entries.Add(entry);
    }

    /// <summary>Takes back what is written of fire times from an instant on, also by this change.</summary>
    internal void Forget(Trigger? trigger, DateTimeOffset from)
    {
        if (trigger is null || from >= Forgotten?.From) return;
        var forgotten = (Trigger: Forgotten?.Trigger ?? trigger, From: from);
        Forgotten = forgotten;
        List<Entry> kept = [.. entries.Select(entry => Decide.Before(forgotten.Trigger, entry, from)).OfType<Entry>()];
        entries.Clear();
        entries.AddRange(kept);
    }
}
