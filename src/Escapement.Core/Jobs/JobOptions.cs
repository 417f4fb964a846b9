namespace Escapement.Jobs;

/// <summary>The policies of a job, each with its range.</summary>
public sealed record JobOptions
{
    /// <summary>The alias of the executor and the store that a job has when it names none.</summary>
    public const string Default = "default";

    /// <summary>How late a fire time may still run. For jobs from settings and REST 1 s, as APScheduler has it.</summary>
    public Grace Grace { get; init; } = Grace.Of(TimeSpan.FromSeconds(1));

    /// <summary>Whether several due fire times become one run, that of the last of them.</summary>
    public bool Coalesce { get; init; } = true;

    /// <summary>How many runs of the job may go on at once; 1 or more, or null for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int? MaxInstances
    {
        get;
        init => field = value is null or > 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"max_instances is {value}; it must be a positive integer. To stop all runs of a job, pause it.");
    } = 1;

    /// <summary>The executor whose places the job's runs take.</summary>
    public string Executor { get; init; } = Default;

    /// <summary>Whether a run whose process ended in the middle is started again: at least once instead of at most once.</summary>
    public bool RerunIfInterrupted { get; init; }
}
