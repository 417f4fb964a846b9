using System.Data.Common;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Keeps jobs and runs in this process's memory. One lock orders all; every method completes before it returns.</summary>
/// <remarks>
/// Claims and the ends of runs are in <c>MemoryStore.Claim.cs</c>, epochs in <c>MemoryStore.Epochs.cs</c>, changes of jobs in <c>MemoryStore.Change.cs</c>,
/// what is read in <c>MemoryStore.Reads.cs</c>, and the transactions of a store in which every node is active in <c>MemoryStore.Steps.cs</c>.
/// </remarks>
public sealed partial class MemoryStore : IJobStore, IStoreLocks
{
    readonly TimeProvider clock;
    readonly Lock gate = new();
    readonly LocalNotifier notifier = new();

    // Jobs by their number less one; null where a tombstone was dropped.
    readonly List<Slot?> slots = [];
    readonly Dictionary<JobId, Slot> byId = [];

    // What comes due, by executor and priority: jobs in one heap, waiting runs in another.
    readonly Dictionary<(string Executor, int Priority), (DueHeap Jobs, DueHeap Runs)> queues = [];

    readonly RunHistory history = new();
    readonly Dictionary<RunId, string> errors = [];
    readonly Dictionary<RunId, JobArguments> arguments = [];
    readonly Dictionary<RunId, List<Attempt>> attempts = [];
    readonly Dictionary<RunId, WaitingRun> waiting = [];
    readonly Dictionary<RunId, OpenRun> running = [];
    readonly Dictionary<(long Job, string Key), RunKey> keys = [];
    readonly Dictionary<RunId, string> keyOf = [];
    readonly List<JobAction> actions = [];
    readonly List<ScopedPause> pauses = [];
    readonly List<LedgerMark> marks = [];

    SchedulerState state = new();
    string? application;
    long enqueued, actionNumber;

    /// <summary>Creates an empty store with one active node.</summary>
    /// <param name="clock">Read inside the lock.</param>
    public MemoryStore(TimeProvider clock) : this(clock, ActiveNodes.One)
    {
    }

    /// <summary>Creates an empty store.</summary>
    /// <param name="clock">Read inside the lock.</param>
    /// <param name="actives">Whether one node is active or each is. Where each is, the store works as a database does: in transactions that lock rows and look at them again.</param>
    public MemoryStore(TimeProvider clock, ActiveNodes actives)
    {
        this.clock = clock;
        Place = new("memory", "memory", null, "this process") { Actives = actives };
    }

    /// <inheritdoc/>
    public StorePlace Place { get; }

    /// <inheritdoc/>
    public TimeProvider Clock => clock;

    /// <inheritdoc/>
    public IStoreNotifier Notifier => notifier;

    /// <summary>Nobody else sees these jobs, so nobody else wants the locks.</summary>
    INodeLocks IStoreLocks.OpenLocks(string node) => new FreeLocks();

    /// <inheritdoc/>
    public Task OpenAsync(string application, CancellationToken cancellationToken)
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
    public IJobChanges In(DbTransaction transaction) =>
        throw new NotSupportedException(
            "The memory store has no transactions. Use a SQLite or PostgreSQL store to schedule as a part of a transaction.");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    DateTimeOffset Now() => clock.GetUtcNow().ToWholeMicros();

    Slot SlotOf(long job) => slots[(int)job - 1]!;

    void Wait(WaitingRun run)
    {
        waiting[run.Id] = run;
        QueueOf(SlotOf(run.Id.Job).Stored.Job).Runs.Add(DueItem.Of(run.Id, run.Due));
    }

    /// <summary>Writes the end of a run, and what of it outlives it.</summary>
    void Write(RunEnd end, OpenRun? open, JobArguments? given)
    {
        SlotOf(end.Id.Job).Ended++;
        history.Set(end.Id, new(open?.Node is { } node ? NumberOf(node) : -1, open?.Epoch ?? 0, open?.Token ?? 0, end.Attempt)
        {
            ClaimedAt = open?.ClaimedAt,
            StartedAt = end.StartedAt,
            FinishedAt = end.FinishedAt,
            Outcome = end.Outcome,
            Reason = end.Reason ?? 0,
        });
        if (end.Error is not null) errors[end.Id] = end.Error;
        if (given is not null) arguments[end.Id] = given;
        if (!keyOf.Remove(end.Id, out var name)) return;
        var key = keys[(end.Id.Job, name)];
        if (Rules.Enqueue.KeyUntil(key.Lasts, end.FinishedAt) is { } until) keys[(end.Id.Job, name)] = key with { Until = until };
        else keys.Remove((end.Id.Job, name));
    }

    /// <summary>Whether a fire time of a job has a run: one that waits, runs or has ended, but for one that never began.</summary>
    bool HasRun(RunId id) =>
        running.ContainsKey(id) || waiting.ContainsKey(id) || (history.TryGet(id, out var row) && row.Outcome != Outcome.Missed);

    RanTimes Ran(long job, IReadOnlyList<DateTimeOffset> asked) =>
        new([.. asked.Select(at => at.ToMicros()).Where(at => HasRun(new(at, job, 0)))]);

    /// <summary>A job in its place.</summary>
    sealed class Slot
    {
        public required StoredJob Stored;
        public JobState State;

        /// <summary>In the order in which they were written.</summary>
        public readonly List<Entry> Entries = [];

        public readonly List<DefinitionSpan> Definitions = [];

        /// <summary>The newest entry, as long as nothing else was written of the job since.</summary>
        public Entry? LastEntry;

        /// <summary>Due waiting runs that wait for a run of the job to end; the longest due first.</summary>
        public readonly SortedSet<DueItem> Blocked = [];

        /// <summary>How many of its runs the history holds.</summary>
        public int Ended;

        /// <summary>Under which instant and in which queue the job stands; null when in none.</summary>
        public (long At, DueHeap Queue)? Queued;

        public long? DueAt => (Stored with { State = State }).DueAt?.ToMicros();
    }

    /// <summary>A key that enqueued runs have, and the run that holds it.</summary>
    readonly record struct RunKey(RunId Run, TimeSpan? Lasts, DateTimeOffset? Until);
}
