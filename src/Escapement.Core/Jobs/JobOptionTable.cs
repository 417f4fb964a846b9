using Escapement.Jobs;

namespace Escapement;

/// <summary>The options of a job. To add an option, add an entry here, its typed properties below, and its rows in
/// docs/settings.md and docs/rest.md.</summary>
static class JobOptionTable
{
    // The limit of RETENTION.
    const int MaxHistoryDays = 36_500;

    // Must precede the entries, which add themselves.
    static readonly List<JobOption> all = [];

    public static readonly JobOption MisfireGrace = Add(
        new("misfire_grace_time", new GraceForm(), Jobs.MisfireGrace.Of(TimeSpan.FromSeconds(1)))
        {
            Meaning = "positive whole seconds, or null for however late; 1 if left out",
            DefaultBy = (origin, _) =>
                origin == JobOrigin.Code ? Jobs.MisfireGrace.UntilNext : Jobs.MisfireGrace.Of(TimeSpan.FromSeconds(1)),
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
        ShownFor = origin => origin == JobOrigin.Code,
    });

    public static readonly JobOption Executor = Add(new("executor",
        new TextForm(255, "an alias is allowed, as text of at most 255 printable characters that is not empty"), JobOptions.Default)
    {
        Meaning = "an executor's name; `default` if left out",
        IsAlwaysStored = true,
    });

    public static readonly JobOption RerunIfInterrupted = Add(new("rerun_if_interrupted", new TruthForm(), false)
    {
        Meaning = "true or false: whether a run that was cut off is started again; false if left out",
        IsAlwaysStored = true,
    });

    public static readonly JobOption Description = Add(new(
        "description", new TextForm(1000, "a text of 1 to 1000 printable characters is allowed, or null for none", isOptional: true), "")
    {
        Meaning = "a text of at most 1000 printable characters, for people; null or left out for none",
        InJobDefaults = false,
    });

    public static readonly JobOption Tags = Add(new(
        "tags",
        new TextListForm(20, 64,
            "a list of at most 20 different texts is allowed, each of 1 to 64 printable characters without a space at its ends, or null for none"),
        TextList.Empty)
    {
        Meaning = "a list of at most 20 different texts of at most 64 printable characters, by which people and programs group jobs; null or left out for none",
        InJobDefaults = false,
    });

    public static readonly JobOption Priority = Add(
        new("priority", new NumberForm(-1000, 1000, "a whole number from -1000 to 1000 is allowed"), 0)
        {
            Meaning = "a whole number from -1000 to 1000: of the jobs that are due together, those with smaller numbers start first; 0 if left out",
        });

    public static readonly JobOption KeyLasts = Add(new("key_lasts", new KeyLastsForm(), TimeSpan.Zero)
    {
        Meaning = "seconds, 0 or more, or `history` for as long as the history keeps the run: how long the key of a requested run stays taken after the end of the run; 0 if left out",
    });

    public static readonly JobOption CancelAtStop = Add(new("cancel_at_stop", new TruthForm(), false)
    {
        Meaning = "true or false: whether the cancellation token of a run is cancelled as soon as its process is asked to stop, and not only after `DRAIN`; false if left out",
    });

    public static readonly JobOption PauseAfterFailures = Add(new(
        "pause_after_failures", new NumberForm(1, int.MaxValue, "a positive integer is allowed, or null for never", isOptional: true), 0)
    {
        Meaning = "1 or more: after how many failed runs in a row the job pauses itself; null or left out for never",
    });

    public static readonly JobOption HistoryDays = Add(
        new("history_days", new NumberForm(1, MaxHistoryDays, "a whole number of days from 1 to 36500 is allowed, or null for none", isOptional: true), 0)
        {
            Meaning = "1 to 36500: for how many days the history keeps the runs of the job; null or left out for as long as `RETENTION`",
        });

    public static readonly JobOption HistoryRuns = Add(
        new("history_runs", new NumberForm(1, 100_000, "a whole number from 1 to 100000 is allowed, or null for none", isOptional: true), 0)
        {
            Meaning = "1 to 100000: how many of the newest runs of the job the history keeps; null or left out for any number",
        });

