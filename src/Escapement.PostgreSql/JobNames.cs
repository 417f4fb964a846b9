using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.PostgreSql;

/// <summary>The jobs that runs refer to by number.</summary>
sealed class JobNames
{
    /// <summary>The job of a run before <see cref="Named"/>.</summary>
    public static JobId Unnamed { get; } = JobId.Parse("unnamed");

    readonly Dictionary<long, Job> jobs = [];

    /// <summary>Returns the names of all jobs of a list.</summary>
    public static JobNames Of(IEnumerable<StoredJob> stored)
    {
        JobNames names = new();
        foreach (var job in stored) names.jobs[job.Number] = job.Job;
        return names;
    }

    /// <summary>Reads the jobs with given numbers.</summary>
    public static async Task<JobNames> OfAsync(Session db, IEnumerable<long> numbers) =>
        Of((await JobTable.FindAsync(db, numbers)).Select(job => job.Stored));

    /// <summary>Reads the jobs that are not yet known.</summary>
    public async Task AddAsync(Session db, IEnumerable<long> numbers)
    {
        List<long> missing = [.. numbers.Where(number => !jobs.ContainsKey(number)).Distinct()];
        if (missing.Count == 0) return;
        foreach (var job in await JobTable.FindAsync(db, missing)) jobs[job.Stored.Number] = job.Stored.Job;
    }

    public JobId IdOf(long job) => JobOf(job).Id;

    /// <summary>Returns the fire time of a run in its job's zone.</summary>
    public DateTimeOffset FireTimeOf(RunId run) => RunPages.FireTime(JobOf(run.Job), run);

    /// <summary>Returns an ended run with the name of its job, and with its fire time in the job's zone.</summary>
    public Run Named(Run run) => run with { Job = IdOf(run.Id.Job), FireTime = FireTimeOf(run.Id) };

    public Run RunOf(OpenRun run) => new()
    {
        Id = run.Id,
        Job = IdOf(run.Id.Job),
        FireTime = FireTimeOf(run.Id),
        State = RunState.Running,
        Attempt = run.Attempt,
        Cause = run.Cause,
        ClaimedAt = run.ClaimedAt,
        Node = run.Node,
        Epoch = run.Epoch,
        Token = run.Token,
    };

    public Run RunOf(WaitingRun run) => new()
    {
        Id = run.Id,
        Job = IdOf(run.Id.Job),
        FireTime = FireTimeOf(run.Id),
        State = RunState.Waiting,
        Attempt = run.Attempt - 1,
        Cause = run.Cause,
    };

    public Job JobOf(long number)
    {
        if (jobs.TryGetValue(number, out var known)) return known;
        return jobs[number] = Job.Unreadable(JobId.Parse($"unreadable-{number}"), "", $"The store has no job of number {number}.");
    }
}
