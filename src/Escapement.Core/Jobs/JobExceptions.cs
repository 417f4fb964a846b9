namespace Escapement.Jobs;

/// <summary>Thrown if no job has the id.</summary>
public sealed class JobNotFoundException(JobId job) : Exception($"Job {job} not found")
{
    /// <summary>The id of the job.</summary>
    public JobId Job { get; } = job;
}

/// <summary>Thrown if a job with the id exists and must not be replaced.</summary>
public sealed class JobExistsException(JobId job) : Exception($"Job {job} already exists.")
{
    /// <summary>The id of the job.</summary>
    public JobId Job { get; } = job;
}

/// <summary>Thrown if the job was changed since the version of the request. Nothing was changed.</summary>
public sealed class JobChangedException(JobId job) : Exception($"Job {job} was changed meanwhile. Read it again and repeat the change.")
{
    /// <summary>The id of the job.</summary>
    public JobId Job { get; } = job;
}

/// <summary>Thrown if fire times cannot be made up. The message gives the reason, and what is possible. Nothing was
/// changed.</summary>
public sealed class BackfillRefusedException(string message) : Exception(message);

/// <summary>Thrown if a request does not apply to a paused job. Nothing was changed.</summary>
/// <param name="job">The id of the job.</param>
/// <param name="message">A sentence with the pause and the remedy.</param>
public sealed class JobPausedException(JobId job, string message) : Exception(message)
{
    /// <summary>The id of the job.</summary>
    public JobId Job { get; } = job;
}

/// <summary>Thrown if no run has the id, for example after the retention deleted the run.</summary>
public sealed class RunNotFoundException(RunId run) : Exception(
    $"Run {run} is not in the store. The run ended and was deleted by the retention, or the store was replaced by a backup.")
{
    /// <summary>The id of the run.</summary>
    public RunId Run { get; } = run;
}

/// <summary>Thrown if the fire times of a span cannot be counted within the limit, because triggers are composed of several
/// parts.</summary>
public sealed class SpanTooLongException(JobId job, DateTimeOffset reached) : Exception(
    $"The fire times of job {job} cannot be counted in reasonable time, because triggers are composed. The count reached {reached:u}. Ask for a shorter span. The account of a single job reaches further than the account of all jobs.")
{
    /// <summary>The id of the job at which the count ended.</summary>
    public JobId Job { get; } = job;

    /// <summary>The instant that the count reached.</summary>
    public DateTimeOffset Reached { get; } = reached;
}