    public static readonly JobOption HistoryFailedDays = Add(new("history_failed_days",
        new NumberForm(1, MaxHistoryDays, "a whole number of days from 1 to 36500 is allowed, or null for none", isOptional: true), 0)
    {
        Meaning = "1 to 36500: for how many days the history keeps runs that did not succeed, whatever their number; null or left out for the limits of the other runs",
    });

    /// <summary>All options, in the order of REST.</summary>
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
    /// <summary>The misfire grace: how late a fire time may still run. Jobs from settings and REST have APScheduler's
    /// default of 1 s.</summary>
    public MisfireGrace MisfireGrace
    {
        get => (MisfireGrace)this[JobOptionTable.MisfireGrace]!; init =>
        this[JobOptionTable.MisfireGrace] = value;
    }

    /// <summary>The maximum number of concurrent runs of the job, from 1, or null for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int? MaxInstances { get => (int?)this[JobOptionTable.MaxInstances]; init => this[JobOptionTable.MaxInstances] = value; }

    /// <summary>True if several due fire times are merged into a single run of the last fire time.</summary>
    public bool Coalesce { get => (bool)this[JobOptionTable.Coalesce]!; init => this[JobOptionTable.Coalesce] = value; }

    /// <summary>The executor of the job's runs.</summary>
    public string Executor { get => (string)this[JobOptionTable.Executor]!; init => this[JobOptionTable.Executor] = value; }

    /// <summary>True to restart a run whose process ended during the run: at least once instead of at most
    /// once.</summary>
    public bool RerunIfInterrupted
    {
        get => (bool)this[JobOptionTable.RerunIfInterrupted]!; init =>
        this[JobOptionTable.RerunIfInterrupted] = value;
    }

    /// <summary>A description for people: at most 1000 printable characters, or empty.</summary>
    public string Description { get => (string)this[JobOptionTable.Description]!; init => this[JobOptionTable.Description] = value; }

    /// <summary>The tags for grouping jobs: at most 20 different texts of 1 to 64 printable characters.</summary>
    public IReadOnlyList<string> Tags
    {
        get => (IReadOnlyList<string>)this[JobOptionTable.Tags]!; init =>
        this[JobOptionTable.Tags] = value;
    }

    /// <summary>The priority from -1000 to 1000. Of the jobs that are due together, jobs with smaller numbers start
    /// first.</summary>
    public int Priority { get => (int)this[JobOptionTable.Priority]!; init => this[JobOptionTable.Priority] = value; }

    /// <summary>How long the key of an enqueued run stays taken after the end of the run, zero or more.
    /// <see cref="TimeSpan.MaxValue"/> means as long as the history keeps the run.</summary>
    public TimeSpan KeyLasts { get => (TimeSpan)this[JobOptionTable.KeyLasts]!; init => this[JobOptionTable.KeyLasts] = value; }

    /// <summary>True to cancel the token of a run as soon as its process is asked to stop.</summary>
    public bool CancelAtStop { get => (bool)this[JobOptionTable.CancelAtStop]!; init => this[JobOptionTable.CancelAtStop] = value; }

    /// <summary>The number of failed runs in a row after which the job pauses itself, from 1, or null for never.</summary>
    public int? PauseAfterFailures
    {
        get => (int)this[JobOptionTable.PauseAfterFailures]! is > 0 and var failures ? failures : null;
        init => this[JobOptionTable.PauseAfterFailures] = value ?? 0;
    }

    /// <summary>For how many days the history keeps runs, from 1 to 36,500, or 0 for as long as the retention.</summary>
    public int HistoryDays { get => (int)this[JobOptionTable.HistoryDays]!; init => this[JobOptionTable.HistoryDays] = value; }

    /// <summary>How many of the newest runs the history keeps, from 1 to 100,000, or 0 for any number.</summary>
    public int HistoryRuns { get => (int)this[JobOptionTable.HistoryRuns]!; init => this[JobOptionTable.HistoryRuns] = value; }

    /// <summary>For how many days the history keeps runs that did not succeed, whatever their number, from 1 to 36,500, or 0 for
    /// the limits of the other runs.</summary>
    public int HistoryFailedDays
    {
        get => (int)this[JobOptionTable.HistoryFailedDays]!; init =>
        this[JobOptionTable.HistoryFailedDays] = value;
    }
}

