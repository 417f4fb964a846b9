using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>The mode in which every node is active: transactions lock rows, check them again and write everything at
/// once, like the transactions of a database.</summary>
/// <remarks>
/// A statement sees the newest version of locked rows, and the snapshot of all further rows. A claim therefore compares
/// only locked rows:
/// the rows of its epoch and its jobs. Rows are locked in a fixed order: scheduler state, epochs, jobs. A claim waits
/// only for its own epoch, and skips locked jobs.
/// </remarks>
public sealed partial class MemoryStore
{
    /// <summary>The delay before a claim is retried after a job was skipped because of a lock.</summary>
    static readonly TimeSpan TriedAgainAfter = TimeSpan.FromMilliseconds(50);

    readonly RowLocks locks = new();
    readonly SlowJobs slowJobs = new();
    long stateNumber;

    /// <summary>Called before each step of a transaction, or null without interleaving. Read at the start of a call, so
    /// that all transactions of the call have the same steps.</summary>
    internal Func<StoreStep, ValueTask>? Steps { get; set; }

    /// <summary>Waits for a row locked by another transaction, up to the limit of a transaction. Null for an unlimited
    /// wait.</summary>
    internal Func<Task, Task>? LockWait { get; init; }

    /// <summary>The protocol rules, which only tests override.</summary>
    internal StoreOverrides ProtocolOverrides { get; init; } = new();

    bool InSteps => Place.Actives == ActiveNodes.Each;

    /// <summary>The view of a statement on rows without a lock.</summary>
    /// <param name="Epoch">The row of the requested epoch, or null.</param>
    /// <param name="Counted">The number of running runs of each job.</param>
    sealed record Snapshot(Epoch? Epoch, IReadOnlyDictionary<long, int> Counted);

    /// <summary>Locks a job's row like another transaction. For tests.</summary>
    internal async Task<IDisposable> LockJobAsync(JobId job)
    {
        var transaction = new RowTransaction(gate, locks, null);
        long number;
        lock (gate) number = byId[job].Stored.Number;
        await transaction.LockAsync([RowKey.Job(number)]);
        return transaction;
    }

    RowTransaction Begin() => Begin(Steps);

    RowTransaction Begin(Func<StoreStep, ValueTask>? steps) => new(gate, locks, steps, LockWait);

    Snapshot See(long epoch)
    {
        lock (gate) return new(Row(epoch), running.Keys.CountBy(run => run.Job).ToDictionary());
    }

    async Task<Claimed> ClaimInStepsAsync(ClaimRequest request)
    {
        var steps = Steps;
        if (request.Unanswered is not { } from) return await ClaimDueAsync(request, 0, steps);
        if (await HandOutAgainAsync(request, from, steps) is not { } again) return Claimed.Refused;
        var claimed = await ClaimDueAsync(request, request.Number, steps);
        return claimed.After(again);
    }

    /// <summary>Reads and plans, and writes the still valid parts in a second statement.</summary>
    /// <param name="request">The request.</param>
    /// <param name="written">The number already written by this claim, or 0.</param>
    /// <param name="steps">Called before each step.</param>
    async Task<Claimed> ClaimDueAsync(ClaimRequest request, long written, Func<StoreStep, ValueTask>? steps)
    {
        using var transaction = Begin(steps);
        var plan = new ClaimPlan(slowJobs);
        long readState;
        lock (gate)
        {
            // The rows of the jobs are read first. Later reads can only be newer, and then the comparison fails.
            var row = Row(request.Epoch);
            if (state.ShutDown is not null || !MayClaim(row, request, written)) return Claimed.Refused;
            readState = row!.StateNumber;
            plan.Begin(clock.GetUtcNow(), request, state, downtimes, scopes);
            Read(plan);
        }

        var numbers = new long[plan.Runs.Length];
        if (!plan.Writes) return plan.Answer(numbers);

        await transaction.StepAsync(StoreStep.Send);
        var seen = See(request.Epoch);
        await transaction.StepAsync(StoreStep.Snapshot);
        if (ProtocolOverrides.ClaimLocksEpoch) await transaction.LockAsync([RowKey.Epoch(request.Epoch)]);
        if (!EpochHolds(request, seen, written)) return Claimed.Refused;
        if (!IsFresh(request, plan, readState)) return new([], Now());
        var held = await HoldAsync(plan, seen, transaction);
        await transaction.StepAsync(StoreStep.Locked);
        lock (gate)
        {
            for (var i = 0; i < numbers.Length; i++)
                if (held[plan.Runs[i].Unit]) numbers[i] = ++tokens;
            Write(plan, request, numbers, held);
            Claim(request, Now());
        }

        transaction.Dispose();
        notifier.Notify(new(plan.Signal));
        var answer = plan.Answer(numbers);
        return Array.TrueForAll(held, holds => holds) ? answer : answer.DueAt(Earlier(answer.NextDue, Now() + TriedAgainAfter));
    }

