namespace Escapement.Jobs;

/// <summary>No job has this id.</summary>
public sealed class JobNotFoundException(JobId job) : Exception($"Job {job} not found")
{
    /// <summary>The id.</summary>
    public JobId Job { get; } = job;
}

/// <summary>A job with this id exists, and replacing it was not asked for.</summary>
public sealed class JobExistsException(JobId job) : Exception($"Job {job} already exists.")
{
    /// <summary>The id.</summary>
    public JobId Job { get; } = job;
}

/// <summary>The job is no longer at the version that a change was made for; nothing was changed.</summary>
public sealed class JobChangedException(JobId job) : Exception($"Job {job} was changed meanwhile. Read it again and repeat the change.")
{
    /// <summary>The id.</summary>
    public JobId Job { get; } = job;
}

/// <summary>No run has this id, or none any more.</summary>
public sealed class RunNotFoundException(RunId run) : Exception(
    $"Run {run} is not in the store: it ended and was deleted with the history that is older than the retention, or an older state of the store was put in its place.")
{
    /// <summary>The id.</summary>
    public RunId Run { get; } = run;
}
