using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Sqlite;
using Escapement.Stores;

namespace Escapement.TestProcesses;

/// <summary>
/// A trial that repeatedly kills the active process under load and measures the time to the next process's first claim.
/// </summary>
public static class KillTrial
{
    /// <summary>The result of the trial.</summary>
    /// <param name="ToEpoch">The times from the kill to the next epoch, in milliseconds.</param>
    /// <param name="ToClaim">The times from the kill to the start of the first run under the next epoch, in
    /// milliseconds.</param>
    /// <param name="Ours">The same times without the wait for a fire time that became due after the epoch had
    /// begun.</param>
    /// <param name="Flush">The flush times of the disk during the trial, in milliseconds.</param>
    /// <param name="Account">The balance at the end.</param>
    public sealed record Result(List<double> ToEpoch, List<double> ToClaim, List<double> Ours, List<double> Flush, Account Account);

    /// <summary>Kills the active process of three processes the given number of times.</summary>
    public static async Task<Result> RunAsync(string folder, int times, int load, Action<string> say)
    {
        List<NodeProcess> nodes = [];
        List<string> journals = [];
        try
        {
            for (var i = 0; i < 3; i++) await AddAsync(first: i == 0);
            await using var store = await OpenAsync(folder);
            List<double> toEpoch = [], toClaim = [], ours = [], flush = [];
            for (var i = 1; i <= times; i++)
            {
                var before = (await store.LookAsync(Sign.None, CancellationToken.None)).Newest!;
                var active = nodes.Single(node => node.Pid == before.Node.Pid);
                await FirstRunAsync(store, before.Number);
                for (var k = 0; k < 3; k++) flush.Add(Figures.Flush(folder));

                var killed = DateTimeOffset.UtcNow;
                active.Signal(NodeProcess.Kill);

                // All figures are read afterwards from the output of the processes,
                // because observing would take a core from the takeover.
                await Task.Delay(TimeSpan.FromMilliseconds(200));
                var epoch = await NextEpochAsync(store, before.Number);
                var run = await FirstRunAsync(store, epoch.Number);
                toEpoch.Add((epoch.Begun - killed).TotalMilliseconds);
                toClaim.Add((run.StartedAt!.Value - killed).TotalMilliseconds);
                var waited = (run.FireTime - epoch.Begun).TotalMilliseconds;
                ours.Add(toClaim[^1] - Math.Max(0, waited));
                say($"kill {i}: process {active.Pid} with epoch {before.Number}; epoch {epoch.Number} after {toEpoch[^1]:0.0} ms, its first run after {toClaim[^1]:0.0} ms");
                nodes.Remove(active);
                active.Dispose();
                await AddAsync(first: false);
            }

            foreach (var node in nodes) node.Signal(NodeProcess.Terminate);
            foreach (var node in nodes) await node.EndAsync();
            return new(toEpoch, toClaim, ours, flush, await Account.TakeAsync(store, "load-", journals));
        }
        finally
        {
            foreach (var node in nodes) node.Dispose();
        }

        async Task AddAsync(bool first)
        {
            var node = NodeProcess.Start(folder, "--load", load.ToString(System.Globalization.CultureInfo.InvariantCulture));
            nodes.Add(node);
            journals.Add(node.JournalFile);
            await (first ? node.IsActiveAsync() : node.SaysAsync(LogEvent.WarmedUp));
        }
    }

    /// <summary>Opens the nodes' store without becoming a node.</summary>
    public static async Task<IJobStore> OpenAsync(string folder)
    {
        var store = new SqliteStore(new SqliteStoreOptions(Path.Combine(folder, "jobs.db"), TimeSpan.FromSeconds(15)), TimeProvider.System,
            null);
        await store.OpenAsync("Escapement.TestProcesses", CancellationToken.None);
        return store;
    }

    static Task<Epoch> NextEpochAsync(IJobStore store, long after) => UntilAsync(store, StoreSignal.Epoch, async () =>
        (await store.LookAsync(Sign.None, CancellationToken.None)).Newest is { } epoch && epoch.Number > after ? epoch : null);

    static Task<Run> FirstRunAsync(IJobStore store, long epoch) => UntilAsync(store, StoreSignal.None, async () =>
        (await store.RunsAsync(new() { Limit = RunQuery.MaxLimit, Since = DateTimeOffset.UtcNow.AddSeconds(-10) },
            CancellationToken.None)).Runs
            .Where(run => run.Epoch == epoch && run.StartedAt is not null).MinBy(run => run.StartedAt));

    /// <summary>Queries the store until an answer exists, after each notification and periodically.</summary>
    public static async Task<T> UntilAsync<T>(IJobStore store, StoreSignal signal, Func<Task<T?>> ask) where T : class
    {
        using var limit = new CancellationTokenSource(NodeProcess.Limit);
        using var rung = new SemaphoreSlim(0);
        using var listening = store.Notifier.Subscribe(heard =>
        {
            if ((heard.Signal & signal) != 0) rung.Release();
        });
        while (true)
        {
            if (await ask() is { } answer) return answer;
            await rung.WaitAsync(TimeSpan.FromMilliseconds(25), limit.Token);
        }
    }
}
