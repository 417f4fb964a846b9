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
