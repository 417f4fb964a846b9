using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.TestProcesses;

namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>Real processes run jobs while a replica without the last commits replaces the primary server.</summary>
[Collection(ChaosServer.Name)]
public sealed class FailoverProcessTests
{
    const int Load = 20;

    /// <summary>The distance of the fencing tokens of two timelines.</summary>
    const long Jump = 1_000_000_000;

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Nodes_go_on_against_the_promoted_replica_and_each_due_fire_time_is_accounted_for_there(bool oneIsActive)
    {
        await using var servers = await ReplicatedServers.StartAsync();
        await using var cluster = await Cluster.OpenAsync(lease: 6, servers.ConnectionString);
        string[] settings = oneIsActive ? ["--Escapement:SingleActive", "true"] : [];
        for (var i = 0; i < 2; i++) cluster.Start(Load, null, settings);
        await cluster.RunsGoOnAsync(Load);
        await cluster.AddDuesAsync(jobs: 10, seconds: 6, cluster.Store.Clock.GetUtcNow());
        var until = Path.Combine(Path.GetTempPath(), $"escapement-failover-{Guid.NewGuid():N}");
        var (lost, again) = (await StubbornAsync(cluster, "lost", until, rerun: false), await StubbornAsync(cluster, "again", until, rerun: true));
        var from = DateTimeOffset.UtcNow;
        try
        {
            await servers.LoseAllThatFollowsAsync();

            // The old primary records the ends of both runs, and the claims of further fire times.
            await File.WriteAllTextAsync(until, "");
            await EndedAsync(cluster, lost, again);
            await cluster.RunsGoOnAsync(Load);
            await servers.FailOverAsync();
            await Task.WhenAll(cluster.Nodes.Select(node => node.SaysAsync(LogEvent.FailedOver)));
            await cluster.RunsGoOnAsync(Load * 2);
            var to = DateTimeOffset.UtcNow;
            await EndedAsync(cluster, lost, again);
            await cluster.UntilAsync(async () => (await DuesAsync(cluster)) is { Count: 60 } dues
                && dues.TrueForAll(run => run.State == RunState.Ended) ? "" : null);

            var audit = await cluster.CheckAsync(oneIsActive: oneIsActive, lost: (from, to));
            var history = await cluster.HistoryAsync(oneIsActive, (from, to));
            Assert.Null(history.Check());
            Assert.True(history.LostStarts > 0);
            Assert.Contains(await DuesAsync(cluster), run => run.Token > Jump);
            Assert.Contains(audit.Activations, epoch => epoch.How == EpochEnd.LeaseOver);
            Assert.Equal((Outcome.Interrupted, 1), OfEnd(await RunAsync(cluster, lost)));
            Assert.Equal((Outcome.Succeeded, 2), OfEnd(await RunAsync(cluster, again)));
            Assert.True((await RunAsync(cluster, again)).Token > Jump);
        }
        finally
        {
            File.Delete(until);
        }
    }

    /// <summary>Runs a job whose handler waits for a file, and waits until the handler has started.</summary>
    static async Task<RunId> StubbornAsync(Cluster cluster, string name, string until, bool rerun)
    {
        var id = JobId.Parse(name);
        await cluster.Store.ChangeAsync(new()
        {
            Jobs =
            [
                JobEdits.Add(new()
                {
                    Id = id,
                    Name = name,
                    Handler = "stubborn",
                    Arguments = new($"""["{until}"]""", "{}"),
                    Options = new() { RerunIfInterrupted = rerun },
                }),
            ],
        }, CancellationToken.None);
        var run = (await cluster.Store.EnqueueAsync([new() { Job = id }], CancellationToken.None))[0].Run;
        await cluster.UntilAsync(() => Task.FromResult(cluster.Nodes.Exists(node => AddTrial.Lines(node.JournalFile).Any(line =>
            line.StartsWith($"start {name} ", StringComparison.Ordinal))) ? "" : null));
        return run;
    }

    static Task EndedAsync(Cluster cluster, params RunId[] runs) => cluster.UntilAsync(async () =>
    {
        foreach (var run in runs)
            if ((await RunAsync(cluster, run)).State != RunState.Ended) return null;
        return "";
    });

    static async Task<Run> RunAsync(Cluster cluster, RunId run) =>
        (await cluster.Store.RunsAsync(new() { Id = run }, CancellationToken.None)).Runs[0];

    static async Task<List<Run>> DuesAsync(Cluster cluster) =>
        (await Account.AllRunsAsync(cluster.Store)).FindAll(run => run.Job.Value.StartsWith("due-", StringComparison.Ordinal));

    static (Outcome?, int) OfEnd(Run run) => (run.Outcome, run.Attempt);
}
