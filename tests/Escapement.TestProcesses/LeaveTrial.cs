using System.Globalization;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.TestProcesses;

/// <summary>
/// A trial that asks the active process to end during a long run.
/// The next fire times must not be late, and the long run must end and be recorded by its owner.
/// </summary>
public static class LeaveTrial
{
    /// <summary>The result of the trial.</summary>
    /// <param name="Lateness">The delays of the load's runs after the signal, in milliseconds.</param>
    /// <param name="LongRun">The long run at the end.</param>
    /// <param name="Owner">The node that owned the long run.</param>
    /// <param name="Overlapped">True if another run of the job started meanwhile, although its max_instances is
    /// 1.</param>
    /// <param name="Account">The balance.</param>
    public sealed record Result(List<double> Lateness, Run LongRun, string Owner, bool Overlapped, Account Account);

    /// <summary>Asks the active process to end during a run of the given number of seconds.</summary>
    public static async Task<Result> RunAsync(string folder, double seconds, int load)
    {
        var text = load.ToString(CultureInfo.InvariantCulture);
        using var first = NodeProcess.Start(folder, "--load", text);
        await first.IsActiveAsync();
        using var second = NodeProcess.Start(folder, "--load", text);
        await second.SaysAsync(LogEvent.WarmedUp);
        await second.SaysAsync(LogEvent.Serving);
        using var http = new HttpClient { BaseAddress = new(second.Url) };
        var job = new
        {
            id = "long",
            func = "long",
            kwargs = new { seconds },
            trigger = "interval",
            seconds = 1,
            start_date = "2020-01-01T00:00:00Z"
        };
        using (var answer = await http.PostAsJsonAsync("/scheduler/jobs", job)) answer.EnsureSuccessStatusCode();
        await AddTrial.StartedAsync(first.JournalFile, "long");
        await using var store = await KillTrial.OpenAsync(folder);
        var owner = (await store.LookAsync(Sign.None, CancellationToken.None)).Newest!.Node.Id;

        var stopped = DateTimeOffset.UtcNow;
        first.Signal(NodeProcess.Terminate);
        await first.EndAsync();
        var drained = DateTimeOffset.UtcNow;
        var runs = await Account.AllRunsAsync(store);
        var lateness = runs.Where(run =>
            run.Job.Value.StartsWith("load-", StringComparison.Ordinal) && run.FireTime >= stopped && run.StartedAt is not null)
            .Select(run => (run.StartedAt!.Value - run.FireTime).TotalMilliseconds).ToList();
        var longs = runs.Where(run => run.Job.Value == "long").OrderBy(run => run.FireTime).ToList();
        second.Signal(NodeProcess.Terminate);
        await second.EndAsync();
        var account = await Account.TakeAsync(store, "load-", [first.JournalFile, second.JournalFile]);
        return new(lateness, longs[0], owner, longs.Skip(1).Any(run => run.StartedAt < longs[0].FinishedAt), account);
    }
}
