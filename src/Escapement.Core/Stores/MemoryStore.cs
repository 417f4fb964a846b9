using System.Data.Common;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Stores jobs and runs in the memory of this process. A single lock protects everything, and every method
/// completes synchronously. <see cref="LedgerAsync"/> copies its rows under the lock, and calls its reader without the
/// lock.</summary>
/// <remarks>
/// The parts: claims and ends of runs in <c>MemoryStore.Claim.cs</c>, epochs in <c>MemoryStore.Epochs.cs</c>, changes
/// of jobs in <c>MemoryStore.Change.cs</c>,
/// reads in <c>MemoryStore.Reads.cs</c>, and the transactions of a store in which every node is active in
/// <c>MemoryStore.Steps.cs</c>.
/// </remarks>
public sealed partial class MemoryStore : IJobStore, IStoreLocks
{
    readonly TimeProvider clock;
    readonly Lock gate = new();
    readonly LocalNotifier notifier = new();

    // The index is the job's number minus 1. Null for a dropped tombstone.
    readonly List<Slot?> slots = [];
    readonly Dictionary<JobId, Slot> byId = [];

    // The future items by executor and priority: a heap for jobs, and a heap for waiting runs.
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
    readonly Dictionary<(PauseScope Scope, string Name, DateTimeOffset At), ScopedPause> pauses = [];
    readonly List<LedgerMark> marks = [];

    IReadOnlyList<ScopedPause> scopes = [];
    SchedulerState state = new();
    string? application;
    long enqueued, actionNumber;

    /// <summary>Creates an empty store with a single active node.</summary>
    /// <param name="clock">Read inside the lock.</param>
    public MemoryStore(TimeProvider clock) : this(clock, ActiveNodes.One)
    {
    }

    /// <summary>Creates an empty store.</summary>
    /// <param name="clock">Read inside the lock.</param>
    /// <param name="actives">Whether a single node is active, or each. If each node is active, the store works like a
    /// database: its transactions lock rows and check them again.</param>
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

    /// <summary>Returns locks without contention, because no other process sees these jobs.</summary>
    INodeLocks IStoreLocks.OpenLocks(string node) => new FreeLocks();

    /// <inheritdoc/>
    public Task OpenAsync(string application, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            this.application ??= application;
            if (this.application == application) return Task.CompletedTask;
            throw new StoreRefusedException(
                $"This store belongs to the application '{this.application}', but this application is '{application}'. Set APPLICATION to '{this.application}', or give the program its own store (STORE).");
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

    /// <summary>Writes the end of a run to the history, with its arguments, and updates its key.</summary>
    void Write(RunEnd end, OpenRun? open, JobArguments? given, RunCause cause)
    {
        SlotOf(end.Id.Job).Ended++;
        history.Set(end.Id, new(open?.Node is { } node ? NumberOf(node) : -1, open?.Epoch ?? 0, open?.Token ?? 0, end.Attempt)
        {
            ClaimedAt = open?.ClaimedAt,
            StartedAt = end.StartedAt,
            FinishedAt = end.FinishedAt,
            Outcome = end.Outcome,
            Reason = end.Reason ?? 0,
            Cause = cause,
            Limit = TrimRules.LimitOf(SlotOf(end.Id.Job).Stored.Job.Options, end.Outcome, cause),
        });
        if (end.Error is not null) errors[end.Id] = end.Error;
        if (given is not null) arguments[end.Id] = given;
        if (!keyOf.TryGetValue(end.Id, out var name)) return;
        var key = keys[(end.Id.Job, name)];
        var until = EnqueueRules.KeyUntil(key.Lasts, end);
        if (until is null) keys.Remove((end.Id.Job, name));
        else keys[(end.Id.Job, name)] = key with { Until = until };
        if (until != EnqueueRules.WithHistory) keyOf.Remove(end.Id);
    }

    /// <summary>Returns true if a fire time of a job has a waiting, running or ended run, except a missed
    /// run.</summary>
    bool HasRun(RunId id) =>
        running.ContainsKey(id) || waiting.ContainsKey(id) || (history.TryGet(id, out var row) && row.Outcome != Outcome.Missed);

    RanTimes Ran(long job, IReadOnlyList<DateTimeOffset> asked) =>
        new([.. asked.Select(at => at.ToMicros()).Where(at => HasRun(new(at, job, 0)))]);

    /// <summary>A job with its records.</summary>
    sealed class Slot
    {
        public required StoredJob Stored;
        public JobState State;

        /// <summary>The entries, in write order.</summary>
        public readonly List<Entry> Entries = [];

        public readonly List<DefinitionSpan> Definitions = [];

        /// <summary>The newest entry, or null if anything else was written for the job since.</summary>
        public Entry? LastEntry;

        /// <summary>The due runs that wait for a run of the job to end, longest due first.</summary>
        public readonly SortedSet<DueItem> Blocked = [];

        /// <summary>The number of the job's runs in the history.</summary>
        public int Ended;

        /// <summary>The due time and the queue of the job, or null if the job is not queued.</summary>
        public (long At, DueHeap Queue)? Queued;

        public long? DueAt => (Stored with { State = State }).DueAt?.ToMicros();
    }

    /// <summary>A key of enqueued runs, with its current run.</summary>
    readonly record struct RunKey(RunId Run, TimeSpan Lasts, DateTimeOffset? Until);
}
