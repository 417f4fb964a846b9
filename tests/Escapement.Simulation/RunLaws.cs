using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Simulation;

/// <summary>
/// Checks the laws of claims, starts and settlements in the order of the events. The simulation reports its events as they
/// happen, and <see cref="History"/> reports the records of real processes.
/// </summary>
/// <param name="fail">Receives each breach.</param>
/// <param name="name">Returns the name of a fire time in a message.</param>
sealed class RunLaws(Action<Law, string> fail, Func<JobId, DateTimeOffset, string> name)
{
    readonly HashSet<(RunId, int)> claimed = [], started = [], settled = [];
    readonly HashSet<RunId> missed = [];
    readonly HashSet<long> tokens = [];
    readonly Dictionary<long, long> lastTokens = [];

    /// <summary>Checks an accepted claim.</summary>
    /// <param name="run">The run.</param>
    /// <param name="job">The job of the run.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="token">The fencing token.</param>
    /// <param name="order">The order of claims in which the tokens grow: 0 if all claims have one order.</param>
    public void Claimed(RunId run, JobId job, int attempt, long token, long order = 0)
    {
        // A run that never began may be claimed again, by a backfill or after its job was moved back.
        if (!claimed.Add((run, attempt)) && !missed.Remove(run)) fail(Law.ClaimedOnce, $"{Name(job, run)} is claimed twice");
        if (!tokens.Add(token)) fail(Law.NumbersGrow, $"fencing token {token} is given twice");
        if (lastTokens.GetValueOrDefault(order) is var last && token <= last)
            fail(Law.NumbersGrow, $"fencing token {token} comes after {last}: it must grow with each claim");
        lastTokens[order] = token;
    }

    public bool WasClaimed(RunId run, int attempt) => claimed.Contains((run, attempt));

    /// <summary>Records that a claimed run was put back by its node.</summary>
    public void PutBack(RunId run, JobId job, int attempt)
    {
        claimed.Remove((run, attempt));
        if (started.Contains((run, attempt))) fail(Law.NothingBegunIsPutBack, $"{Name(job, run)} is put back, and its handler has begun");
    }

    /// <summary>Records that a claimed run was not begun within its grace.</summary>
    public void Missed(RunId run) => missed.Add(run);

    /// <summary>Checks the start of a handler.</summary>
    public void Started(RunId run, JobId job, int attempt)
    {
        if (!started.Add((run, attempt)))
            fail(Law.StartedOnce, $"the handler of {Name(job, run)} is started twice for attempt {attempt}");
        if (settled.Contains((run, attempt)))
            fail(Law.NoStartAfterSettlement, $"a handler is started for {Name(job, run)}, attempt {attempt}, which was settled");
    }

    /// <summary>Records that an attempt was settled as interrupted.</summary>
    public void Settled(RunId run, int attempt) => settled.Add((run, attempt));

    /// <summary>Compares a run of the ledger with its claim, its start and its end.</summary>
    public void Compare(Run run)
    {
        if (run.Node is { } node && !WasClaimed(run.Id, Math.Max(run.Attempt, 1)))
            fail(Law.LedgerIsTrue, $"{Name(run.Job, run.Id)} of node {node} is in the ledger and was never claimed");
        if (run.Outcome == Outcome.Succeeded && !started.Contains((run.Id, run.Attempt)))
            fail(Law.LedgerIsTrue, $"{Name(run.Job, run.Id)} has succeeded in the ledger, and its handler was never started");
        if (run.Outcome is Outcome.Failed or Outcome.TimedOut or Outcome.Cancelled)
            fail(Law.LedgerIsTrue, $"{Name(run.Job, run.Id)} is {run.Outcome}, and nothing like that was");
    }

    /// <summary>Checks that an audit balances, and that each due fire time has one fate.</summary>
    public void Balance(AuditReport audit)
    {
        foreach (var imbalance in audit.Imbalances)
        {
            var what = imbalance.Job is { } job ? name(job, imbalance.FireTime) : $"an activation that ends at {imbalance.FireTime:O}";
            fail(Law.AccountBalances, $"the audit does not balance: {what}: {imbalance.Sentence}");
        }

        var account = audit.Account;
        if (account.Due != account.Ran + account.Running + account.Skipped + account.Missed)
            fail(Law.AccountBalances, $"the audit does not add up: {account.Sentence}");
    }

    string Name(JobId job, RunId run) => name(job, Instant.FromMicros(run.FireTime));
}
