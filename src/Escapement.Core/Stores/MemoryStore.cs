using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Keeps jobs and runs in this process's memory. One lock orders all; every method completes before it returns.</summary>
/// <param name="clock">Read inside the lock.</param>
/// <remarks>Claims are in <c>MemoryStore.Claim.cs</c>, epochs in <c>MemoryStore.Epochs.cs</c>, what is read in <c>MemoryStore.Reads.cs</c>.</remarks>
public sealed partial class MemoryStore(TimeProvider clock) : IJobStore
{
    const int TrimmedAtOnce = 10_000;

    readonly Lock gate = new();
    readonly LocalDoorbell doorbell = new();

    // Jobs by their number less one; they are never deleted.
    readonly List<Slot> slots = [];
    readonly Dictionary<JobId, Slot> byId = [];

    readonly RunHistory history = new();
    readonly Dictionary<RunId, string> errors = [];
    readonly Dictionary<RunId, Asked> waiting = [];
    readonly Dictionary<RunId, Asked?> running = [];
    readonly Dictionary<(long Job, string Key), RunId> keys = [];

    SchedulerState state = new();
    string? application;
    long asked;
    long trimmedBefore = long.MinValue;

    /// <inheritdoc/>
    public StorePlace Place { get; } = new("memory", "memory", null, "this process");

    /// <inheritdoc/>
    public IDoorbell Doorbell => doorbell;

