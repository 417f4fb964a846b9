using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement;

/// <summary>A request for a run of a job.</summary>
public sealed record RunRequest
{
    /// <summary>The job, which may be paused.</summary>
    public required JobId Job { get; init; }

    /// <summary>The run's own arguments, or null for the job's arguments.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>The earliest start, or null for now by the store's clock. An earlier instant means now.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The maximum length of a key in characters.</summary>
    public const int MaxKeyLength = 255;

    /// <summary>A key of 1 to 255 printable characters that names a single run of the job, or null. A second request
    /// with the same key returns the run of the first request, until the run has ended and
    /// <see cref="JobOptions.KeyLasts"/> is over.</summary>
    /// <exception cref="FormatException">The key is empty, too long, or contains an unprintable character.</exception>
    public string? Key { get; init => field = value is null ? null : Checked(value); }

    /// <summary>How long the key stays taken after the end of the run, zero or more, or null for the job's
    /// <see cref="JobOptions.KeyLasts"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is below zero.</exception>
    public TimeSpan? KeyLasts
    {
        get;
        init => field = value is { } span && span < TimeSpan.Zero
            ? throw new ArgumentOutOfRangeException(nameof(value), value, $"KeyLasts is {span}; zero or more is allowed.")
            : value;
    }

    /// <summary>True if a caller waits for the end of the run, so that the end sends a notification.</summary>
    public bool Watched { get; init; }

    /// <summary>The required version of the job, or null for any.</summary>
    public long? IfVersion { get; init; }

    /// <summary>The fire time that the run makes up for, or null for a run that is no backfill. The run has the key of the fire
    /// time. Set by <see cref="Rules.EnqueueRules.Backfill"/>.</summary>
    public DateTimeOffset? FireTime { get; internal init; }

    /// <summary>The author of the request, which is then recorded as an action, or null for a request without a
    /// record.</summary>
    public ChangeAuthor? Author { get; init; }

    static string Checked(string key) =>
        string.IsNullOrWhiteSpace(key) ? throw new FormatException($"The key is empty. Use 1 to {MaxKeyLength} printable characters.")
        : key.Length > MaxKeyLength ? throw new FormatException(
            $"The key '{Printable.Shown(key, 32)}' has {key.Length} characters; at most {MaxKeyLength} are allowed.")
        : Printable.Checked("key", key);
}
