using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A version of a job's definition, and the fire times that it accounts for.</summary>
public sealed record DefinitionSpan
{
    /// <summary>The definition; a definition that cannot be read by this program shows why.</summary>
    public required Job Job { get; init; }

    /// <summary>The version of the job with which the definition began.</summary>
    public required long Version { get; init; }

    /// <summary>The first fire time that it may account for.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The end of the fire times that it accounts for, not included; null while it holds.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>What a pause is of.</summary>
public enum PauseScope
{
    /// <summary>Everything.</summary>
    All = 0,

    /// <summary>One job.</summary>
    Job = 1,

    /// <summary>The jobs with a tag.</summary>
    Tag = 2,

    /// <summary>The jobs of an executor.</summary>
    Executor = 3,
}

/// <summary>A pause as the ledger keeps it.</summary>
public sealed record ScopedPause
{
    /// <summary>What it is of.</summary>
    public required PauseScope Scope { get; init; }

    /// <summary>The id of the job, the tag or the executor; empty for everything.</summary>
    public required string Name { get; init; }

    /// <summary>The pause.</summary>
    public required PauseRecord Pause { get; init; }

    /// <summary>When it ended; null while it lasts.</summary>
    public DateTimeOffset? Ended { get; init; }
}

/// <summary>What a <see cref="LedgerMark"/> says.</summary>
public enum MarkKind
{
    /// <summary>The wall clock was set: forward past the stretch, or back to its beginning.</summary>
    ClockJump = 1,

    /// <summary>The store could not be read or written.</summary>
    StoreOutage = 2,
}

/// <summary>A stretch of time that explains why fire times were late, and that no epoch shows.</summary>
public sealed record LedgerMark
{
    /// <summary>What happened.</summary>
    public required MarkKind Kind { get; init; }

    /// <summary>The beginning: for a clock that was set forward what it should have shown, for a clock that was set back what it showed then.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The end.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The epoch whose node met it.</summary>
    public required long Epoch { get; init; }
}
