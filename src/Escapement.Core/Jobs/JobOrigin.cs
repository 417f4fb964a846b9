namespace Escapement.Jobs;

/// <summary>The origin of a job's definition.</summary>
public enum JobOrigin
{
    /// <summary>Declared in the program.</summary>
    Code,

    /// <summary>Declared in the program's settings.</summary>
    Settings,

    /// <summary>Added at run time, over REST or by <see cref="IScheduler"/>.</summary>
    Added,
}
