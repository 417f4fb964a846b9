using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A version of a job's definition, with the fire times accounted for by this version.</summary>
public sealed class DefinitionSpan
{
    /// <summary>The definition. If this program cannot parse the definition, the job contains the error.</summary>
    public required Job Job { get; init; }

    /// <summary>The version of the job at the beginning of the span.</summary>
    public required long Version { get; init; }

    /// <summary>The first fire time accounted for by this version.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The exclusive end of the fire times, or null for the current version.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>A pause as recorded in the ledger.</summary>
public sealed class ScopedPause
{
    /// <summary>The scope of the pause.</summary>
    public required PauseScope Scope { get; init; }

    /// <summary>The id of the job, the tag or the executor. Empty for the whole scheduler.</summary>
    public required string Name { get; init; }

    /// <summary>The pause.</summary>
    public required PauseRecord Pause { get; init; }

    /// <summary>The end of the pause, or null while the pause lasts.</summary>
    public DateTimeOffset? Ended { get; init; }
}

/// <summary>The kind of a <see cref="LedgerMark"/>.</summary>
public enum MarkKind
{
    /// <summary>The wall clock was set: forward past the stretch, or back to its beginning.</summary>
    ClockJump = 1,

    /// <summary>The store could not be read or written.</summary>
    StoreOutage = 2,
}

/// <summary>A stretch of time that explains late fire times and is not visible in the epochs.</summary>
public readonly struct LedgerMark
{
    /// <summary>The kind of event.</summary>
    public required MarkKind Kind { get; init; }

    /// <summary>The beginning. For a clock set forward, the time that the clock should have shown. For a clock set
    /// back, the time after the change.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The end.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The epoch of the observing node.</summary>
    public required long Epoch { get; init; }
}
