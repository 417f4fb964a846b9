using Escapement.Triggers;

namespace Escapement;

/// <summary>A job to add at run time.</summary>
public sealed class NewJob(string id, string handler)
{
    /// <summary>The id: 1 to 255 printable characters.</summary>
    public string Id { get; } = id;

    /// <summary>The name of a registered handler.</summary>
    public string Handler { get; } = handler;

    /// <summary>The display name in printable characters, or null for the id.</summary>
    /// <exception cref="FormatException">A character is not printable.</exception>
    public string? Name { get; init => field = value is null ? null : Printable.Checked("name", value); }

    /// <summary>The trigger, or null for a job that runs only on request: <c>Every.Minutes(20)</c>,
    /// <c>TriggerBuilder.Cron("0 9 * * *", "Asia/Shanghai")</c>, the text form <c>"every 20 minutes"</c>, or a complete
    /// <see cref="Triggers.Trigger"/>.</summary>
    /// <remarks>Without a zone of its own, the trigger has the scheduler's zone. Named excluded dates are the dates of
    /// the program and its settings.</remarks>
    public TriggerBuilder? Trigger { get; init; }

    /// <summary>The arguments of the handler.</summary>
    public JobArguments Arguments { get; init; } = JobArguments.None;

    /// <summary>The given options. All further options come from <c>JOB_DEFAULTS</c>, and then from APScheduler's
    /// defaults.</summary>
    public JobPolicies Policies { get; init; } = new();

    /// <summary>True to replace a job with the same id. If false, such a job is an error.</summary>
    public bool ReplaceExisting { get; init; }

    /// <summary>The required <see cref="JobInfo.Version"/> of the replaced job, or null for any version and for a new
    /// job.</summary>
    public long? IfVersion { get; init; }

    /// <summary>The first fire time, or null for the trigger's first fire time.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>True to start the job paused.</summary>
    public bool Paused { get; init; }
}

/// <summary>A change of a job, applied as a whole or not at all. Null leaves a part unchanged.</summary>
public sealed class JobChange
{
    /// <summary>The new display name in printable characters, or null.</summary>
    /// <exception cref="FormatException">A character is not printable.</exception>
    public string? Name { get; init => field = value is null ? null : Printable.Checked("name", value); }

    /// <summary>The new handler, or null.</summary>
    public string? Handler { get; init; }

    /// <summary>The new arguments, or null.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>The new trigger as in <see cref="NewJob.Trigger"/>, or null. The next fire time is recomputed, and a
    /// paused job stays paused.</summary>
    public TriggerBuilder? Trigger { get; init; }

    /// <summary>The options to change.</summary>
    public JobPolicies Policies { get; init; } = new();

    /// <summary>The new next fire time, or null.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>True to pause the job.</summary>
    public bool Pause { get; init; }

    /// <summary>The required <see cref="JobInfo.Version"/>, or null for any.</summary>
    public long? IfVersion { get; init; }
}

/// <summary>The author, the purpose and the end of a pause.</summary>
/// <exception cref="FormatException">A text is too long, or a character is not printable.</exception>
public sealed class PauseNote(string? by = null, string? why = null, DateTimeOffset? until = null)
{
    /// <summary>The person or program, in at most <see cref="ChangeAuthor.MaxBy"/> printable characters, or null.</summary>
    public string? By { get; } = ChangeAuthor.Checked("by", by, ChangeAuthor.MaxBy);

    /// <summary>The purpose, in at most <see cref="ChangeAuthor.MaxWhy"/> printable characters, or null.</summary>
    public string? Why { get; } = ChangeAuthor.Checked("reason", why, ChangeAuthor.MaxWhy);

    /// <summary>The end of the pause, or null for an indefinite pause.</summary>
    public DateTimeOffset? Until { get; } = until;
}
