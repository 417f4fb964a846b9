namespace Escapement.Ledger;

/// <summary>A pause as stored.</summary>
public sealed record PauseRecord
{
    /// <summary>The beginning of the pause.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The end of the pause, or null for an indefinite pause.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The author of the pause, or null if not given.</summary>
    public string? By { get; init; }

    /// <summary>The author's explanation, or null if not given.</summary>
    public string? Why { get; init; }

    /// <summary>The number of the <see cref="JobAction"/> that set the pause, or null before the pause is
    /// stored.</summary>
    public long? Action { get; init; }

    /// <summary>The scope of the pause that pauses the job, a tag or an executor. Null for a pause of the job itself, and
    /// for a pause that is not of a job.</summary>
    public PauseScope? Scope { get; init; }

    /// <summary>The number of failures in a row after which the job paused itself, or null for any other pause. Fire times of
    /// such a pause are missed for the reason <see cref="Reason.CircuitOpen"/>.</summary>
    public int? AfterFailures { get; init; }

    /// <summary>The tag or the executor of <see cref="Scope"/>, or null without a scope.</summary>
    public string? Name { get; init; }
}
