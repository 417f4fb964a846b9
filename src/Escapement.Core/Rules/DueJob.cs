using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>What becomes of one job that is due: all that asks its trigger, and nothing that concerns other jobs.</summary>
/// <remarks>A plan thinks one job through after the other with the same object, so that a claim allocates nothing for it.</remarks>
sealed class DueJob
{
    readonly List<(Entry Entry, Entry? Replaces)> entries = [];

    /// <summary>The job.</summary>
    public StoredJob Stored { get; private set; } = null!;

    /// <summary>The state after a pause of the job that is over.</summary>
    public JobState State { get; private set; }

    /// <summary>What becomes of the fire times.</summary>
    public Decision Decision { get; private set; }

    /// <summary>The entries to write, and which entry of the store each takes the place of.</summary>
    public IReadOnlyList<(Entry Entry, Entry? Replaces)> Entries => entries;

    /// <summary>When the run of <see cref="Rules.Decision.Run"/> is to start.</summary>
    public DateTimeOffset Start { get; private set; }

    /// <summary>The fire time of <see cref="Rules.Decision.Run"/> in the trigger's zone.</summary>
    public DateTimeOffset FireTime { get; private set; }

    /// <summary>Thinks a job through. Where <see cref="Rules.Decision.Lookups"/> are asked for, the rest is open.</summary>
    /// <param name="stored">A job with a trigger and a watermark, not ended; its pause, if it has one, is over.</param>
    /// <param name="state">The job's state, after what the claim has decided of it before.</param>
    /// <param name="change">The change counter that the claim gives the job.</param>
    /// <param name="lastEntry">The job's newest entry if nothing was written of the job since.</param>
    /// <param name="context">What holds for the whole claim.</param>
    /// <param name="ran">Which fire times ran.</param>
    /// <param name="search">How the trigger is asked.</param>
    public void Think(StoredJob stored, JobState state, long change, Entry? lastEntry, ClaimContext context, RanTimes ran,
        TriggerSearch search)
    {
        entries.Clear();
        Stored = stored;
        var pause = default(Decision);
        if (stored.Paused is { } mark)
        {
            pause = Decide.PauseOver(stored.Job, state, mark, search);
            state = state.WithNext(pause.Next);
        }

        State = state;
        Decision = state.NextFireTime is not { } next || next > context.Now
            ? new() { Next = state.NextFireTime }
            : Decide.Due(stored, state, context, ran, search);
        if (Decision.Lookups.Count > 0) return;
        if (Decision.Run is { } run) (Start, FireTime) = (Jitter.StartOf(stored.Job, run), stored.Job.Trigger!.Zone.ToZone(run));
        foreach (var skipped in pause.Skipped) Add(skipped, change, ref lastEntry, search);
        foreach (var skipped in Decision.Skipped) Add(skipped, change, ref lastEntry, search);
    }

    /// <summary>Adds an entry, or makes it one with the entry before.</summary>
    void Add(in Skipped skipped, long change, ref Entry? last, TriggerSearch search)
    {
        var entry = new Entry
        {
            Job = Stored.Job.Id,
            First = skipped.First,
            Last = skipped.Last,
            Reason = skipped.Reason,
            Cause = skipped.Cause,
            Change = change,
        };
        var merged = last is null ? null : EntryRules.TryMerge(Stored.Job.Trigger!, last, entry, search);
        if (merged is null) entries.Add((entry, null));
        // An entry of this claim is not in the store yet.
        else if (entries is [.., var planned] && ReferenceEquals(planned.Entry, last)) entries[^1] = planned with { Entry = merged };
        else entries.Add((merged, last));
        last = merged ?? entry;
    }
}
