using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>Returns the changed job: the same object for no change, or null if no job exists and none is
/// created.</summary>
/// <param name="stored">The job, including ended jobs, or null if the id was never used.</param>
/// <param name="now">The store's clock, read inside the transaction.</param>
/// <remarks>
/// Must be pure and fast: an editor runs inside the store's transaction and may be called again with another state. An
/// editor calls no user code, and its work does not
/// depend on the number of fire times. An editor rejects a change by an exception, which rolls back the whole
/// transaction.
/// </remarks>
public delegate StoredJob? JobEditor(StoredJob? stored, DateTimeOffset now);

/// <summary>A change of a single job.</summary>
public sealed record JobEdit
{
    /// <summary>Creates a change of a job.</summary>
    public JobEdit(JobId job, ActionKind kind, JobEditor edit) => (Job, Kind, Edit) = (job, kind, edit);

    /// <summary>The job.</summary>
    public JobId Job { get; }

    /// <summary>The kind of the recorded action.</summary>
    internal ActionKind Kind { get; }

    /// <summary>The editor.</summary>
    public JobEditor Edit { get; init; }

    /// <summary>The author, or null if not given.</summary>
    public string? By { get; init; }

    /// <summary>The author's explanation, or null if not given.</summary>
    public string? Why { get; init; }

    /// <summary>Where the change comes from, such as <c>process 4711 on web-1</c>, or null if unknown.</summary>
    public string? Origin { get; init; }

    /// <summary>Returns the edit with the author's details, unless the edit has details of its own.</summary>
    /// <param name="author">The author.</param>
    public JobEdit From(ChangeAuthor author)
    {
        ArgumentNullException.ThrowIfNull(author);
        return this with { By = By ?? author.By, Why = Why ?? author.Why, Origin = Origin ?? author.Origin };
    }

    /// <summary>The tag or executor whose pause or resume causes the change, or null.</summary>
    internal PauseScope? Scope { get; init; }

    /// <summary>The tag or the executor of <see cref="Scope"/>.</summary>
    internal string? ScopeName { get; init; }

    internal PreparedSearches Searches { get; init; } = new();
}

/// <summary>The effect of a job's change on its waiting runs.</summary>
public enum WaitingFate
{
    /// <summary>The runs stay unchanged.</summary>
    Stay,

    /// <summary>The runs get the job's executor and priority, and blocked runs may start.</summary>
    Follow,

    /// <summary>The runs never start: <see cref="EditedJob.EndsWaiting"/>.</summary>
    End,
}

/// <summary>A computed change of a single job, with all rows to write.</summary>
public sealed class EditedJob
{
    /// <summary>The job before, or null if the id was never used.</summary>
    public StoredJob? Before { get; internal init; }

    /// <summary>The job after, with incremented version and change counter, or null if there is no job. The store
    /// assigns the number of a new job.</summary>
    public StoredJob? After { get; internal init; }

    /// <summary>True if the change must be written.</summary>
    public bool Changed { get; internal init; }

    /// <summary>True if the definition differs, so that its text must be written.</summary>
    public bool DefinitionChanged { get; internal init; }

    /// <summary>The fire time from which no previous definition accounts, or null. Previous definitions end here at the
    /// latest, and definitions that begin here or later are deleted.</summary>
    public DateTimeOffset? ClosesDefinitionAt { get; internal init; }

    /// <summary>The fire time from which the new definition accounts, or null. Also set for an unchanged definition if
    /// the watermark moved back.</summary>
    public DateTimeOffset? OpensDefinitionFrom { get; internal init; }

    /// <summary>The pause that ends with this change, or null.</summary>
    public PauseRecord? ClosesPause => Before?.Paused is { } pause && After?.Paused?.At != pause.At ? pause : null;

    /// <summary>The pause that begins with this change, or null.</summary>
    public PauseRecord? OpensPause => After?.Paused is { } pause && pause != Before?.Paused ? pause : null;

    /// <summary>The effect on the waiting runs.</summary>
    public WaitingFate Waiting { get; internal init; }

    /// <summary>The reason why the waiting runs never start, for <see cref="WaitingFate.End"/>.</summary>
    public Reason? EndsWaiting { get; internal init; }

    /// <summary>The recorded action, or null without a change.</summary>
    public JobAction? Action { get; internal init; }

    /// <summary>The signal to send.</summary>
    public StoreSignal Signal { get; internal init; }

    /// <summary>Returns the changed job with the numbers assigned by the store.</summary>
    /// <param name="job">The number of the job.</param>
    /// <param name="action">The number of the action.</param>
    public StoredJob Numbered(long job, long action) => After! with
    {
        Number = job,
        Paused = OpensPause is { Action: null } pause ? pause with { Action = action } : After.Paused,
    };
}
