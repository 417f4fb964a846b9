using Escapement.Core.Tests.Rules;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Sqlite;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.LoadTests;

/// <summary>Jobs with triggers that take long to ask are added, moved, paused, claimed and removed; another handle writes meanwhile, and its waits for the turn are taken.</summary>
static class TurnTrial
{
    const string Handler = "work";

    static readonly NodeName Node = new("node", 1, "here", DateTimeOffset.UnixEpoch, null);

    /// <summary>What the writes of the other handle took, in milliseconds, and how many changes and claims there were beside them.</summary>
    public sealed record Result(List<double> Writes, int Changes, int Claims, int Slow);

    /// <param name="folder">A fresh folder.</param>
    /// <param name="jobs">How many jobs come and go.</param>
    /// <param name="hostile">Whether their triggers take long; otherwise all are plain intervals.</param>
    public static async Task<Result> RunAsync(string folder, int jobs, bool hostile)
    {
        var path = Path.Combine(folder, hostile ? "hostile.db" : "plain.db");
        await using SqliteStore store = Open(path), other = Open(path);
        await store.OpenAsync("trials", CancellationToken.None);
        await other.OpenAsync("trials", CancellationToken.None);
        await store.LookAsync(new Sign.Enter(Node, [], [Handler]), CancellationToken.None);
        var epoch = (await store.ChangeEpochsAsync(new() { Begin = Node, WithLock = true, Newest = default(EpochSeen) },
            CancellationToken.None)).Begun!.Number;

        using CancellationTokenSource over = new();
        var writes = WriteAsync(other, epoch, over.Token);
        var claims = ClaimAsync(store, epoch, over.Token);
        var random = new Random(17);
        var changes = 0;
        for (var number = 0; number < jobs; number++)
        {
            var id = JobId.Parse($"job-{number}");
            var trigger = hostile
                ? HostileTriggers.Next(random)
                : new IntervalTrigger(TimeSpan.FromSeconds(1), DateTimeOffset.UtcNow, ZoneClock.Utc);
            JobEdit[] edits =
            [
                JobEdits.Add(new() { Id = id, Name = "job", Handler = Handler, Trigger = trigger,
                    Options = new() { MisfireGrace = MisfireGrace.Unlimited, Coalesce = random.Next(2) == 0, MaxInstances = null } }),
                JobEdits.Change(id, job => job, HostileTriggers.Instant(random)),
                JobEdits.Pause(id),
                JobEdits.Resume(id),
                JobEdits.Change(id, job => job, DateTimeOffset.UtcNow.AddSeconds(-random.Next(100))),
                JobEdits.Change(id, job => job with { Name = "other" }),
                .. number % 2 == 0 ? new[] { JobEdits.Remove(id) } : [],
            ];
            foreach (var edit in edits) changes += await TryAsync(store, edit);
        }

        await over.CancelAsync();
        var (claimed, slow) = await claims;
        return new(await writes, changes, claimed, slow);
    }

    static SqliteStore Open(string path) => new(new(path, TimeSpan.FromSeconds(15)), TimeProvider.System);

    static async Task<int> TryAsync(SqliteStore store, JobEdit edit)
    {
        try
        {
            await store.ChangeAsync(new() { Jobs = [edit] }, CancellationToken.None);
        }
        catch (JobNotFoundException)
        {
            // Its trigger yields nothing more.
        }

        return 1;
    }

    static async Task<List<double>> WriteAsync(SqliteStore store, long epoch, CancellationToken over)
    {
        List<double> took = [];
        while (!over.IsCancellationRequested)
        {
            var at = TimeProvider.System.GetTimestamp();
            await store.LookAsync(new Sign.Heartbeat(Node.Id, epoch), CancellationToken.None);
            took.Add(TimeProvider.System.GetElapsedTime(at).TotalMilliseconds);
            await Task.Delay(1, CancellationToken.None);
        }

        return took;
    }

    /// <summary>Claims as a node does: what is slow is prepared beside the claims.</summary>
    static async Task<(int Claims, int Slow)> ClaimAsync(SqliteStore store, long epoch, CancellationToken over)
    {
        var request = new ClaimRequest
        {
            Node = Node.Id,
            Epoch = epoch,
            Handlers = new HashSet<string> { Handler },
            FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 500 },
            GraceLimit = TimeSpan.FromHours(24),
        };
        var (claims, slow, preparing) = (0, 0, Task.CompletedTask);
        for (; !over.IsCancellationRequested; claims++)
        {
            var claimed = await store.ClaimAsync(request, CancellationToken.None);
            foreach (var job in claimed.Slow)
            {
                job.Reserve();
                slow++;
                preparing = preparing.ContinueWith(_ => job.Prepare(), over, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
            }

            await store.RecordAsync([.. claimed.Runs.Select(run => new Finished
            {
                Id = run.Id, Node = Node.Id, Epoch = epoch, Attempt = run.Attempt, StartedAt = run.FireTime,
                FinishedAt = DateTimeOffset.UtcNow, Outcome = Outcome.Succeeded,
            })]);
            await Task.Delay(5, CancellationToken.None);
        }

        return (claims, slow);
    }
}
