using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A due job that a claim skipped because its trigger search takes longer than a claim may hold the
/// store.</summary>
/// <remarks><see cref="Prepare"/> searches the trigger outside of any transaction. The next claim of the same store
/// uses the results, and decides by the state of the job at its own time.</remarks>
public sealed class SlowJob
{
    readonly JobState state;
    readonly Entry? lastEntry;
    readonly ClaimContext context;
    readonly RanTimes ran;
    volatile bool reserved, prepared, replaced;

    internal SlowJob(StoredJob stored, in JobState state, Entry? lastEntry, ClaimContext context, RanTimes ran, SlowJob? before)
    {
        (Stored, this.state, this.lastEntry, this.context, this.ran) = (stored, state, lastEntry, context, ran);
        Known = new(before?.Known);
    }

    /// <summary>The job.</summary>
    public JobId Job => Stored.Job.Id;

    internal StoredJob Stored { get; }

    /// <summary>False if the claiming program does not know the job's handler.</summary>
    internal bool HasHandler { get; init; } = true;

    /// <summary>The pauses of tags and executors as of the claim.</summary>
    internal IReadOnlyList<ScopedPause> Scopes { get; init; } = [];

    /// <summary>The instant of the results. The claim decides the fire times due at this instant, and leaves the rest
    /// to a later claim.</summary>
    internal DateTimeOffset At => context.Now;

    internal KnownFireTimes Known { get; }

    /// <summary>True between <see cref="Reserve"/> and the end of <see cref="Prepare"/>. Claims skip the job during
    /// this time.</summary>
    internal bool IsUnderWay => reserved && !prepared;

    /// <summary>The exception of the trigger as text, or null.</summary>
    internal string? Error { get; private set; }

    /// <summary>True if the results are obsolete: the job was changed, or another node owns the job.</summary>
    internal bool IsReplaced => replaced;

    /// <summary>Announces a call of <see cref="Prepare"/>. Claims skip the job until then. Without the announcement,
    /// each claim tries again and returns the job again.</summary>
    public void Reserve() => reserved = true;

    /// <summary>Searches the trigger for the claim. Takes up to several seconds of processor time. May run on any
    /// thread, in parallel to claims.</summary>
    public void Prepare()
    {
        Reserve();
        try
        {
            new DueJob().Think(Stored, state, state.Change + 1, lastEntry, context, ran, TriggerSearch.Into(Known), Scopes, HasHandler);
        }
        catch (Exception e)
        {
            Error = ExceptionText.Of(e);
        }

        prepared = true;
    }

    internal void Replace() => replaced = true;
}
