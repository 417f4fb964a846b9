using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement;

/// <summary>A job as shown by <see cref="IScheduler"/> and REST. A snapshot, which does not follow later
/// changes.</summary>
public sealed class JobInfo
{
    /// <summary>The id.</summary>
    public required JobId Id { get; init; }

    /// <summary>The display name, by default the id.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the handler, or empty if the stored definition is unreadable.</summary>
    public required string Handler { get; init; }

    /// <summary>The arguments of the handler.</summary>
    public required JobArguments Arguments { get; init; }

    /// <summary>The trigger as text with its time zone, for <see cref="TriggerText.Parse"/>, or null for a job that
    /// runs only on request.</summary>
    public required string? Trigger { get; init; }

    /// <summary>The options, such as misfire grace, executor, description, tags and priority.</summary>
    public required JobOptions Options { get; init; }

    /// <summary>The origin of the definition.</summary>
    public required JobOrigin Origin { get; init; }

    /// <summary>The next fire time, with the offset of the trigger's time zone. Null for a paused job, and if there is
    /// no further fire time.</summary>
    public required DateTimeOffset? NextFireTime { get; init; }

    /// <summary>The latest claimed fire time in UTC, or null before the first claim.</summary>
    public required DateTimeOffset? LastFireTime { get; init; }

    /// <summary>The number of claimed runs without an outcome.</summary>
    public required int Running { get; init; }

    /// <summary>How the job ended, or null for a living job. Set only in the answer of a change that ends the job.</summary>
    public JobEnd? Ended { get; init; }

    /// <summary>The pause, or null.</summary>
    public required PauseInfo? Paused { get; init; }

    /// <summary>The version, from 1. Grows with each change of the definition or the pause, but not with
    /// runs.</summary>
    /// <remarks>A change with <c>ifVersion</c> is rejected if the job has another version.</remarks>
    public required long Version { get; init; }

    /// <summary>The reason why the job cannot run as a sentence: the stored definition is unreadable, or this program has
    /// no such handler. Null otherwise.</summary>
    public required string? Error { get; init; }

    /// <summary>The trigger object for REST, or null if only the text is known.</summary>
    internal Trigger? TriggerValue { get; init; }

    /// <summary>Returns the trigger as a sentence with its time zone, such as <c>At 09:00, Monday to Friday
    /// (Asia/Shanghai).</c></summary>
    /// <param name="language">The language of the sentence.</param>
    /// <returns>The sentence, or null for a job that runs only on request.</returns>
    /// <exception cref="FormatException">This version does not know the kind of trigger in
    /// <see cref="Trigger"/>.</exception>
    public string? ExplainTrigger(Language language = Language.English) =>
        Trigger is null ? null : TriggerSentence.Of(TriggerValue ?? TriggerText.Parse(Trigger, WithoutSets), language);

    // The text contains its own zone and dates, and a sentence names excluded sets without their dates.
    static readonly TriggerContext WithoutSets = new(ZoneClock.Utc, DateTimeOffset.UnixEpoch) { Dates = null };
}
