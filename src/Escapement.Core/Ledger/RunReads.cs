namespace Escapement.Ledger;

/// <summary>A span of the fire times of a job.</summary>
/// <param name="Job">The number of the job in its store, or <see cref="AllJobs"/>.</param>
/// <param name="From">The inclusive beginning, in microseconds since 1970-01-01 UTC.</param>
/// <param name="To">The exclusive end, in microseconds since 1970-01-01 UTC.</param>
public readonly record struct RunSpan(long Job, long From, long To)
{
    /// <summary>The value of <see cref="Job"/> for all jobs. Allowed only in <see cref="RunReads.Rows"/>.</summary>
    public const long AllJobs = 0;

    /// <summary>Returns the span of a single fire time.</summary>
    public static RunSpan Of(long job, long fireTime) => new(job, fireTime, fireTime + 1);

    /// <summary>True for the span of a single fire time.</summary>
    public bool IsSingle => To == From + 1;
}

/// <summary>The numbers of ended runs of fire times in a span, without enqueued runs.</summary>
/// <param name="Ran">The number of runs that began, whatever the outcome.</param>
/// <param name="Missed">The number of runs with the outcome <see cref="Outcome.Missed"/>.</param>
/// <param name="Unsuccessful">The number of runs among <paramref name="Ran"/> that did not succeed.</param>
/// <param name="MadeUp">The number of runs among <paramref name="Ran"/> with the cause <see cref="RunCause.Backfill"/>.</param>
public readonly record struct RunCount(long Ran, long Missed, long Unsuccessful, long MadeUp)
{
    /// <summary>Returns the count after a further run.</summary>
    /// <param name="outcome">The outcome of the run.</param>
    /// <param name="cause">The cause of the run.</param>
    public RunCount And(Outcome outcome, RunCause cause) => outcome == Outcome.Missed
        ? this with { Missed = Missed + 1 }
        : this with
        {
            Ran = Ran + 1,
            Unsuccessful = Unsuccessful + (outcome == Outcome.Succeeded ? 0 : 1),
            MadeUp = MadeUp + (cause == RunCause.Backfill ? 1 : 0),
        };
}

/// <summary>A request of a reader of the ledger for runs, made from the layers of the same snapshot.</summary>
public sealed class RunReads
{
    /// <summary>The maximum number of runs that a store reads for each span of <see cref="Rows"/>.</summary>
    public const int MaxRows = 10_000;

    /// <summary>The maximum number of runs of single jobs that a reader asks for in <see cref="Rows"/>, in all requests
    /// together.</summary>
    internal const int MaxTotal = 50_000;

    /// <summary>The spans whose ended runs the store counts. A store looks up single fire times by key, counts a few spans
    /// one by one, and many spans in a single pass over the history.</summary>
    public IReadOnlyList<RunSpan> Counts { get; init; } = [];

    /// <summary>The spans whose ended runs of fire times the store reads, up to <see cref="MaxRows"/> each.</summary>
    public IReadOnlyList<RunSpan> Rows { get; init; } = [];

    /// <summary>The maximum number of runs of all spans of <see cref="Rows"/> together. A store reads no further run when the
    /// limit is reached, and chooses the order of the spans.</summary>
    public int Limit { get; init; } = int.MaxValue;
}
