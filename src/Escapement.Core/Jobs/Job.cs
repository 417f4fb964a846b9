using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>Where a job's definition comes from.</summary>
public enum JobOrigin
{
    /// <summary>Declared in the program.</summary>
    Code,

    /// <summary>Declared in the program's settings.</summary>
    Settings,

    /// <summary>Added at run time, over REST or by <see cref="IScheduler"/>.</summary>
    Added,
}

/// <summary>A stored definition: what runs, when, with what, and under which policies.</summary>
public sealed record Job
{
    /// <summary>The id; it cannot change.</summary>
    public required JobId Id { get; init; }

    /// <summary>The name for people; the id when none was given.</summary>
    public required string Name { get; init; }

    /// <summary>The name of a registered handler.</summary>
    public required string Handler { get; init; }

    /// <summary>What the handler is called with.</summary>
    public JobArguments Arguments { get; init; } = JobArguments.None;

    /// <summary>When it fires; null for a job that runs only when it is asked to.</summary>
    /// <exception cref="FormatException">The trigger, or one that it is made of, has a jitter: this version delays no fire time.</exception>
    public Trigger? Trigger { get; init => field = WithoutJitter(value); }

    /// <summary>The policies.</summary>
    public JobOptions Options { get; init; } = new();

    /// <summary>Who declared it.</summary>
    public JobOrigin Origin { get; init; } = JobOrigin.Added;

    /// <summary>A hash over what the program or the settings wrote, by which a changed declaration is known; null for <see cref="JobOrigin.Added"/>.</summary>
    public string? DeclaredHash { get; init; }

    static Trigger? WithoutJitter(Trigger? trigger)
    {
        IReadOnlyList<Trigger> parts = trigger switch { AndTrigger and => and.Triggers, OrTrigger or => or.Triggers, _ => [] };
        foreach (var part in parts) WithoutJitter(part);
        return trigger is not { Jitter: var jitter } || jitter == TimeSpan.Zero ? trigger
            : throw new FormatException($"jitter is {jitter.TotalSeconds:0.######}; this version delays no fire time, so only 0 is allowed. Leave it out.");
    }
}
