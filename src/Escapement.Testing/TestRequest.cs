using Escapement.Jobs;

namespace Escapement.Testing;

/// <summary>A run that a program asked for, by <see cref="IScheduler"/> or over REST.</summary>
public sealed class TestRequest
{
    internal TestRequest(RunRequest request, RunId run, bool existing) =>
        (Job, Run, Arguments, DueAt, Key, Existing) = (request.Job.Value, run, request.Arguments, request.DueAt, request.Key, existing);

    /// <summary>The id of the job.</summary>
    public string Job { get; }

    /// <summary>The id of the run.</summary>
    public RunId Run { get; }

    /// <summary>The arguments of the request as JSON texts, or null for the arguments of the job.</summary>
    public JobArguments? Arguments { get; }

    /// <summary>The earliest start, or null for at once.</summary>
    public DateTimeOffset? DueAt { get; }

    /// <summary>The key of the request, or null.</summary>
    public string? Key { get; }

    /// <summary>True if an earlier request with the same key had asked for the run.</summary>
    public bool Existing { get; }
}
