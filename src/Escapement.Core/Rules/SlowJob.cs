using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A due job that a claim passed over, because its trigger takes longer to ask than a claim may hold the store.</summary>
/// <remarks>The trigger is asked with <see cref="Prepare"/>, outside of any transaction. The next claim of the same store uses the answers, and decides by the state of the job as it is then.</remarks>
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

    /// <summary>The instant for which the answers hold: the claim decides what was due then, and leaves the rest to a later claim.</summary>
    internal DateTimeOffset At => context.Now;

    internal KnownFireTimes Known { get; }

    /// <summary>Whether somebody has said that the job will be prepared and is not done: until then claims pass it over.</summary>
    internal bool IsUnderWay => reserved && !prepared;

    /// <summary>What the trigger threw; null when it did not.</summary>
    internal string? Error { get; private set; }

    /// <summary>Whether nobody needs the answers any more: the job was changed, or another node has it.</summary>
    public bool IsReplaced => replaced;

    /// <summary>Says that <see cref="Prepare"/> will be called: until it is done, claims pass the job over. Otherwise each claim tries anew and answers the job again.</summary>
    public void Reserve() => reserved = true;

    /// <summary>Asks the trigger all that the claim needs to know. Takes up to some seconds of processor time; may run on any thread, beside claims.</summary>
    public void Prepare()
    {
        Reserve();
        try
        {
            new DueJob().Think(Stored, state, state.Change + 1, lastEntry, context, ran, TriggerSearch.Into(Known));
        }
        catch (Exception e)
        {
            Error = ExceptionText.Of(e);
        }

        prepared = true;
    }

    internal void Replace() => replaced = true;
}
