using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Simulation;

/// <summary>The start of a handler, as recorded by its process.</summary>
/// <param name="Run">The run.</param>
/// <param name="Job">The job of the run.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Token">The fencing token.</param>
/// <param name="Pid">The process.</param>
/// <param name="At">The instant, by the clock of the machine.</param>
sealed record RecordedStart(RunId Run, JobId Job, int Attempt, long Token, int Pid, DateTimeOffset At);

/// <summary>
/// The records of real processes and of their store, after all processes have ended. The clock of the database and the clock of the
/// machine must be the same.
/// </summary>
sealed class History
{
    Failure? failure;

    /// <summary>Gets the runs of the ledger. Runs with several attempts have their attempts.</summary>
    public required IReadOnlyList<Run> Runs { get; init; }

    /// <summary>Gets the starts of the handlers in all processes.</summary>
    public required IReadOnlyList<RecordedStart> Starts { get; init; }

    /// <summary>Gets the audit of the whole time, with all activations.</summary>
    public required AuditReport Audit { get; init; }

    /// <summary>Gets whether one node is active at a time.</summary>
    public bool OneIsActive { get; init; }

    /// <summary>
    /// Gets the time whose commits may be missing in the ledger, because a replica that lacked the commits became the primary server.
    /// </summary>
    public (DateTimeOffset From, DateTimeOffset To)? Lost { get; init; }

    /// <summary>Gets the number of starts whose claims the ledger lost.</summary>
    public int LostStarts { get; private set; }

    /// <summary>Checks the laws that need no more than the records.</summary>
    /// <returns>The first breach, or null.</returns>
    public Failure? Check()
    {
        var laws = new RunLaws(Fail, Name);
        var epochs = CheckEpochs();
        List<(DateTimeOffset At, int Order, long Token, Action Tell)> events = [];
        foreach (var run in Runs)
        {
            if (run is { Epoch: { } number, Token: { } token, ClaimedAt: { } at })
            {
                CheckClaim(run, epochs.GetValueOrDefault(number));
                events.Add((at, 0, token, () => laws.Claimed(run.Id, run.Job, AttemptOf(run), token, run.Id.Job)));
            }

            foreach (var attempt in run.Attempts)
            {
                if (attempt.Outcome == Outcome.Interrupted)
                    events.Add((attempt.FinishedAt, 2, 0, () => laws.Settled(run.Id, attempt.Number)));
            }

            if (run is { Outcome: Outcome.Interrupted, FinishedAt: { } end })
                events.Add((end, 2, 0, () => laws.Settled(run.Id, AttemptOf(run))));
        }

        var runs = Runs.ToDictionary(run => run.Id);
        foreach (var start in Starts)
        {
            if (!IsClaimed(start, runs.GetValueOrDefault(start.Run), epochs)) continue;
            events.Add((start.At, 1, start.Token, () => laws.Started(start.Run, start.Job, start.Attempt)));
        }

        foreach (var (_, _, _, tell) in events.OrderBy(one => one.At).ThenBy(one => one.Order).ThenBy(one => one.Token)) tell();
        foreach (var run in Runs) laws.Compare(run);
        laws.Balance(Audit);
        if (!Audit.Account.Balanced) Fail(Law.AccountBalances, $"the audit does not balance: {Audit.Account.Sentence}");
        return failure;
    }

    /// <summary>Checks the numbers and the instants of the activations.</summary>
    /// <returns>The activations by number.</returns>
    Dictionary<long, NodeActivation> CheckEpochs()
    {
        Dictionary<long, NodeActivation> epochs = [];
        NodeActivation? before = null;
        foreach (var epoch in Audit.Activations.OrderBy(epoch => epoch.Begun).ThenBy(epoch => epoch.Epoch))
        {
            if (!epochs.TryAdd(epoch.Epoch, epoch) || epoch.Epoch < before?.Epoch)
                Fail(Law.NumbersGrow, $"epoch {epoch.Epoch} comes after epoch {before!.Epoch}: the number must grow");
            if (OneIsActive && before is not null && !(before.Ended <= epoch.Begun))
                Fail(Law.OneEpochAtATime, $"epoch {before.Epoch} of process {before.Node.Pid} goes on beside epoch {epoch.Epoch}");
            before = epoch;
        }

        return epochs;
    }

    void CheckClaim(Run run, NodeActivation? epoch)
    {
        if (epoch is null || run.ClaimedAt < epoch.Begun || run.ClaimedAt > epoch.Ended)
        {
            Fail(Law.ClaimUnderLivingEpoch,
                $"{Name(run.Job, run.FireTime)} is claimed at {run.ClaimedAt:HH:mm:ss.ffffff} under epoch {run.Epoch}, which lasted from {epoch?.Begun:HH:mm:ss.ffffff} to {epoch?.Ended:HH:mm:ss.ffffff}");
        }
        else if (run.State == RunState.Running && epoch.Ended is not null)
        {
            Fail(Law.RunsAreSettled, $"{Name(run.Job, run.FireTime)} of the ended epoch {run.Epoch} is never settled");
        }
    }

    /// <summary>Returns true if the ledger has the claim of a start, and false if the claim is among the lost commits.</summary>
    bool IsClaimed(RecordedStart start, Run? run, Dictionary<long, NodeActivation> epochs)
    {
        var isLast = run is not null && AttemptOf(run) == start.Attempt;
        if (isLast ? run!.Token == start.Token : run is not null && start.Attempt < AttemptOf(run))
        {
            var epoch = isLast ? run!.Epoch : run!.Attempts.FirstOrDefault(attempt => attempt.Number == start.Attempt)?.Epoch;
            if (epoch is { } number && epochs.TryGetValue(number, out var active) && active.Node.Pid != start.Pid)
            {
                Fail(Law.LedgerIsTrue,
                    $"process {start.Pid} starts {Name(start.Job, start.Run)}, which process {active.Node.Pid} has claimed");
            }

            return true;
        }

        if (Lost is var (from, to) && from <= start.At && start.At <= to)
        {
            LostStarts++;
            return false;
        }

        Fail(Law.LedgerIsTrue,
            $"process {start.Pid} starts {Name(start.Job, start.Run)} with token {start.Token}, and the ledger has {(run is null ? "no claim" : $"token {run.Token}")}");
        return false;
    }

    static int AttemptOf(Run run) => Math.Max(run.Attempt, 1);

    void Fail(Law law, string text) => failure ??= new(law, text);

    static string Name(JobId job, RunId run) => Name(job, Instant.FromMicros(run.FireTime));

    static string Name(JobId job, DateTimeOffset fireTime) => $"{job}@{fireTime.UtcDateTime:HH:mm:ss.ffffff}";
}
