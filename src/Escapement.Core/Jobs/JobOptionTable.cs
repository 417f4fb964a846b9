using Escapement.Jobs;

namespace Escapement;

/// <summary>The options of a job. A new option is an entry here, its typed properties below, and its rows in docs/settings.md and docs/rest.md.</summary>
static class JobOptionTable
{
    // Stands before the entries, which add themselves.
    static readonly List<JobOption> all = [];

    public static readonly JobOption Grace = Add(new("misfire_grace_time", new GraceForm(), Jobs.Grace.Of(TimeSpan.FromSeconds(1)))
    {
        Meaning = "positive whole seconds, or null for however late; 1 if left out",
        DefaultBy = (origin, _) => origin == JobOrigin.Code ? Jobs.Grace.UntilNext : Jobs.Grace.Of(TimeSpan.FromSeconds(1)),
        IsAlwaysStored = true,
        ShownFor = _ => true,
    });

    public static readonly JobOption MaxInstances = Add(new(
        "max_instances", new NumberForm(1, int.MaxValue, "it must be a positive integer. To stop all runs of a job, pause it"), 1)
    {
        Meaning = "1 or more; 1 if left out, and no limit for a job without a trigger",
        DefaultBy = (_, hasTrigger) => hasTrigger ? 1 : null,
        MayBeNull = true,
        Unstored = null,
        ShownFor = _ => true,
    });

    public static readonly JobOption Coalesce = Add(new("coalesce", new TruthForm(), true)
    {
        Meaning = "true or false; true if left out",
        IsAlwaysStored = true,
        ShownFor = job => job.Origin == JobOrigin.Code,
    });

    public static readonly JobOption Executor = Add(new("executor", new TextForm("an alias"), JobOptions.Default)
    {
        Meaning = "an executor's name; `default` if left out",
        IsAlwaysStored = true,
    });

    public static readonly JobOption RerunIfInterrupted = Add(new("rerun_if_interrupted", new TruthForm(), false)
    {
        Meaning = "true or false: whether a run that was cut off is started again; false if left out",
        IsAlwaysStored = true,
    });

    /// <summary>All options, in the order in which REST shows them.</summary>
    public static IReadOnlyList<JobOption> All => all;

    static JobOption Add(JobOption option)
    {
        option.Index = all.Count;
        all.Add(option);
        return option;
    }
}

public sealed partial record JobOptions
{
    /// <summary>How late a fire time may still run. For jobs from settings and REST 1 s, as APScheduler has it.</summary>
    public Grace Grace { get => (Grace)this[JobOptionTable.Grace]!; init => this[JobOptionTable.Grace] = value; }

    /// <summary>How many runs of the job may go on at once; 1 or more, or null for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int? MaxInstances { get => (int?)this[JobOptionTable.MaxInstances]; init => this[JobOptionTable.MaxInstances] = value; }

    /// <summary>Whether several due fire times become one run, that of the last of them.</summary>
    public bool Coalesce { get => (bool)this[JobOptionTable.Coalesce]!; init => this[JobOptionTable.Coalesce] = value; }

    /// <summary>The executor whose places the job's runs take.</summary>
    public string Executor { get => (string)this[JobOptionTable.Executor]!; init => this[JobOptionTable.Executor] = value; }

    /// <summary>Whether a run whose process ended in the middle is started again: at least once instead of at most once.</summary>
    public bool RerunIfInterrupted { get => (bool)this[JobOptionTable.RerunIfInterrupted]!; init => this[JobOptionTable.RerunIfInterrupted] = value; }
}

public sealed partial record JobPolicies
{
    /// <summary>How late a fire time may still run.</summary>
    public Grace? Grace { get => (Grace?)this[JobOptionTable.Grace]; init => this[JobOptionTable.Grace] = value; }

    /// <summary>How many runs of the job may go on at once; 1 or more.</summary>
    public int? MaxInstances { get => (int?)this[JobOptionTable.MaxInstances]; init => this[JobOptionTable.MaxInstances] = value; }

    /// <summary>Whether several due fire times become one run.</summary>
    public bool? Coalesce { get => (bool?)this[JobOptionTable.Coalesce]; init => this[JobOptionTable.Coalesce] = value; }

    /// <summary>The executor whose places the runs take.</summary>
    public string? Executor { get => (string?)this[JobOptionTable.Executor]; init => this[JobOptionTable.Executor] = value; }

    /// <summary>Whether an interrupted run is started again.</summary>
    public bool? RerunIfInterrupted { get => (bool?)this[JobOptionTable.RerunIfInterrupted]; init => this[JobOptionTable.RerunIfInterrupted] = value; }
}

public sealed partial class JobBuilder
{
    /// <summary>How late a fire time may still run. By default until the next one, and at most 24 hours.</summary>
    /// <param name="limit">Above zero.</param>
    public JobBuilder Grace(TimeSpan limit) => Grace(Jobs.Grace.Of(limit));

    /// <summary>How late a fire time may still run: a limit, <see cref="Jobs.Grace.Unlimited"/> or <see cref="Jobs.Grace.UntilNext"/>.</summary>
    public JobBuilder Grace(Grace grace) => With(JobOptionTable.Grace, grace);

    /// <summary>How many runs of the job may go on at once. By default 1, and without limit for a job without a trigger.</summary>
    /// <param name="most">1 or more.</param>
    public JobBuilder MaxInstances(int most) => With(JobOptionTable.MaxInstances, most);

    /// <summary>Whether several due fire times become one run, that of the last of them. By default they do.</summary>
    public JobBuilder Coalesce(bool coalesce) => With(JobOptionTable.Coalesce, coalesce);

    /// <summary>The executor whose places the runs take. By default <c>default</c>.</summary>
    /// <param name="alias">One of <c>EXECUTORS</c>.</param>
    public JobBuilder Executor(string alias) => With(JobOptionTable.Executor, alias);

    /// <summary>Starts a run again whose process ended in the middle: at least once instead of at most once.</summary>
    public JobBuilder RerunIfInterrupted() => With(JobOptionTable.RerunIfInterrupted, true);
}