public sealed partial class JobPolicies
{
    /// <summary>The misfire grace: how late a fire time may still run.</summary>
    public MisfireGrace? MisfireGrace
    {
        get => (MisfireGrace?)this[JobOptionTable.MisfireGrace]; init =>
        this[JobOptionTable.MisfireGrace] = value;
    }

    /// <summary>The maximum number of concurrent runs of the job, from 1.</summary>
    public int? MaxInstances { get => (int?)this[JobOptionTable.MaxInstances]; init => this[JobOptionTable.MaxInstances] = value; }

    /// <summary>True if several due fire times are merged into a single run.</summary>
    public bool? Coalesce { get => (bool?)this[JobOptionTable.Coalesce]; init => this[JobOptionTable.Coalesce] = value; }

    /// <summary>The executor of the job's runs.</summary>
    public string? Executor { get => (string?)this[JobOptionTable.Executor]; init => this[JobOptionTable.Executor] = value; }

    /// <summary>True to restart an interrupted run.</summary>
    public bool? RerunIfInterrupted
    {
        get => (bool?)this[JobOptionTable.RerunIfInterrupted]; init =>
        this[JobOptionTable.RerunIfInterrupted] = value;
    }

    /// <summary>A description for people: at most 1000 printable characters, or empty.</summary>
    public string? Description { get => (string?)this[JobOptionTable.Description]; init => this[JobOptionTable.Description] = value; }

    /// <summary>The tags for grouping jobs: at most 20 different texts of 1 to 64 printable characters.</summary>
    public IReadOnlyList<string>? Tags
    {
        get => (IReadOnlyList<string>?)this[JobOptionTable.Tags]; init =>
        this[JobOptionTable.Tags] = value;
    }

    /// <summary>The priority from -1000 to 1000. Of the jobs that are due together, jobs with smaller numbers start
    /// first.</summary>
    public int? Priority { get => (int?)this[JobOptionTable.Priority]; init => this[JobOptionTable.Priority] = value; }

    /// <summary>How long the key of an enqueued run stays taken after the end of the run, zero or more.
    /// <see cref="TimeSpan.MaxValue"/> means as long as the history keeps the run.</summary>
    public TimeSpan? KeyLasts { get => (TimeSpan?)this[JobOptionTable.KeyLasts]; init => this[JobOptionTable.KeyLasts] = value; }

    /// <summary>True to cancel the token of a run as soon as its process is asked to stop.</summary>
    public bool? CancelAtStop { get => (bool?)this[JobOptionTable.CancelAtStop]; init => this[JobOptionTable.CancelAtStop] = value; }

    /// <summary>The number of failed runs in a row after which the job pauses itself, from 1, or 0 for never.</summary>
    public int? PauseAfterFailures
    {
        get => (int?)this[JobOptionTable.PauseAfterFailures];
        init => this[JobOptionTable.PauseAfterFailures] = value;
    }

    /// <summary>For how many days the history keeps runs, from 1 to 36,500, or 0 for as long as the retention.</summary>
    public int? HistoryDays { get => (int?)this[JobOptionTable.HistoryDays]; init => this[JobOptionTable.HistoryDays] = value; }

    /// <summary>How many of the newest runs the history keeps, from 1 to 100,000, or 0 for any number.</summary>
    public int? HistoryRuns { get => (int?)this[JobOptionTable.HistoryRuns]; init => this[JobOptionTable.HistoryRuns] = value; }

    /// <summary>For how many days the history keeps runs that did not succeed, whatever their number, from 1 to 36,500, or 0 for
    /// the limits of the other runs.</summary>
    public int? HistoryFailedDays
    {
        get => (int?)this[JobOptionTable.HistoryFailedDays]; init =>
        this[JobOptionTable.HistoryFailedDays] = value;
    }
}

public sealed partial class JobBuilder
{
    /// <summary>Sets the misfire grace: how late a fire time may still run. By default until the next fire time, and at
    /// most 24 hours.</summary>
    /// <param name="limit">The limit, above zero.</param>
    public JobBuilder MisfireGrace(TimeSpan limit) => MisfireGrace(Jobs.MisfireGrace.Of(limit));

    /// <summary>Sets the misfire grace: a limit, <see cref="Jobs.MisfireGrace.Unlimited"/> or
    /// <see cref="Jobs.MisfireGrace.UntilNext"/>.</summary>
    public JobBuilder MisfireGrace(MisfireGrace grace) => With(JobOptionTable.MisfireGrace, grace);