    /// <inheritdoc/>
    public Task OpenAsync(string application, CancellationToken stop)
    {
        lock (gate)
        {
            this.application ??= application;
            if (this.application == application) return Task.CompletedTask;
            throw new StoreRefusedException(
                $"This store holds the jobs of '{this.application}', and this program is '{application}'. Give the program that name (APPLICATION), or a store of its own (STORE).");
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredJob?>> ChangeAsync(IReadOnlyList<JobEdit> edits, CancellationToken stop)
    {
        Bell bell;
        List<StoredJob?> answers = [];
        lock (gate)
        {
            // Nothing is written before every editor has agreed.
            var now = Now();
            Dictionary<JobId, StoredJob?> after = [];
            List<(JobId Job, JobAccount Account)> accounts = [];
            foreach (var (id, edit) in edits)
            {
                if (!after.TryGetValue(id, out var before)) before = byId.GetValueOrDefault(id)?.Stored;
                var account = new JobAccount(now, RanOf(before));
                var made = edit(before, account);
                var changed = made is not null && !ReferenceEquals(made, before);
                if (changed) made = made! with { Number = before?.Number ?? 0, Version = (before?.Version ?? 0) + 1, Running = before?.Running ?? 0 };
                if (changed || before is null) after[id] = made;
                if (changed) accounts.Add((id, account));
                answers.Add(made);
            }
            bell = after.Values.Any(job => job is not null) ? Bell.Work : Bell.None;
            foreach (var (id, job) in after)
                if (job is not null) bell |= Write(id, job, now);
            foreach (var (id, account) in accounts) Write(byId[id], account);
            for (var i = 0; i < answers.Count; i++)
                if (answers[i] is { Number: 0 } added) answers[i] = added with { Number = byId[added.Job.Id].Stored.Number };
        }
        doorbell.Ring(bell);
        return Task.FromResult<IReadOnlyList<StoredJob?>>(answers);
    }

    /// <inheritdoc/>
    public Task<SchedulerState> ChangeStateAsync(Func<SchedulerState, DateTimeOffset, SchedulerState> edit, CancellationToken stop)
    {
        bool changed;
        SchedulerState after;
        lock (gate)
        {
            after = edit(state, Now());
            changed = after != state;
            state = after;
        }
        if (changed) doorbell.Ring(Bell.Work);
        return Task.FromResult(after);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AskedRun>> AskAsync(IReadOnlyList<RunRequest> requests, CancellationToken stop)
    {
        List<AskedRun> answers = [];
        lock (gate)
        {
            var now = Now();
            foreach (var request in requests)
                if (byId.GetValueOrDefault(request.Job) is not { Stored.Ended: null }) throw new JobNotFoundException(request.Job);
            foreach (var request in requests) answers.Add(Ask(byId[request.Job], request, now));
        }
        if (answers.Exists(answer => !answer.Existing)) doorbell.Ring(Bell.Work);
        return Task.FromResult<IReadOnlyList<AskedRun>>(answers);
    }

    /// <inheritdoc/>
    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken stop)
    {
        lock (gate)
        {
            trimmedBefore = Math.Max(trimmedBefore, before.ToMicros());
            var runs = history.EndedBefore(before.ToMicros(), TrimmedAtOnce + 1);
            foreach (var run in runs.Take(TrimmedAtOnce))
            {
                history.Remove(run);
                errors.Remove(run);
            }
            history.DropEmpty();
            foreach (var slot in slots) slot.Entries.RemoveAll(entry => entry.Last < before);
            return Task.FromResult(runs.Count > TrimmedAtOnce);
        }
    }

    /// <inheritdoc/>
    public async Task RehearseAsync(NodeName node, IReadOnlySet<string> handlers, int times, CancellationToken stop)
    {
        // Nothing to undo: the walk is done in a store of its own.
        await using var stage = new MemoryStore(clock);
        var job = new Job { Id = JobId.Parse("rehearsal"), Name = "rehearsal", Handler = "rehearsal" };
        await stage.ChangeAsync([JobEdits.Add(job)], stop);
        for (var i = 0; i < times; i++)
        {
            var raised = await stage.RaiseAsync(new(node, EpochSeen.Of((await stage.LookAsync(stop)).Epoch), WithLock: true, EpochEnd.ProcessGone, [], Floor: 0), stop);
            await stage.AskAsync([new(job.Id), new(job.Id)], stop);
            var places = new Dictionary<string, int> { [JobOptions.Default] = 1 };
            var claimed = await stage.ClaimAsync(new(node.Id, raised.Epoch!.Number, new HashSet<string> { job.Handler }, places, TimeSpan.FromHours(1)), stop);
            await stage.RecordAsync([.. claimed.Runs.Select(run =>
                new Finished(run.Id, node.Id, raised.Epoch.Number, run.Attempt, run.FireTime, run.FireTime, Outcome.Succeeded))]);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    DateTimeOffset Now() => clock.GetUtcNow().ToWholeMicros();

    AskedRun Ask(Slot slot, RunRequest request, DateTimeOffset now)
    {
        var number = slot.Stored.Number;
        if (request.Key is { } key && keys.TryGetValue((number, key), out var standing))
        {
            if (request.Watched && (waiting.GetValueOrDefault(standing) ?? running.GetValueOrDefault(standing)) is { } stands) stands.Watched = true;
            return new(standing, Existing: true);
        }
        var run = new Asked(new((request.DueAt ?? now).ToMicros(), number, ++asked), request.Arguments, request.Key) { Watched = request.Watched };
        if (request.Key is not null) keys[(number, request.Key)] = run.Id;
        Wait(run, slot);
        return new(run.Id, Existing: false);
    }

    void Wait(Asked run, Slot slot)
    {
        waiting[run.Id] = run;
        QueueOf(slot).Asked.Add(run.Id, run.Due);
    }

    /// <summary>Puts a job as it shall stand into its place, and its next instant into the queue of its executor.</summary>
    Bell Write(JobId id, StoredJob job, DateTimeOffset now)
    {
        if (!byId.TryGetValue(id, out var slot))
        {
            slot = new(job with { Number = slots.Count + 1 });
            slots.Add(slot);
            byId.Add(id, slot);
            Queue(slot);
            return Bell.None;
        }
        var before = slot.Stored;
        slot.Stored = job;
        Queue(slot);
        return before.Ended != job.Ended || before.Job.Options != job.Job.Options ? RequeueWaiting(slot, now) : Bell.None;
    }

    static void Write(Slot slot, JobAccount account)
    {
        if (account.Forgotten is var (trigger, from))
        {
            List<Entry> kept = [.. slot.Entries.Select(entry => Decide.Before(trigger, entry, from)).OfType<Entry>()];
            slot.Entries.Clear();
            slot.Entries.AddRange(kept);
        }
        slot.Entries.AddRange(account.Entries);
    }

    static void Write(Slot slot, Entry entry)
    {
        if (slot.Entries is [.., var last] && Decide.Joined(slot.Stored.Job.Trigger, last, entry) is { } joined) slot.Entries[^1] = joined;
        else slot.Entries.Add(entry);
    }

    /// <summary>After a change of a job its waiting runs may be for another executor, be free to start, or never start any more.</summary>
    Bell RequeueWaiting(Slot slot, DateTimeOffset now)
    {
        var bell = Bell.None;
        slot.Parked.Clear();
        foreach (var run in waiting.Values.Where(run => run.Id.Job == slot.Stored.Number).ToList())
        {
            if (Decide.EndsWaiting(slot.Stored.Ended) is { } reason) bell |= EndUnclaimed(run, reason, now);
            else QueueOf(slot).Asked.Add(run.Id, run.Due);
        }
        return bell;
    }

    Bell EndUnclaimed(Asked run, Reason reason, DateTimeOffset now)
    {
        waiting.Remove(run.Id);
        Forget(run);
        var neverRan = run.Attempt == 1;
        history.Set(run.Id, new(Node: -1, Epoch: 0, Token: 0, run.Attempt - (neverRan ? 0 : 1))
        {
            FinishedAt = now, Outcome = neverRan ? Outcome.Missed : Outcome.Interrupted, Reason = reason,
        });
        return run.Watched ? Bell.RunEnded : Bell.None;
    }

    void Forget(Asked run)
    {
        if (run.Key is { } key) keys.Remove((run.Id.Job, key));
    }

    /// <summary>A job in its place.</summary>
    sealed class Slot(StoredJob stored)
    {
        public StoredJob Stored = stored;

        /// <summary>Oldest first.</summary>
        public readonly List<Entry> Entries = [];

        /// <summary>Due waiting runs that wait for a run of the job to end.</summary>
        public readonly DueHeap Parked = new();

        /// <summary>Under which instant and in which executor's queue the job stands; null when in none.</summary>
        public (long At, string Executor)? Queued;

        /// <summary>When a claim must look at the job: at its watermark, or at the end of its pause.</summary>
        public DateTimeOffset? DueAt => Stored.Ended is not null ? null : Stored.Paused is { } pause ? pause.Until : Stored.Next;
    }

    /// <summary>What is known of a run beside its row: of one that waits, and of one that was asked for.</summary>
    sealed class Asked(RunId id, JobArguments? arguments, string? key)
    {
        public RunId Id => id;

        public JobArguments? Arguments => arguments;

        public string? Key => key;

        public bool Watched { get; set; }

        /// <summary>The number of its next attempt.</summary>
        public int Attempt { get; set; } = 1;

        /// <summary>From when on it may start: its fire time, or later by its job's jitter as long as it has not waited behind its job's runs.</summary>
        public long Due { get; set; } = id.FireTime;
    }
}
