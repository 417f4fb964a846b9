using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement;

/// <summary>A pause as shown by <see cref="IScheduler.PausesAsync"/>, which lists the pauses that last, and by
/// <see cref="IScheduler.PauseHistoryAsync"/>.</summary>
public sealed class OpenPause
{
    /// <summary>The scope of the pause.</summary>
    public required PauseScope Scope { get; init; }

    /// <summary>The tag, the executor or the id of the job. Empty for the whole scheduler.</summary>
    public required string Name { get; init; }

    /// <summary>The beginning.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The end of the pause, or null for an indefinite pause.</summary>
    public required DateTimeOffset? Until { get; init; }

    /// <summary>The instant at which the pause ended, or null while the pause lasts.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The person or program, or null if not given.</summary>
    public required string? By { get; init; }

    /// <summary>The purpose, or null if not given.</summary>
    public required string? Why { get; init; }

    /// <summary>The number of jobs that the pause holds. A job with a pause of its own counts for its own pause. Null for the
    /// whole scheduler, which holds all jobs, and for a pause that has ended.</summary>
    public required int? Jobs { get; init; }

    /// <summary>Returns the pause as a part of a sentence, in the words of <see cref="IScheduler.WhyAsync"/>, such as <c>paused
    /// with the tag nightly by li since 10:02: db move</c>.</summary>
    /// <param name="language">The language.</param>
    /// <param name="zone">The zone of the instants.</param>
    /// <param name="now">An instant of the day whose instants are shown without a date.</param>
    public string Sentence(Language language, ZoneClock zone, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(zone);
        LedgerText text = new(language, zone, now);
        var end = Ended ?? Until;
        var (since, until) = text.Times(Since, end ?? Since);
        var name = Scope switch
        {
            PauseScope.All => "SchedulerPaused",
            PauseScope.Tag => "Paused.Tag",
            PauseScope.Executor => "Paused.Executor",
            _ => "Paused",
        };
        return text.Say(name, text.By(By), text.Say("Since", since), end is null ? "" : text.Say("Until", until), text.Note(Why), Name);
    }
}
