using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>Decides a single due job: all trigger searches, without regard to other jobs.</summary>
/// <remarks>A plan reuses the object for all jobs, so that a claim allocates nothing here.</remarks>
sealed class DueJob
{
    readonly List<(Entry Entry, Entry? Replaces)> entries = [];

    /// <summary>The job.</summary>
    public StoredJob Stored { get; private set; } = null!;

    /// <summary>The state after an expired pause of the job.</summary>
    public JobState State { get; private set; }

    /// <summary>The decision about the fire times.</summary>
    public Decision Decision { get; private set; }

    /// <summary>The entries to write, with the stored entry replaced by each, or null.</summary>
    public IReadOnlyList<(Entry Entry, Entry? Replaces)> Entries => entries;

    /// <summary>The start time of <see cref="Rules.Decision.Run"/>, including its jitter.</summary>
    public DateTimeOffset Start { get; private set; }

    /// <summary>The fire time of <see cref="Rules.Decision.Run"/> in the trigger's zone.</summary>
    public DateTimeOffset FireTime { get; private set; }

    /// <summary>The pause of the job's tag or executor that follows the expired pause, or null.</summary>
    public PauseRecord? Follows { get; private set; }

    /// <summary>Decides a job. If <see cref="Rules.Decision.Lookups"/> is not empty, the decision is
    /// incomplete.</summary>
    /// <param name="stored">A job with a trigger and a watermark, not ended. Any pause of the job has expired.</param>
    /// <param name="state">The job's state, including earlier decisions of the claim.</param>
    /// <param name="change">The new change counter of the job.</param>
    /// <param name="lastEntry">The job's newest entry if nothing was written for the job since, or null.</param>
    /// <param name="context">The context of the claim.</param>
    /// <param name="ran">The fire times that ran.</param>
    /// <param name="search">The trigger search.</param>
    /// <param name="scopes">The pauses of tags and executors.</param>
    /// <param name="hasHandler">False if the claiming program does not know the job's handler.</param>
    public void Think(StoredJob stored, JobState state, long change, Entry? lastEntry, ClaimContext context, RanTimes ran,
        TriggerSearch search, IReadOnlyList<ScopedPause> scopes, bool hasHandler = true)
    {
        entries.Clear();
        (Stored, Follows) = (stored, null);
        var pause = default(Decision);
        if (stored.Paused is { } mark)
        {
            pause = Decide.PauseOver(stored.Job, state, mark, context, search);
            state = state.WithNext(pause.Next);
            if (pause.Next is not null)
                Follows = ScopedPauses.MarkOf(stored.Job, scopes, null, mark.Until!.Value.ToWholeMicros(), context.Now);
        }

        State = state;
        Decision = Follows is not null || state.NextFireTime is not { } next || next > context.Now
            ? new() { Next = state.NextFireTime }
            : hasHandler
                ? Decide.Due(stored, state, context, ran, search)
                : UnknownHandler.Due(stored, state, context, search);
        if (Decision.Lookups.Count > 0) return;
        if (Decision.Run is { } run) (Start, FireTime) = (Jitter.StartOf(stored.Job, run), stored.Job.Trigger!.Zone.ToZone(run));
        foreach (var skipped in pause.Skipped) Add(skipped, change, ref lastEntry, search);
        foreach (var skipped in Decision.Skipped) Add(skipped, change, ref lastEntry, search);
    }

    /// <summary>Adds an entry, or merges the entry into the previous entry.</summary>
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
        // An entry of this claim is not stored yet.
        else if (entries is [.., var planned] && ReferenceEquals(planned.Entry, last)) entries[^1] = planned with { Entry = merged };
        else entries.Add((merged, last));
        last = merged ?? entry;
    }
}