    /// <summary>Sets the maximum number of concurrent runs of the job. By default 1, and without a limit for a job
    /// without a trigger.</summary>
    /// <param name="most">The maximum, from 1.</param>
    public JobBuilder MaxInstances(int most) => With(JobOptionTable.MaxInstances, most);

    /// <summary>Sets whether several due fire times are merged into a single run of the last fire time. By default
    /// true.</summary>
    public JobBuilder Coalesce(bool coalesce) => With(JobOptionTable.Coalesce, coalesce);

    /// <summary>Sets the executor of the job's runs. By default <c>default</c>.</summary>
    /// <param name="alias">An executor of <c>EXECUTORS</c>.</param>
    public JobBuilder Executor(string alias) => With(JobOptionTable.Executor, alias);

    /// <summary>Restarts a run whose process ended during the run: at least once instead of at most once.</summary>
    public JobBuilder RerunIfInterrupted() => With(JobOptionTable.RerunIfInterrupted, true);

    /// <summary>Sets the description for people.</summary>
    /// <param name="text">At most 1000 printable characters, or empty.</param>
    public JobBuilder Description(string text) => With(JobOptionTable.Description, text);

    /// <summary>Sets the tags for grouping jobs.</summary>
    /// <param name="tags">At most 20 different texts of 1 to 64 printable characters.</param>
    public JobBuilder Tags(params string[] tags) => With(JobOptionTable.Tags, tags);

    /// <summary>Sets the priority. Of the jobs that are due together, jobs with smaller numbers start first. By default
    /// 0.</summary>
    /// <param name="priority">The priority, from -1000 to 1000.</param>
    public JobBuilder Priority(int priority) => With(JobOptionTable.Priority, priority);

    /// <summary>Keeps the key of an enqueued run taken as long as the history keeps the run. By default a key is free
    /// as soon as its run has ended.</summary>
    /// <remarks>Until the key is free, each request with the same key is answered by the first run.</remarks>
    public JobBuilder KeyLasts() => KeyLasts(TimeSpan.MaxValue);

    /// <summary>Keeps the key of an enqueued run taken for a duration after the end of the run.</summary>
    /// <param name="duration">Zero or more. <see cref="TimeSpan.MaxValue"/> means as long as the history keeps the
    /// run.</param>
    public JobBuilder KeyLasts(TimeSpan duration) => With(JobOptionTable.KeyLasts, duration);

    /// <summary>Cancels the token of a run as soon as its process is asked to stop, as for a <c>BackgroundService</c>. By
    /// default a run may continue for the drain time first.</summary>
    public JobBuilder CancelAtStop() => With(JobOptionTable.CancelAtStop, true);

    /// <summary>Pauses the job by itself after failed runs in a row. Its fire times are missed until the job is resumed. By
    /// default never.</summary>
    /// <param name="failures">The number of failed runs in a row, from 1, or 0 for never. A success and a resume reset the
    /// count.</param>
    public JobBuilder PauseAfterFailures(int failures) => With(JobOptionTable.PauseAfterFailures, failures);

    /// <summary>Limits the age of the job's runs in the history. By default the history keeps runs for as long as
    /// <c>RETENTION</c>. Deleted runs still count as run.</summary>
    /// <param name="days">The number of days, from 1 and at most <c>RETENTION</c>, or 0 for no limit.</param>
    public JobBuilder HistoryDays(int days) => With(JobOptionTable.HistoryDays, days);

    /// <summary>Limits the number of the job's runs in the history: older runs are deleted once in an hour. By default the
    /// history keeps any number of runs. Deleted runs still count as run.</summary>
    /// <param name="newest">The number of the newest runs to keep, from 1 to 100,000, or 0 for no limit.</param>
    public JobBuilder HistoryRuns(int newest) => With(JobOptionTable.HistoryRuns, newest);

    /// <summary>Keeps runs that did not succeed for another time than the other runs, whatever their number.</summary>
    /// <param name="days">The number of days, from 1 and at most <c>RETENTION</c>, or 0 for the limits of the other
    /// runs.</param>
    public JobBuilder HistoryFailedDays(int days) => With(JobOptionTable.HistoryFailedDays, days);
}
