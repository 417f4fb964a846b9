using Escapement.Jobs;

namespace Escapement.Rules;

/// <summary>A request for a run of a job.</summary>
public sealed record RunRequest
{
    /// <summary>The job, which may be paused.</summary>
    public required JobId Job { get; init; }

    /// <summary>The run's own arguments, or null for the job's arguments.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>The earliest start, or null for now by the store's clock.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>A key that is unique among the waiting and running runs of the job, or null. A second request with the
    /// same key returns the run of the first request.</summary>
    public string? Key { get; init; }

    /// <summary>How long the key remains taken after the end of its run, or null if the key becomes free with the
    /// end.</summary>
    public TimeSpan? KeyLasts { get; init; }

    /// <summary>True if a caller waits for the end of the run, so that the end sends a notification.</summary>
    public bool Watched { get; init; }

    /// <summary>The required version of the job, or null for any.</summary>
    public long? IfVersion { get; init; }
}

/// <summary>The result of a <see cref="RunRequest"/>.</summary>
/// <param name="Run">The run.</param>
/// <param name="Existing">True if the run already existed with the same key.</param>
public sealed record Enqueued(RunId Run, bool Existing);
