using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Escapement.Triggers;

namespace Escapement.Planted;

/// <summary>A store with a row of the job "bad" in every table, and the proof that the job "good" goes on.</summary>
static class GoingOn
{
    /// <summary>The statement that adds the only row that <see cref="PrepareAsync"/> cannot write.</summary>
    public const string AddArguments = "insert into run_args select fire_time, job, number, '[1]', '{}' from run where job = 2 limit 1";

    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Prepares a store in which every table has a row of job 2, "bad".</summary>
    public static async Task PrepareAsync(IJobStore store, ManualClock clock)
    {
        var options = new JobOptions { MisfireGrace = MisfireGrace.Unlimited, MaxInstances = 1, RerunIfInterrupted = true };
        await store.ChangeAsync(new() { Jobs = [.. new[] { "good", "bad", "paused" }.Select(id => JobEdits.Add(Job(id, options)))] }, None);
        await store.LookAsync(new Sign.Enter(Node("a"), ["good", "bad"], ["work"]), None);
        var first = (await store.ChangeEpochsAsync(new() { Begin = Node("a"), WithLock = true, Newest = default(EpochSeen) }, None)).Begun!;
        await store.EnqueueAsync(
            [new() { Job = JobId.Parse("bad"), Arguments = new("[1]", "{}"), Key = "k", KeyLasts = TimeSpan.FromDays(1) }], None);
        foreach (var run in (await ClaimAsync(store, first, "a")).Runs)
        {
            await store.RecordAsync([new()
            {
                Id = run.Id, Node = "a", Epoch = first.Number, Attempt = run.Attempt, StartedAt = clock.GetUtcNow(),
                FinishedAt = clock.GetUtcNow(), Outcome = Outcome.Succeeded,
            }]);
        }

        clock.Move(TimeSpan.FromSeconds(10));
        await ClaimAsync(store, first, "a");
        clock.Move(TimeSpan.FromSeconds(10));
        await ClaimAsync(store, first, "a");
        var seen = EpochSeen.Of((await store.LookAsync(Sign.None, None)).Newest);
        var second = (await store.ChangeEpochsAsync(
            new() { Begin = Node("b"), WithLock = true, Newest = seen, Ends = [(seen, EpochEnd.LeaseOver)] }, None)).Begun!;
        foreach (var run in (await ClaimAsync(store, second, "b")).Runs.Where(run => run.Job.Id.Value == "good"))
        {
            await store.RecordAsync([new()
            {
                Id = run.Id, Node = "b", Epoch = second.Number, Attempt = run.Attempt, StartedAt = clock.GetUtcNow(),
                FinishedAt = clock.GetUtcNow(), Outcome = Outcome.Failed, Error = "broken",
            }]);
        }

        await store.EnqueueAsync([new() { Job = JobId.Parse("bad"), Arguments = new("[2]", "{}"), Key = "second" }], None);
        await store.ChangeAsync(new()
        {
            Jobs = [JobEdits.Pause(JobId.Parse("paused"), clock.GetUtcNow().AddSeconds(5), "li", "db move")],
            Marks = [new() { Kind = MarkKind.StoreOutage, From = Start, To = clock.GetUtcNow(), Epoch = 1 }],
        }, None);
    }

    /// <summary>Asserts that after a takeover by a new process, job "good" fires and everything can be read.</summary>
    public static async Task AssertAsync(IJobStore store, ManualClock clock)
    {
        var look = await store.LookAsync(new Sign.Enter(Node("c"), [], ["work"]), None);
        var seen = EpochSeen.Of(look.Newest);
        var change = new EpochChange
        {
            Begin = Node("c"),
            WithLock = true,
            Newest = seen,
            Ends = look.Newest is { Ended: null }
            ? [(seen, EpochEnd.ProcessGone)]
            : [],
            Lost = ["a", "b"]
        };
        var epoch = (await store.ChangeEpochsAsync(change, None)).Begun!;
        Assert.True(epoch.Number > 0);
        List<ClaimedRun> ran = [];
        for (var i = 0; i < 3; i++)
        {
            var claimed = await ClaimAsync(store, epoch, "c");
            Assert.False(claimed.Fenced);
            ran.AddRange(claimed.Runs);
            await store.RecordAsync([.. claimed.Runs.Select(run => new Finished
            {
                Id = run.Id, Node = "c", Epoch = epoch.Number, Attempt = run.Attempt, StartedAt = clock.GetUtcNow(),
                FinishedAt = clock.GetUtcNow(), Outcome = Outcome.Succeeded,
            })]);
            clock.Move(TimeSpan.FromSeconds(10));
        }

        Assert.True(ran.Count(run => run.Job.Id.Value == "good") >= 2, $"{ran.Count} runs of all jobs");
        Assert.Equal(ran.Count, ran.Select(run => (run.Id, run.Attempt)).Distinct().Count());
        Assert.Contains((await store.JobsAsync(new() { Ended = true }, None)).Jobs, job => job.Job.Id.Value == "good");
        Assert.NotEmpty((await store.RunsAsync(new(), None)).Runs);
        Assert.NotEmpty((await store.LedgerAsync(new(), None)).Jobs);
        var (from, to) = (DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.Equal(JobId.Parse("good"), (await store.WhyAsync(JobId.Parse("good"), from, to, Language.English, None)).Job);
        Assert.NotEmpty((await store.AuditAsync(from, to, Language.Chinese, None)).Jobs);
        await store.ChangeAsync(new() { Jobs = [JobEdits.Pause(JobId.Parse("good")), JobEdits.Resume(JobId.Parse("good"))] }, None);
        while (await store.TrimAsync(Start.AddYears(1), None))
        {
        }
    }

    static Task<Claimed> ClaimAsync(IJobStore store, Epoch epoch, string node) => store.ClaimAsync(new()
    {
        Node = node,
        Epoch = epoch.Number,
        Handlers = new HashSet<string> { "work" },
        FreePlaces = new Dictionary<string, int> { ["default"] = 10 },
        GraceLimit = TimeSpan.FromDays(1),
    }, None);

    static Job Job(string id, JobOptions options) => new()
    {
        Id = JobId.Parse(id),
        Name = id,
        Handler = "work",
        Options = options,
        Trigger = new IntervalTrigger(TimeSpan.FromSeconds(10), Start, ZoneClock.Utc),
    };

    static NodeName Node(string id) => new(id, 1, "here", Start, null);
}
