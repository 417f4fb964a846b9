using Escapement.Jobs;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Simulation;

/// <summary>A job of a simulation and the duration of its handler.</summary>
sealed record PlannedJob(string Id, double Every, double Handles, JobOptions Options)
{
    public string Handler => "handle-" + Id;

    /// <summary>Gets the maximum delay of its runs, in seconds.</summary>
    public double Jitter { get; init; }

    /// <summary>Gets the number of seconds after which its trigger ends.</summary>
    public double? Ends { get; init; }

    public TimeSpan Takes => TimeSpan.FromSeconds(Handles);

    public Job Declared => field ??= new()
    {
        Id = JobId.Parse(Id),
        Name = Id,
        Handler = Handler,
        Origin = JobOrigin.Code,
        DeclaredHash = Id,
        Options = Options,
        Trigger = new IntervalTrigger(TimeSpan.FromSeconds(Every), World.Start, ZoneClock.Utc,
            World.Start.AddSeconds(Ends ?? 1e6))
        { Jitter = TimeSpan.FromSeconds(Jitter) },
    };
}

/// <summary>The decisions made before a simulation begins.</summary>
/// <param name="Starts">The start time of each node.</param>
/// <param name="Jobs">The jobs declared by each node.</param>
/// <param name="Faults">The faults of the nodes.</param>
sealed record Plan(IReadOnlyList<TimeSpan> Starts, IReadOnlyList<PlannedJob> Jobs, IReadOnlyList<Fault> Faults)
{
    /// <summary>The tags of the jobs. A job may have both.</summary>
    public const string Fast = "fast", Slow = "slow";

    static readonly PlannedJob[] AllJobs =
    [
        new("tick", Every: 2, Handles: 0, new() { Tags = [Fast], MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(1)) }),
        new("short", Every: 3, Handles: 1, new() { Tags = [Fast, Slow], MisfireGrace = MisfireGrace.UntilNext }),
        new("long", Every: 5, Handles: 8, new() { Tags = [Slow], MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(4)) }),
        new("each", Every: 4, Handles: 5,
            new() { MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(20)), Coalesce = false, MaxInstances = 2 }),
        new("again", Every: 7, Handles: 3, new() { MisfireGrace = MisfireGrace.Unlimited, RerunIfInterrupted = true }),
    ];

    /// <summary>Gets a job whose runs are delayed by jitter.</summary>
    public static PlannedJob Delayed { get; } = new("delayed", Every: 6, Handles: 5,
        new() { MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(2)), Coalesce = false })
    { Jitter = 4 };

    /// <summary>Gets a job whose trigger ends.</summary>
    public static PlannedJob Ending { get; } = new("ending", Every: 3, Handles: 0,
        new() { MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(1)) })
    { Ends = 100 };

    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);

    public int WarmUps { get; init; }

    /// <summary>Gets the minimum duration of the simulation. By default the faults alone give the duration.</summary>
    public TimeSpan Length { get; init; }

    /// <summary>Gets whether a single node or every node is active.</summary>
    public ActiveNodes Actives { get; init; }

    public IReadOnlyList<Job> Declared => field ??= [.. Jobs.Select(job => job.Declared)];

    /// <summary>Returns the job with a name, for scenarios.</summary>
    public static PlannedJob Job(string id) => AllJobs.Single(job => job.Id == id);

    /// <summary>Returns the plan for a seed if every node is active.</summary>
    public static Plan OfEach(Seed seed)
    {
        var chance = new Random(seed.Number);
        var plan = Of(seed);
        List<Fault> faults = [.. plan.Faults.Select(fault => fault.Trouble is Trouble.Backfill
            ? fault
            : fault.Trouble is Trouble.MoveJob or Trouble.PauseJob or Trouble.PauseScope or Trouble.SkipNext
            ? Fault.EditOfEachByChance(chance, fault.At)
            : Fault.OfEachByChance(chance, fault.At))];
        return plan with { Faults = faults, Actives = ActiveNodes.Each };
    }

    /// <summary>Returns the plan for a seed.</summary>
    public static Plan Of(Seed seed)
    {
        var chance = new Random(seed.Number);
        var starts = Enumerable.Range(0, seed.Nodes)
            .Select(_ => TimeSpan.FromMilliseconds(chance.Next(3) == 0 ? chance.Next(8_000) : chance.Next(20))).ToList();
        var jobs = AllJobs.OrderBy(_ => chance.Next()).Take(2 + chance.Next(2)).ToList();
        List<Fault> faults = [];
        var at = TimeSpan.FromSeconds(2 + chance.NextDouble() * 30);
        for (var left = seed.Faults == 0 ? 0 : 1 + chance.Next(seed.Faults); left > 0; left--)
        {
            faults.Add(Fault.ByChance(chance, at));

            // Faults about a heartbeat or a lease apart do the most harm.
            at += TimeSpan.FromSeconds(chance.Next(4) switch
            {
                0 => chance.NextDouble(),
                1 => chance.NextDouble() * 6,
                2 =>
                chance.NextDouble() * 25,
                _ => chance.NextDouble() * 50
            });
        }

        var drain = TimeSpan.FromSeconds(chance.Next(2) == 0 ? 4 : 25);
        if (faults.Count > 0)
        {
            for (var left = chance.Next(4); left > 0; left--)
            {
                faults.Add(Fault.EditByChance(chance, faults[0].At + TimeSpan.FromSeconds(chance.NextDouble() * 60)));
            }
        }

        if (faults.Count > 0)
        {
            // With numbers of their own, so that the rest of the plan of a seed stays the same.
            var backfills = new Random(~seed.Number);
            for (var left = backfills.Next(4); left > 0; left--) faults.Add(Fault.BackfillByChance(backfills, faults[0].At));
        }

        if (chance.Next(3) == 0) jobs.Add(Delayed);
        if (chance.Next(3) == 0) jobs.Add(Ending);
        return new(starts, jobs, faults) { Drain = drain };
    }
}
