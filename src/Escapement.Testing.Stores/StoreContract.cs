using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// The source of the store of a contract test. Each test creates a new instance.
/// The instance is disposed after the test, after the handles on the store.
/// </summary>
public interface IStoreUnderTest : IAsyncDisposable
{
    /// <summary>Returns an unopened handle on the test's store. The first handle opens an empty store.</summary>
    /// <returns>The handle, or null if the store cannot have a second handle.</returns>
    IJobStore? Handle(TimeProvider clock);
}

/// <summary>
/// The common base of all contract tests: a store, a clock that the test moves, and the steps of a node.
/// </summary>
/// <typeparam name="TStore">The store under test.</typeparam>
public abstract class StoreContract<TStore> : IAsyncLifetime
    where TStore : IStoreUnderTest, new()
{
    /// <summary>The name under which the store is opened.</summary>
    protected const string Application = "contract";

    /// <summary>The handler of all jobs, known to all nodes unless a test says otherwise.</summary>
    protected const string Handler = "work";

    /// <summary>The initial time of the clock.</summary>
    protected static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>No cancellation: the store answers or the test fails.</summary>
    protected static readonly CancellationToken None = CancellationToken.None;

    readonly TStore source = new();
    readonly List<IJobStore> handles = [];
    IJobStore? second;

    /// <summary>The store's clock.</summary>
    protected ManualClock Clock { get; } = new(Start);

    /// <summary>The store, opened.</summary>
    protected IJobStore Store { get; private set; } = null!;

    /// <summary>The epoch that the test began last.</summary>
    protected Epoch Current { get; private set; } = null!;

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync() => Store = (await OpenAsync())!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var handle in handles) await handle.DisposeAsync();
        await source.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Returns the second handle on the store, opened once per
    /// test, or the first handle if the store supports only one.
    /// </summary>
    protected async Task<IJobStore> SecondAsync() => second ??= await OpenAsync() ?? Store;

    /// <summary>Returns another handle on the same store, or null if the store cannot have another handle.</summary>
    protected async Task<IJobStore?> OpenAsync(string application = Application)
    {
        if (source.Handle(Clock) is not { } handle) return null;
        handles.Add(handle);
        await handle.OpenAsync(application, None);
        return handle;
    }

    /// <summary>Returns the instant the given number of seconds after the start.</summary>
    protected static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    /// <summary>Moves the clock to the given number of seconds after the start.</summary>
    protected void MoveTo(double seconds) => Clock.Move(At(seconds) - Clock.GetUtcNow());

    protected static JobId Id(string job) => JobId.Parse(job);

    /// <summary>The handlers that all nodes know.</summary>
    protected static IReadOnlySet<string> Handlers { get; } = new HashSet<string> { Handler };

    protected static NodeName Node(string id) => new(id, 4711, "web-1", Start, null);

    /// <summary>Returns a trigger that fires every given number of seconds, beginning at the start.</summary>
    protected static Trigger Every(double seconds, DateTimeOffset? end = null) =>
        new IntervalTrigger(TimeSpan.FromSeconds(seconds), Start, ZoneClock.Utc, end);

    protected static Trigger Once(DateTimeOffset at) => new DateTrigger(at, ZoneClock.Utc);

    protected static JobOptions Options(
        double? grace = 1, bool coalesce = true, int? maxInstances = 1, string executor = JobOptions.Default, bool rerun =
            false, int priority = 0) => new()
            {
                MisfireGrace = grace is { } seconds ? MisfireGrace.Of(TimeSpan.FromSeconds(seconds)) : MisfireGrace.Unlimited,
                Coalesce = coalesce,
                MaxInstances = maxInstances,
                Executor = executor,
                RerunIfInterrupted = rerun,
                Priority = priority,
            };

    protected static Job NewJob(string id, Trigger? trigger, JobOptions? options = null, string handler = Handler) => new()
    {
        Id = Id(id),
        Name = id,
        Handler = handler,
        Arguments = new("[1]", """{"to":"you"}"""),
        Trigger = trigger,
        Options = options ?? Options(),
    };

    protected Task<StoredJob> AddAsync(string id, Trigger? trigger, JobOptions? options = null, string handler = Handler) =>
        EditAsync(JobEdits.Add(NewJob(id, trigger, options, handler)));

    protected async Task<StoredJob> EditAsync(JobEdit edit) => (await Store.ChangeAsync(new() { Jobs = [edit] }, None)).Jobs[0]!;

    /// <summary>Moves a job's next fire time by hand.</summary>
    protected Task<StoredJob> MoveJobAsync(string id, DateTimeOffset next) => EditAsync(JobEdits.Change(Id(id), job => job, next));

    protected async Task<SchedulerState> ChangeStateAsync(StateEdit edit) => (await Store.ChangeAsync(new() { State = edit }, None)).State;

    /// <summary>
    /// Reads a job in its current state, including ended jobs. Both handles of the store return the same job.
    /// </summary>
    protected async Task<StoredJob> JobAsync(string id)
    {
        var query = new JobQuery { Id = Id(id), Ended = true };
        var job = Assert.Single((await Store.JobsAsync(query, None)).Jobs);
        Assert.Equal(job, Assert.Single((await (await SecondAsync()).JobsAsync(query, None)).Jobs) with { Job = job.Job });
        return job;
    }

    /// <summary>
    /// Begins an epoch of a node as the only active epoch. A previous epoch that continues ends for the given reason.
    /// </summary>
    protected async Task<EpochChanged> BeginAsync(string node = "a", EpochEnd why = EpochEnd.ProcessGone, string[]? lost = null,
        long floor = 0, TimeSpan? lease = null)
    {
        var changed = await Store.ChangeEpochsAsync(
            Beginning(node, (await LookAsync()).Newest, why) with { Lost = lost ?? [], Floor = floor, Lease = lease }, None);
        if (changed.Begun is not null) Current = changed.Begun;
        return changed;
    }

    /// <summary>Returns the change with which a node begins an epoch as the only active epoch.</summary>
    /// <param name="node">The node.</param>
    /// <param name="newest">The newest epoch that the node has seen.</param>
    /// <param name="why">The reason for the end of the newest epoch, if the newest epoch continues.</param>
    protected static EpochChange Beginning(string node, Epoch? newest, EpochEnd why = EpochEnd.LeaseOver) => new()
    {
        Begin = Node(node),
        WithLock = true,
        Newest = EpochSeen.Of(newest),
        Ends = newest is { Ended: null } ? [(EpochSeen.Of(newest), why)] : [],
    };

    /// <summary>Ends the current epoch on behalf of its own node.</summary>
    protected async Task StepDownAsync(DateTimeOffset drainUntil, EpochEnd how = EpochEnd.SteppedDown) =>
        Assert.True((await Store.ChangeEpochsAsync(SteppingDown(Current.Node.Id, Current.Number, drainUntil, how), None)).Done);

    /// <summary>Returns the change with which a node ends its epoch.</summary>
    protected static EpochChange SteppingDown(string node, long epoch, DateTimeOffset drainUntil, EpochEnd how = EpochEnd.SteppedDown) =>
        new() { By = (node, epoch), StepDown = new(drainUntil, how) };

    /// <summary>Reads the epochs without a sign of life.</summary>
    protected Task<Look> LookAsync() => Store.LookAsync(Sign.None, None);

    /// <summary>Gives a sign of life of the current epoch.</summary>
    protected Task<Look> HeartbeatAsync() => Store.LookAsync(new Sign.Heartbeat(Current.Node.Id, Current.Number), None);

    /// <summary>Names a node in the store.</summary>
    protected Task<Look> EnterAsync(string node, params string[] declares) =>
        Store.LookAsync(new Sign.Enter(Node(node), declares, [Handler]), None);

    /// <summary>Claims on behalf of the current node.</summary>
    protected Task<Claimed> ClaimAsync(int places = 10, bool fireTimes = true) => Store.ClaimAsync(Request() with
    {
        FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = places },
        FireTimes = fireTimes,
    }, None);

    /// <summary>Returns a claim of the current node with ten free places.</summary>
    protected ClaimRequest Request() => new()
    {
        Node = Current.Node.Id,
        Epoch = Current.Number,
        Handlers = Handlers,
        RecordsUnknownHandlers = true,
        FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 10 },
        GraceLimit = TimeSpan.FromHours(24),
    };

    /// <summary>Returns the end of a run that the current node claimed.</summary>
    protected Finished End(ClaimedRun run, Outcome outcome = Outcome.Succeeded) =>
        new()
        {
            Id = run.Id,
            Node = Current.Node.Id,
            Epoch = Current.Number,
            Attempt = run.Attempt,
            StartedAt = run.FireTime,
            FinishedAt = Clock.GetUtcNow(),
            Outcome = outcome,
        };

    protected async Task FinishAsync(ClaimedRun run, Outcome outcome = Outcome.Succeeded) =>
        Assert.Equal(0, await Store.RecordAsync([End(run, outcome)]));

    /// <summary>Claims all due fire times at each of the given instants, and ends each run.</summary>
    /// <returns>The fire times that ran, in seconds after the start.</returns>
    protected async Task<List<double>> WorkAsync(params double[] instants)
    {
        List<double> ran = [];
        foreach (var instant in instants)
        {
            MoveTo(instant);
            for (var due = (DateTimeOffset?)Clock.GetUtcNow(); due <= Clock.GetUtcNow();)
            {
                var claimed = await ClaimAsync();
                ran.AddRange(FireTimes(claimed));
                foreach (var run in claimed.Runs) await FinishAsync(run);
                due = claimed.Runs.Count > 0 ? Clock.GetUtcNow() : claimed.NextDue;
            }
        }

        return ran;
    }

    protected async Task<Enqueued> EnqueueAsync(RunRequest request) => Assert.Single(await Store.EnqueueAsync([request], None));

    protected Task<Enqueued> EnqueueAsync(string job, DateTimeOffset? at = null, string? key = null, bool watched = false) =>
        EnqueueAsync(new() { Job = Id(job), DueAt = at, Key = key, Watched = watched });

    /// <summary>Reads a run. Both handles of the store return the same run.</summary>
    protected async Task<Run> RunAsync(RunId id)
    {
        var query = new RunQuery { Id = id };
        var run = Assert.Single((await Store.RunsAsync(query, None)).Runs);
        var other = Assert.Single((await (await SecondAsync()).RunsAsync(query, None)).Runs);
        Assert.Equivalent(run.Attempts, other.Attempts);
        Assert.Equal(run, other with { Attempts = run.Attempts });
        return run;
    }

    protected async Task<IReadOnlyList<Run>> RunsAsync(RunQuery query) => (await Store.RunsAsync(query, None)).Runs;

    /// <summary>Reads the whole ledger of one job or of all jobs.</summary>
    protected Task<LedgerPart> LedgerAsync(string? job = null, DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        Store.LedgerAsync(new()
        {
            Job = job is null ? null : Id(job),
            From = from ?? DateTimeOffset.MinValue,
            To = to ?? DateTimeOffset.MaxValue,
        }, None);

    /// <summary>
    /// Reads the entries of a job as first, last and reason, in seconds after the start.
    /// Both handles of the store return the same entries.
    /// </summary>
    protected async Task<List<(double First, double Last, Reason Reason)>> EntriesAsync(string job)
    {
        var entries = (await LedgerAsync(job)).Entries;
        Assert.Equal(entries, (await (await SecondAsync()).LedgerAsync(new() { Job = Id(job) }, None)).Entries);
        return [.. entries.Select(entry => (Seconds(entry.First), Seconds(entry.Last), entry.Reason))];
    }

    /// <summary>Reads the actions on a job as kind and watermark movement, in seconds after the start.</summary>
    protected async Task<List<(ActionKind Kind, double? From, double? To)>> ActionsAsync(string job) =>
        [.. (await LedgerAsync(job)).Actions.Where(action => action.Job == Id(job))
            .Select(action => (action.Kind, Seconds(action.From), Seconds(action.To)))];

    /// <summary>
    /// Returns the fate of each fire time of a job in the ledger, such as <c>0 ran, 10-30 Paused, 40 due</c>.
    /// </summary>
    protected async Task<string> StoryAsync(string job)
    {
        var part = await (await SecondAsync()).LedgerAsync(new() { Job = Id(job) }, None);
        await AssertBalancedAsync();
        return new LedgerReader(part).Story(Id(job), Start);
    }

    /// <summary>Returns the sentences of why for the fire times of a job from the start until now.</summary>
    protected async Task<IEnumerable<string>> SentencesAsync(string job) =>
        (await Store.WhyAsync(Id(job), Start, Clock.GetUtcNow(), Language.English, None)).Items.Select(item => item.Sentence);

    /// <summary>Asserts that the records of all jobs add up.</summary>
    protected async Task AssertBalancedAsync()
    {
        var audit = await Store.AuditAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Language.English, None);
        Assert.Empty(audit.Imbalances.Select(imbalance => $"{imbalance.Job}: {imbalance.Sentence}"));
        Assert.True(audit.Account.Balanced);
        Assert.Equal(audit.Account.Due,
            audit.Account.Ran + audit.Account.Running + audit.Account.Skipped + audit.Account.Missed);
    }

    /// <summary>Returns an instant in seconds after the start.</summary>
    protected static double Seconds(DateTimeOffset instant) => (instant - Start).TotalSeconds;

    protected static double? Seconds(DateTimeOffset? instant) => instant is { } at ? Seconds(at) : null;

    /// <summary>Returns the fire times of claimed runs, in seconds after the start.</summary>
    protected static List<double> FireTimes(Claimed claimed) => [.. claimed.Runs.Select(run => Seconds(run.FireTime))];

    /// <summary>Returns the fire times of runs, in seconds after the start.</summary>
    protected static List<double> FireTimes(IEnumerable<Run> runs) => [.. runs.Select(run => Seconds(run.FireTime))];

    /// <summary>Collects the notifications during an action, until the awaited signal arrives.</summary>
    protected async Task<Notification> NotifiedAsync(Func<Task> act, StoreSignal awaited = StoreSignal.None)
    {
        var gate = new Lock();
        var all = default(Notification);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (Store.Notifier.Subscribe(notification =>
        {
            lock (gate)
            {
                all = all.And(notification);
                if ((all.Signal & awaited) == awaited) heard.TrySetResult();
            }
        }))
        {
            await act();
            if (awaited != StoreSignal.None) await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        }

        lock (gate) return all;
    }
}
