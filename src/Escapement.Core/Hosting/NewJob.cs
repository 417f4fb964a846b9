using Escapement.Triggers;

namespace Escapement;

/// <summary>A job to be added at run time.</summary>
/// <param name="Id">Its id: 1 to 255 printable characters.</param>
/// <param name="Handler">The name of a registered handler.</param>
public sealed record NewJob(string Id, string Handler)
{
    /// <summary>A name for people, of printable characters; the id if none is given.</summary>
    /// <exception cref="FormatException">A character is not printable.</exception>
    public string? Name { get; init => field = value is null ? null : Printable.Checked("name", value); }

    /// <summary>When it fires; null for a job that runs only when it is asked to.</summary>
    public Trigger? Trigger { get; init; }

    /// <summary>What the handler is called with.</summary>
    public JobArguments Arguments { get; init; } = JobArguments.None;

    /// <summary>The policies that are set; for the others <c>JOB_DEFAULTS</c> and then APScheduler's defaults hold.</summary>
    public JobPolicies Policies { get; init; } = new();

    /// <summary>Whether a job with this id is replaced; otherwise it is an error.</summary>
    public bool ReplaceExisting { get; init; }

    /// <summary>The <see cref="JobInfo.Version"/> of the job that is replaced; null for whatever it is at, and for a job that is new.</summary>
    public long? IfVersion { get; init; }

    /// <summary>The first fire time, if it is not the trigger's.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>Whether it starts paused.</summary>
    public bool Paused { get; init; }
}

/// <summary>What to change of a job; null leaves a part as it is. All or nothing.</summary>
public sealed record JobChange
{
    /// <summary>A new name for people, of printable characters.</summary>
    /// <exception cref="FormatException">A character is not printable.</exception>
    public string? Name { get; init => field = value is null ? null : Printable.Checked("name", value); }

    /// <summary>Another handler.</summary>
    public string? Handler { get; init; }

    /// <summary>Other arguments.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>Another trigger: the next fire time is computed anew; a paused job stays paused.</summary>
    public Trigger? Trigger { get; init; }

    /// <summary>The policies to change.</summary>
    public JobPolicies Policies { get; init; } = new();

    /// <summary>Another next fire time.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>Whether the job is paused by this change.</summary>
    public bool Pause { get; init; }

    /// <summary>Only if the job is still at this <see cref="JobInfo.Version"/>; null for whatever it is at.</summary>
    public long? IfVersion { get; init; }
}

/// <summary>Says who asks for a pause, the purpose, and when the pause ends.</summary>
/// <param name="By">The person or program, in at most 1000 printable characters.</param>
/// <param name="Why">The purpose, in at most 1000 printable characters.</param>
/// <param name="Until">When the pause ends by itself; null for never.</param>
/// <exception cref="FormatException">A text is longer, or a character is not printable.</exception>
public sealed record PauseNote(string? By = null, string? Why = null, DateTimeOffset? Until = null)
{
    internal const int MaxCharacters = 1_000;

    /// <summary>The person or program, in at most 1000 printable characters.</summary>
    public string? By { get; init => field = Checked("by", value); } = Checked("by", By);

    /// <summary>The purpose, in at most 1000 printable characters.</summary>
    public string? Why { get; init => field = Checked("reason", value); } = Checked("reason", Why);

    static string? Checked(string name, string? text) => text is null ? null : text.Length <= MaxCharacters
        ? Printable.Checked(name, text)
        : throw new FormatException(
            $"{name} is '{Printable.Shown(text)}', of {text.Length} characters; at most {MaxCharacters} are allowed.");
}
