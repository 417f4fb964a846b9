using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Sqlite;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.LoadTests;

/// <summary>The store alone: many jobs fall due at once and are claimed and recorded, batch for batch, and then one at a time.</summary>
static class StoreTrial
{
    const string Handler = "work";
    static readonly TimeSpan Apart = TimeSpan.FromSeconds(1);

    /// <summary>Milliseconds of each claim and each record.</summary>
    public sealed record Result(int Runs, TimeSpan Took, List<double> Claim, List<double> Record);

    sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <param name="folder">A fresh folder.</param>
    /// <param name="jobs">How many are due at once, 1 to 500.</param>
    /// <param name="rounds">How often; a fifth more goes before.</param>
    public static async Task<Result> RunAsync(string folder, int jobs, int rounds)
    {
        var clock = new Clock(new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var store = new SqliteStore(new(Path.Combine(folder, $"{jobs}.db"), TimeSpan.FromSeconds(15)), clock);
        await store.OpenAsync("trials", CancellationToken.None);
        var edits = Enumerable.Range(0, jobs).Select(number => JobEdits.Add(new()
        {
            Id = JobId.Parse($"job-{number}"),
            Name = "job",
            Handler = Handler,
            Trigger = new IntervalTrigger(Apart, clock.Now, ZoneClock.Utc),
        }));
        await store.ChangeAsync(new() { Jobs = [.. edits] }, CancellationToken.None);
        var node = new NodeName("node", 1, "here", clock.Now, null);
        await store.LookAsync(new Sign.Enter(node, [], [Handler]), CancellationToken.None);
        var epoch = (await store.ChangeEpochsAsync(new() { Begin = node, WithLock = true, Newest = default(EpochSeen) },
            CancellationToken.None)).Begun!.Number;
        var request = new ClaimRequest
        {
            Node = "node",
            Epoch = epoch,
            Handlers = new HashSet<string> { Handler },
            FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 500 },
            GraceLimit = TimeSpan.FromHours(24),
        };

        List<double> claim = [], record = [];
        var (runs, begun) = (0, 0L);
        for (var round = -rounds / 5; round < rounds; round++)
        {
            if (round == 0) (runs, begun) = (0, TimeProvider.System.GetTimestamp());
            clock.Now += Apart;
            var at = TimeProvider.System.GetTimestamp();
            var claimed = await store.ClaimAsync(request, CancellationToken.None);
            var then = TimeProvider.System.GetTimestamp();
            await store.RecordAsync([.. claimed.Runs.Select(run => new Finished
            {
                Id = run.Id, Node = "node", Epoch = epoch, Attempt = run.Attempt, StartedAt = clock.Now, FinishedAt = clock.Now,
                Outcome = Outcome.Succeeded,
            })]);
            runs += claimed.Runs.Count;
            if (round < 0) continue;
            claim.Add(TimeProvider.System.GetElapsedTime(at, then).TotalMilliseconds);
            record.Add(TimeProvider.System.GetElapsedTime(then).TotalMilliseconds);
        }

        return new(runs, TimeProvider.System.GetElapsedTime(begun), claim, record);
    }
}
