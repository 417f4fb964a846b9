using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>The obstacle to naming the fire times of a backfill.</summary>
enum BackfillObstacle
{
    /// <summary>There are more fire times than allowed.</summary>
    TooMany,

    /// <summary>The records contradict each other.</summary>
    Imbalance,

    /// <summary>More runs never began than were read.</summary>
    TooManyNeverBegan,

    /// <summary>More runs lie between the fire times than were read.</summary>
    TooManyRunsBetween,
}

/// <summary>The fire times of a job that did not run and that a backfill can make up.</summary>
sealed class MissedFireTimes
{
    /// <summary>The number of fire times.</summary>
    public required long Count { get; init; }

    /// <summary>The number of fire times that no claim has decided, and that may still run.</summary>
    public required long Undecided { get; init; }

    /// <summary>The number of fire times of each reason, largest first.</summary>
    public required IReadOnlyList<(Reason Reason, long Count)> Reasons { get; init; }

    /// <summary>The reason why <see cref="FireTimes"/> is null.</summary>
    public BackfillObstacle Obstacle { get; private init; }

    /// <summary>The fire times in microseconds since 1970-01-01 UTC, oldest first. Null because of an
    /// <see cref="Obstacle"/>.</summary>
    public required IReadOnlyList<long>? FireTimes { get; init; }

    /// <summary>Finds the decided fire times of a span.</summary>
    /// <param name="reading">The reading of the job, after <see cref="LedgerReading.Judge"/>.</param>
    /// <param name="job">The job.</param>
    /// <param name="reasons">The reasons, also as the cause of a delay. Null for every reason that nobody asked for.</param>
    /// <param name="max">The maximum number of <see cref="FireTimes"/>. More fire times are only counted.</param>
    /// <exception cref="JobNotFoundException">The reading has no such job.</exception>
    public static MissedFireTimes Of(LedgerReading reading, JobId job, IReadOnlySet<Reason>? reasons, int max)
    {
        if (reading.Jobs.FirstOrDefault(candidate => candidate.Layers.Job == job) is not { } read) throw new JobNotFoundException(job);
        List<NotRun> found = [.. read.Items.Where(item => Matches(item, reasons, reading))];
        List<NotRun> items = [.. found.Where(item => item.IsDecided)];
        var count = items.Sum(item => item.Count);
        List<IEnumerable<long>?> times = count > max || read.IsCut ? [null] : [.. items.Select(read.FireTimesOf)];
        return new()
        {
            Count = count,
            Undecided = found.Where(item => !item.IsDecided).Sum(item => item.Count),
            Obstacle = count > max ? BackfillObstacle.TooMany
                : !read.IsCut ? BackfillObstacle.TooManyRunsBetween
                : !read.Tally.IsBalanced ? BackfillObstacle.Imbalance
                : BackfillObstacle.TooManyNeverBegan,
            Reasons = [.. items.GroupBy(item => item.Reason).Select(group => (group.Key, group.Sum(item => item.Count)))
                .OrderByDescending(group => group.Item2)],
            FireTimes = times.Contains(null) ? null : [.. times.SelectMany(each => each!).Order()],
        };
    }

    /// <summary>Returns true for a reason of the backfill: the reason itself, or the reason for which the fire times were
    /// late.</summary>
    static bool Matches(NotRun item, IReadOnlySet<Reason>? reasons, LedgerReading reading) => reasons is null
        ? item.Kind == ItemKind.Missed
        : reasons.Contains(item.Reason) || (reading.LateFor(item) is { } late && reasons.Contains(late));
}