    /// <summary>Handles a claim without an answer: the lock on the own epoch's row waits for a claim in progress, and a
    /// new statement finds its runs.</summary>
    async Task<IReadOnlyList<ClaimedRun>?> HandOutAgainAsync(ClaimRequest request, long from, Func<StoreStep, ValueTask>? steps)
    {
        using var transaction = Begin(steps);
        var seen = See(request.Epoch);
        await transaction.StepAsync(StoreStep.Snapshot);
        await transaction.LockAsync([RowKey.Epoch(request.Epoch)]);
        if (!EpochHolds(request, seen, 0)) return null;
        await transaction.StepAsync(StoreStep.NextStatement);
        lock (gate)
        {
            Claim(request, Now());
            return [.. HandedOutAgain(request, from)];
        }
    }

    static bool MayClaim(Epoch? row, ClaimRequest request, long written) =>
        EpochRules.MayClaim(row is not null && written > 0 && row.Claims == written ? row with { Claims = written - 1 } : row, request);

    bool EpochHolds(ClaimRequest request, Snapshot seen, long written)
    {
        lock (gate)
        {
            var row = ProtocolOverrides.ClaimLocksEpoch ? Row(request.Epoch) : seen.Epoch;
            if (ProtocolOverrides.ClaimChecksEpoch && !EpochRules.Holds(row, request.Node, request.Epoch)) return false;
            return !ProtocolOverrides.ClaimNumbersGrow || MayClaim(row! with { Ended = null }, request, written);
        }
    }

    /// <summary>Returns true if a plan is recent enough to be written.</summary>
    bool IsFresh(ClaimRequest request, ClaimPlan plan, long readState)
    {
        lock (gate) return Lasts(plan) && (!ProtocolOverrides.ClaimSeesPauses || Row(request.Epoch)?.StateNumber == readState);
    }

    bool Lasts(ClaimPlan plan) => Now() < plan.At + ProtocolOverrides.PlanLasts;

    /// <summary>Locks the rows of a plan's jobs in order, and checks each unit against the current row.</summary>
    async Task<bool[]> HoldAsync(ClaimPlan plan, Snapshot seen, RowTransaction transaction)
    {
        var held = new bool[plan.Units.Length];
        var units = plan.Units.ToArray();
        foreach (var (job, place) in units.Select((unit, place) => (unit.Job.Number, place)).Order())
        {
            if (!ProtocolOverrides.ClaimSkipsLocked) await transaction.LockAsync([RowKey.Job(job)]);
            else if (!transaction.TryLock(RowKey.Job(job))) continue;
            lock (gate)
            {
                held[place] = Lasts(plan) && slots[(int)job - 1] is { } slot
                    && ProtocolOverrides.Holds(units[place], slot.Stored with { State = slot.State }, seen.Counted.GetValueOrDefault(job));
            }
        }

        return held;
    }

    async Task<int> RecordInStepsAsync(IReadOnlyList<Finished> finished)
    {
        using var transaction = Begin();
        await transaction.StepAsync(StoreStep.Snapshot);
        await transaction.LockAsync(finished.Select(end => RowKey.Job(end.Id.Job)));
        await transaction.StepAsync(StoreStep.Locked);
        return Record(finished);
    }

    async Task<Look> LookInStepsAsync(Sign sign)
    {
        using var transaction = Begin();
        var row = sign switch { Sign.Heartbeat beat => beat.Epoch, Sign.Probe probe => probe.Seen.Number, _ => (long?)null };
        if (row is { } number)
        {
            await transaction.StepAsync(StoreStep.Snapshot);
            await transaction.LockAsync([RowKey.Epoch(number)]);
        }

        return Look(sign);
    }

