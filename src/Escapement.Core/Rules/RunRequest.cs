using Escapement.Jobs;

namespace Escapement.Rules;

/// <summary>Asks for a run of a job.</summary>
public sealed record RunRequest
{
    /// <summary>The job; a paused job runs too.</summary>
    public required JobId Job { get; init; }

    /// <summary>What the handler is called with in place of the job's own arguments; null for those.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>From when on it may start; null for now, by the store's clock.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Unique among the runs of its job that wait or run: a second request with the key is answered by the first one's run.</summary>
    public string? Key { get; init; }

    /// <summary>For how long the key holds after the end of its run; null where it holds no longer than the run.</summary>
    public TimeSpan? KeyLasts { get; init; }

    /// <summary>Whether somebody waits for its end, so that its end notifies.</summary>
    public bool Watched { get; init; }

    /// <summary>Only if the job is still at this version; null for any.</summary>
    public long? IfVersion { get; init; }
}

/// <summary>The answer to a <see cref="RunRequest"/>.</summary>
/// <param name="Run">The run.</param>
/// <param name="Existing">Whether the run was there already under the same key.</param>
public sealed record Enqueued(RunId Run, bool Existing);
