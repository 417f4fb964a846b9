using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A pause of a tag or an executor, or the end of such a pause. The change marks all jobs of the scope in the same
/// transaction, so that claims need not know of scopes.</summary>
public sealed class ScopedPauseEdit
{
    // A trigger search that was prepared for a job is used in the transaction.
    readonly Dictionary<JobId, JobEdit> edits = [];

    ScopedPauseEdit(PauseScope scope, string name, bool pauses)
    {
        if (scope is not (PauseScope.Tag or PauseScope.Executor))
            throw new ArgumentOutOfRangeException(nameof(scope), scope, $"The scope is {scope}; a tag and an executor are allowed.");
        ArgumentException.ThrowIfNullOrEmpty(name);
        (Scope, Name, Pauses) = (scope, name, pauses);
    }

    /// <summary>Returns the change that pauses a tag or an executor. A second pause ends the pause that lasts and begins a
    /// new one, unless note and end are the same.</summary>
    /// <param name="scope">A tag or an executor.</param>
    /// <param name="name">The tag or the executor. Jobs may come later.</param>
    /// <param name="until">The end of the pause, after the store's clock, or null for a pause without an end.</param>
    /// <param name="author">The author, or null if not given.</param>
    public static ScopedPauseEdit Pause(PauseScope scope, string name, DateTimeOffset? until = null, ChangeAuthor? author = null) =>
        new(scope, name, pauses: true) { Until = until, Author = author ?? new() };

    /// <summary>Returns the change that ends the pause of a tag or an executor. Changes nothing without a pause.</summary>
    /// <param name="scope">A tag or an executor.</param>
    /// <param name="name">The tag or the executor.</param>
    /// <param name="author">The author, or null if not given.</param>
    public static ScopedPauseEdit Resume(PauseScope scope, string name, ChangeAuthor? author = null) =>
        new(scope, name, pauses: false) { Author = author ?? new() };

    /// <summary>A tag or an executor.</summary>
    public PauseScope Scope { get; }

    /// <summary>The tag or the executor.</summary>
    public string Name { get; }

    /// <summary>True to pause, false to resume.</summary>
    internal bool Pauses { get; }

    DateTimeOffset? Until { get; init; }

    ChangeAuthor Author { get; init; } = new();

    /// <summary>Returns the effect of the change on the pauses.</summary>
    /// <param name="open">The pauses of tags and executors without a recorded end.</param>
    /// <param name="now">The store's clock.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pause would end in the past.</exception>
    public EditedScope Apply(IReadOnlyList<ScopedPause> open, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(open);
        now = now.ToWholeMicros();
        var found = open.FirstOrDefault(pause => pause.Scope == Scope && pause.Name == Name);
        var before = found is not null && ScopedPauses.IsOpen(found, now) ? found : null;
        if (Pauses) PauseRule.CheckEnd(Until, now);
        var pause = Pauses ? new PauseRecord { At = now, Until = Until?.ToWholeMicros(), By = Author.By, Why = Author.Why } : null;
        if (pause is null ? before is null : PauseRule.Repeats(before?.Pause, pause))
            return new() { Scope = Scope, Name = Name, Others = open };
        return new()
        {
            Scope = Scope,
            Name = Name,
            Others = [.. open.Where(other => other != found)],
            ClosesAt = found is null ? null : before is null ? found.Pause.Until : now,
            Closes = found?.Pause,
            Opens = pause,
            Action = new()
            {
                At = now,
                Kind = Pauses ? ActionKind.ScopePaused : ActionKind.ScopeResumed,
                Scope = Scope,
                ScopeName = Name,
                By = Author.By,
                Why = Author.Why,
                Origin = Author.Origin,
                Until = pause?.Until,
            },
        };
    }

    /// <summary>Returns true if the change may concern a job: the scope has the job, or the job is paused by the
    /// scope.</summary>
    /// <param name="stored">The job.</param>
    public bool Concerns(StoredJob stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return stored.Ended is null
            && (ScopedPauses.Has(Scope, Name, stored.Job.Options)
                || (stored.Paused is { } mark && mark.Scope == Scope && mark.Name == Name));
    }

    /// <summary>Returns the change of a job of the scope, to be applied with the pauses after the change. Returns the same
    /// object for the same job.</summary>
    /// <param name="job">The job.</param>
    public JobEdit Of(JobId job)
    {
        if (!edits.TryGetValue(job, out var edit)) edits.Add(job, edit = JobEdits.FollowScope(job, Pauses, Scope, Name).From(Author));
        return edit;
    }
}

/// <summary>A computed change of the pause of a tag or an executor, with all rows to write besides the jobs.</summary>
public sealed class EditedScope
{
    /// <summary>A tag or an executor.</summary>
    public required PauseScope Scope { get; init; }

    /// <summary>The tag or the executor.</summary>
    public required string Name { get; init; }

    /// <summary>The pauses of all other tags and executors.</summary>
    internal IReadOnlyList<ScopedPause> Others { get; init; } = [];

    /// <summary>The pause that ends at <see cref="ClosesAt"/>. May stem from an earlier change of the same transaction.</summary>
    internal PauseRecord? Closes { get; init; }

    /// <summary>The end of the stored pause, or null if no stored pause ends.</summary>
    public DateTimeOffset? ClosesAt { get; internal init; }

    /// <summary>The pause that begins, before its action has a number. Null if no pause begins.</summary>
    internal PauseRecord? Opens { get; init; }

    /// <summary>The recorded action, or null if nothing is to be written.</summary>
    public JobAction? Action { get; internal init; }

    /// <summary>Returns the pause to write, or null if no pause begins.</summary>
    /// <param name="action">The number of the action, assigned by the store.</param>
    public PauseRecord? Pause(long action) => Opens is null ? null : Opens with { Action = action };

    /// <summary>Returns the pauses of tags and executors after the change.</summary>
    /// <param name="action">The number of the action, assigned by the store.</param>
    public IReadOnlyList<ScopedPause> After(long action) =>
        Pause(action) is { } pause ? [.. Others, new() { Scope = Scope, Name = Name, Pause = pause }] : Others;
}
