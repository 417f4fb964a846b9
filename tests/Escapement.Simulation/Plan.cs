using Escapement.Jobs;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Simulation;

/// <summary>A job of a simulation and how long its handler takes.</summary>
sealed record PlannedJob(string Id, double Every, double Handles, JobOptions Options)
{
    public string Handler => "handle-" + Id;

    /// <summary>The most that its runs are delayed, in seconds.</summary>
    public double Jitter { get; init; }

    /// <summary>After how many seconds its trigger ends.</summary>
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

/// <summary>All that is decided before a simulation begins.</summary>
/// <param name="Starts">When each node starts.</param>
/// <param name="Jobs">The jobs that each declares.</param>
/// <param name="Faults">What befalls them.</param>
sealed record Plan(IReadOnlyList<TimeSpan> Starts, IReadOnlyList<PlannedJob> Jobs, IReadOnlyList<Fault> Faults)
{
    static readonly PlannedJob[] AllJobs =
    [
        new("tick", Every: 2, Handles: 0, new() { MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(1)) }),
        new("short", Every: 3, Handles: 1, new() { MisfireGrace = MisfireGrace.UntilNext }),
        new("long", Every: 5, Handles: 8, new() { MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(4)) }),
        new("each", Every: 4, Handles: 5,
            new() { MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(20)), Coalesce = false, MaxInstances = 2 }),
        new("again", Every: 7, Handles: 3, new() { MisfireGrace = MisfireGrace.Unlimited, RerunIfInterrupted = true }),
    ];

    static readonly PlannedJob Delayed = new("delayed", Every: 6, Handles: 5,
        new() { MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(2)), Coalesce = false })
    { Jitter = 4 };

    /// <summary>One whose trigger ends.</summary>
    public static PlannedJob Ending { get; } = new("ending", Every: 3, Handles: 0,
        new() { MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(1)) })
    { Ends = 100 };

    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);

    public int WarmUps { get; init; }

    /// <summary>Whether one node is active or each is.</summary>
    public ActiveNodes Actives { get; init; }

    public IReadOnlyList<Job> Declared => field ??= [.. Jobs.Select(job => job.Declared)];

    /// <summary>The job of this name, for scenarios.</summary>
    public static PlannedJob Job(string id) => AllJobs.Single(job => job.Id == id);

    /// <summary>What follows from a seed, where every node is active.</summary>
    public static Plan OfEach(Seed seed)
    {
        var chance = new Random(seed.Number);
        var plan = Of(seed);
        List<Fault> faults = [.. plan.Faults.Select(fault => fault.Trouble is Trouble.MoveJob or Trouble.PauseJob
            ? Fault.EditOfEachByChance(chance, fault.At)
            : Fault.OfEachByChance(chance, fault.At))];
        return plan with { Faults = faults, Actives = ActiveNodes.Each };
    }

    /// <summary>What follows from a seed.</summary>
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

            // The worst comes of faults that follow each other by about a beat or a lease.
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

        if (chance.Next(3) == 0) jobs.Add(Delayed);
        if (chance.Next(3) == 0) jobs.Add(Ending);
        return new(starts, jobs, faults) { Drain = drain };
    }
}
