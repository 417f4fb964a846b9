using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement;

/// <summary>A job as <see cref="IScheduler"/> and REST show the job. A snapshot: later changes need another call.</summary>
public sealed record JobInfo
{
    /// <summary>The id.</summary>
    public required JobId Id { get; init; }

    /// <summary>The name for people; the id when no name was given.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the handler; empty when the stored definition cannot be read.</summary>
    public required string Handler { get; init; }

    /// <summary>The arguments of the handler.</summary>
    public required JobArguments Arguments { get; init; }

    /// <summary>The trigger as text with its time zone, for <see cref="TriggerText.Parse"/>; null for a job that runs only on request.</summary>
    public required string? Trigger { get; init; }

    /// <summary>The options: misfire grace, executor, description, tags, priority and the others.</summary>
    public required JobOptions Options { get; init; }

    /// <summary>Where the definition comes from.</summary>
    public required JobOrigin Origin { get; init; }

    /// <summary>The next fire time, with the offset of the trigger's time zone; null while the job is paused, and when no fire time follows.</summary>
    public required DateTimeOffset? NextFireTime { get; init; }

    /// <summary>The latest fire time that was claimed, in UTC; null before the first claim.</summary>
    public required DateTimeOffset? LastFireTime { get; init; }

    /// <summary>The number of claimed runs without an outcome; 0 or more.</summary>
    public required int Running { get; init; }

    /// <summary>The pause; null for a job that is not paused.</summary>
    public required PauseInfo? Paused { get; init; }

    /// <summary>The version, 1 or more: grows with each change of the definition or the pause, and not with runs.</summary>
    /// <remarks>Changes with <c>ifVersion</c> are refused when the job is at another version.</remarks>
    public required long Version { get; init; }

    /// <summary>Why the stored definition cannot be read, as a sentence; null for a job that can be read.</summary>
    public required string? Error { get; init; }

    /// <summary>The trigger itself, of which REST shows the fields; null where only the text is known.</summary>
    internal Trigger? TriggerValue { get; init; }

    /// <summary>Returns the trigger as a sentence with its time zone, such as <c>At 09:00, Monday to Friday (Asia/Shanghai).</c></summary>
    /// <param name="language">The language of the sentence.</param>
    /// <returns>Null for a job that runs only on request.</returns>
    /// <exception cref="FormatException">This version does not know the kind of trigger in <see cref="Trigger"/>.</exception>
    public string? ExplainTrigger(Language language = Language.English) =>
        Trigger is null ? null : TriggerSentence.Of(TriggerValue ?? TriggerText.Parse(Trigger, WithoutSets), language);

    // The text has its own zone and dates, and a sentence names excluded sets without their days.
    static readonly TriggerContext WithoutSets = new(ZoneClock.Utc, DateTimeOffset.UnixEpoch) { Dates = null };
}