    async Task<EpochChanged> ChangeEpochsInStepsAsync(EpochChange change)
    {
        using var transaction = Begin();
        HashSet<long> ended = [.. change.Ends.Select(end => end.Seen.Number)];
        await transaction.StepAsync(StoreStep.Snapshot);
        await transaction.LockAsync([.. change.Begin is null ? [] : new[] { RowKey.State }, .. change.By is var (_, own)
            ? [RowKey.Epoch(own)]
            : Array.Empty<RowKey>(), .. ended.Select(RowKey.Epoch)]);
        lock (gate)
        {
            if (!ProtocolOverrides.SettlerMustLive && change.StepDown is null) change = change with { By = null };
            if (!ProtocolOverrides.SettlerComparesHeartbeat)
            {
                change =
                change with { Ends = [.. change.Ends.Select(end => (EpochSeen.Of(Row(end.Seen.Number)), end.Why))] };
            }

            if (EpochRules.Change(change, epochs, state, Now()) is null) return new() { Before = epochs is [.., var newest] ? newest : null };
        }

        await transaction.StepAsync(StoreStep.NextStatement);
        var runs = Lost(change, ended);
        await transaction.LockAsync(runs.Select(run => RowKey.Job(run.Job)));
        await transaction.StepAsync(StoreStep.NextStatement);
        return ChangeEpochs(change, runs);
    }

    /// <summary>Returns the runs that a change of epochs may end or put back to waiting.</summary>
    HashSet<RunId> Lost(EpochChange change, HashSet<long> ended)
    {
        lock (gate)
        {
            return
            [
                .. running.Values.Where(run => ended.Contains(run.Epoch) || EpochRules.IsLost(Row(run.Epoch), change.Lost)
                    || (change.StepDown?.Unanswered is { } claim && run.Epoch == change.By!.Value.Epoch && run.Claim >= claim)).Select(
                        run => run.Id),
            ];
        }
    }

    async Task<Changed> ChangeInStepsAsync(Change change)
    {
        while (true)
        {
            using var transaction = Begin();
            await transaction.StepAsync(StoreStep.Snapshot);
            if (change.State is not null)
            {
                // A new epoch waits for the state, so that no epoch is missed.
                await transaction.LockAsync([RowKey.State]);
                await transaction.LockAsync(Living());
            }

            var rows = RowsOf(change);
            await transaction.LockAsync(rows);
            await transaction.StepAsync(StoreStep.NextStatement);

            // A job that came into a paused tag or executor meanwhile is not locked, so everything begins anew.
            if (change.Pauses.Count == 0 || RowsOf(change).TrueForAll(rows.Contains)) return Change(change);
        }
    }

    List<RowKey> RowsOf(Change change)
    {
        List<JobId> concerned;
        lock (gate) concerned = [.. Concerned(change.Pauses).Select(job => job.Job.Id)];
        return RowsOf(concerned.Concat(change.Jobs.Select(edit => edit.Job)));
    }

    async Task<IReadOnlyList<Enqueued>> EnqueueInStepsAsync(IReadOnlyList<RunRequest> requests)
    {
        using var transaction = Begin();
        await transaction.StepAsync(StoreStep.Snapshot);
        await transaction.LockAsync(RowsOf(requests.Select(request => request.Job)));
        await transaction.StepAsync(StoreStep.NextStatement);
        return Enqueue(requests);
    }

    List<RowKey> Living()
    {
        lock (gate) return [.. epochs.Where(epoch => epoch.Ended is null).Select(epoch => RowKey.Epoch(epoch.Number))];
    }

    List<RowKey> RowsOf(IEnumerable<JobId> jobs)
    {
        lock (gate) return [.. jobs.Where(byId.ContainsKey).Select(job => RowKey.Job(byId[job].Stored.Number))];
    }

    /// <summary>Increments the state number in each living epoch, so that no earlier plan is written.</summary>
    void NumberState()
    {
        if (!InSteps) return;
        stateNumber++;
        for (var i = 0; i < epochs.Count; i++)
            if (epochs[i].Ended is null) epochs[i] = epochs[i] with { StateNumber = stateNumber };
    }

    static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset b) => a < b ? a : b;
}
