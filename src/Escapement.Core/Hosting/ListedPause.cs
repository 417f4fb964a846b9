using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;

namespace Escapement;

/// <summary>A pause as shown by <see cref="IScheduler.PausesAsync"/>, which lists the pauses that last, and by
/// <see cref="IScheduler.PauseHistoryAsync"/>, which also lists pauses that have ended.</summary>
public sealed class ListedPause
{
    readonly ScopedPause row;

    internal ListedPause(ScopedPause row, int? jobs) => (this.row, Jobs) = (row, jobs);

    /// <summary>The scope of the pause.</summary>
    public PauseScope Scope => row.Scope;

    /// <summary>The tag, the executor or the id of the job. Empty for the whole scheduler.</summary>
    public string Name => row.Name;

    /// <summary>The beginning.</summary>
    public DateTimeOffset Since => row.Pause.At;

    /// <summary>The end of the pause, or null for an indefinite pause.</summary>
    public DateTimeOffset? Until => row.Pause.Until;

    /// <summary>The instant at which the pause ended, or null while the pause lasts.</summary>
    public DateTimeOffset? Ended => row.Ended;

    /// <summary>The person or program, or null if not given.</summary>
    public string? By => row.Pause.By;

    /// <summary>The purpose, or null if not given.</summary>
    public string? Why => row.Pause.Why;

    /// <summary>The number of failures in a row after which the job paused itself, or null for any other pause.</summary>
    public int? AfterFailures => row.Pause.AfterFailures;

    /// <summary>The number of jobs that the pause holds. A job with a pause of its own counts for its own pause. Null for the
    /// whole scheduler, which holds all jobs, and for a pause that has ended.</summary>
    public int? Jobs { get; }

    /// <summary>Returns true if the pause lasts and is of a job, of a tag or the executor of the job, or of everything.</summary>
    /// <param name="job">The job.</param>
    public bool Holds(JobInfo job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return Ended is null && Scope switch
        {
            PauseScope.All => true,
            PauseScope.Job => Name == job.Id.Value,
            _ => ScopedPauses.Has(Scope, Name, job.Options),
        };
    }

    /// <summary>Returns the pause as a part of a sentence, in the words of <see cref="IScheduler.WhyAsync"/>, such as <c>paused
    /// with the tag nightly by li since 10:02: db move</c>.</summary>
    /// <param name="language">The language.</param>
    /// <param name="zone">The zone of the instants.</param>
    /// <param name="now">An instant of the day whose instants are shown without a date.</param>
    public string Sentence(Language language, ZoneClock zone, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(zone);
        return LedgerSentences.OfPause(row, new(language, zone, now));
    }
}

/// <summary>The jobs of a tag or an executor after its pause or resume.</summary>
/// <param name="Jobs">The number of jobs with the tag or of the executor.</param>
/// <param name="Changed">The number of jobs that were changed.</param>
/// <param name="Held">The number of jobs that are paused now: by the job itself, a tag, the executor or the whole
/// scheduler.</param>
public sealed record ScopedJobs(int Jobs, int Changed, int Held);
