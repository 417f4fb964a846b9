using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>Returns the job as it shall stand: the same object for no change, null where there is none and none begins.</summary>
/// <param name="stored">The job as it stands, ended ones too; null when the id was never used.</param>
/// <param name="now">The store's clock, read inside the transaction.</param>
/// <remarks>
/// Pure, and short: an editor runs inside the store's transaction and may be asked again with another state. It calls no code of the user's, and its work does not depend on how
/// often the job fires. It refuses by throwing, which undoes the whole transaction.
/// </remarks>
public delegate StoredJob? JobEditor(StoredJob? stored, DateTimeOffset now);

/// <summary>A change of one job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Kind">What is done, for the record.</param>
/// <param name="Edit">How.</param>
public sealed record JobEdit(JobId Job, ActionKind Kind, JobEditor Edit)
{
    /// <summary>Who asks for it, if said.</summary>
    public string? By { get; init; }

    /// <summary>Why, if said.</summary>
    public string? Why { get; init; }

    internal PreparedSearches Searches { get; init; } = new();

    /// <summary>Asks the triggers ahead what the change will ask them, which takes long where a trigger of many parts seldom fires. A store calls it before its transaction begins.</summary>
    /// <param name="now">The store's clock.</param>
    /// <param name="read">The job as it stands; null where there is none or it was not read.</param>
    /// <returns>The job as the change would leave it.</returns>
    public StoredJob? Prepare(DateTimeOffset now, StoredJob? read = null)
    {
        Searches.Begin();
        try
        {
            return JobEdits.Apply(read, this, now).After;
        }
        catch (Exception)
        {
            // The transaction says so, if it still holds then.
            return read;
        }
        finally
        {
            Searches.End();
        }
    }
}

/// <summary>What becomes of the waiting runs of a job that was changed.</summary>
public enum WaitingFate
{
    /// <summary>They stay as they are.</summary>
    Stay,

    /// <summary>They are for another executor or priority, or may start although they were blocked.</summary>
    Follow,

    /// <summary>They never start: <see cref="EditedJob.EndsWaiting"/>.</summary>
    End,
}

/// <summary>A change of one job, thought through: all that a store writes of it.</summary>
public sealed record EditedJob
{
    /// <summary>The job before; null when the id was never used.</summary>
    public required StoredJob? Before { get; init; }

    /// <summary>The job after, with its version and change counter counted up; null where there is none. The store numbers a new one.</summary>
    public required StoredJob? After { get; init; }

    /// <summary>Whether anything is to be written.</summary>
    public bool Changed { get; init; }

    /// <summary>Whether the definition differs, so that its text is written.</summary>
    public bool DefinitionChanged { get; init; }

    /// <summary>From which fire time on no definition before accounts: each ends there at the latest, and one that begins there or later is deleted. Null where they stay.</summary>
    public DateTimeOffset? ClosesDefinitionAt { get; init; }

    /// <summary>From which fire time on the definition after accounts, also where it is the same and the watermark was moved back; null where none begins.</summary>
    public DateTimeOffset? OpensDefinitionFrom { get; init; }

    /// <summary>The pause that ends with this change; null where none does.</summary>
    public PauseRecord? ClosesPause => Before?.Paused is { } pause && After?.Paused?.At != pause.At ? pause : null;

    /// <summary>The pause that begins with this change, or whose note changes; null where none does.</summary>
    public PauseRecord? OpensPause => After?.Paused is { } pause && pause != Before?.Paused ? pause : null;

    /// <summary>What becomes of its waiting runs.</summary>
    public WaitingFate Waiting { get; init; }

    /// <summary>Why its waiting runs never start, with <see cref="WaitingFate.End"/>.</summary>
    public Reason? EndsWaiting { get; init; }

    /// <summary>The record of it.</summary>
    public JobAction? Action { get; init; }

    /// <summary>What is notified.</summary>
    public StoreSignal Signal { get; init; }

    /// <summary>Returns the job after the change with the numbers that the store gave.</summary>
    /// <param name="job">The number of the job.</param>
    /// <param name="action">The number of the action.</param>
    public StoredJob Numbered(long job, long action) => After! with
    {
        Number = job,
        Paused = OpensPause is { Action: null } pause ? pause with { Action = action } : After.Paused,
    };
}
