using Escapement.Jobs;

namespace Escapement.Stores;

/// <summary>The store cannot be read or written now; what was asked has not been done, and can be asked again.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>This program must not, or cannot, use this store; asking again does not help.</summary>
public sealed class StoreRefusedException(string message, Exception? inner = null) : Exception(message, inner);

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
