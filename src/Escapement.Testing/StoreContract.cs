using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing;

/// <summary>Where the contract tests get a store from. Made anew for each test and disposed after it, after the handles on the store.</summary>
public interface IStoreUnderTest : IAsyncDisposable
{
    /// <summary>A handle on the test's store, not yet opened; the first one of an empty store.</summary>
    /// <returns>Null when a store cannot have a second handle.</returns>
    IJobStore? Handle(TimeProvider clock);
}

/// <summary>What all contract tests share: a store, a clock that the test moves, and the steps of a node.</summary>
/// <typeparam name="TStore">The store under test.</typeparam>
public abstract class StoreContract<TStore> : IAsyncLifetime
    where TStore : IStoreUnderTest, new()
{
    /// <summary>The name under which the store is opened.</summary>
    protected const string Application = "contract";

    /// <summary>The handler of all jobs, known to all nodes unless a test says otherwise.</summary>
    protected const string Handler = "work";

    /// <summary>What the clock shows first.</summary>
    protected static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>No cancellation: the store answers or the test fails.</summary>
    protected static readonly CancellationToken None = CancellationToken.None;

    readonly TStore source = new();
    readonly List<IJobStore> handles = [];

    /// <summary>The store's clock.</summary>
    protected ManualClock Clock { get; } = new(Start);

    /// <summary>The store, opened.</summary>
    protected IJobStore Store { get; private set; } = null!;

    /// <summary>The epoch that the test raised last.</summary>
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

    /// <summary>Another handle on the same store; null when it cannot have one.</summary>
    protected async Task<IJobStore?> OpenAsync(string application = Application)
    {
        if (source.Handle(Clock) is not { } handle) return null;
        handles.Add(handle);
        await handle.OpenAsync(application, None);
        return handle;
    }

    /// <summary>So many seconds after the start.</summary>
    protected static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    /// <summary>Moves the clock to so many seconds after the start.</summary>
    protected void MoveTo(double seconds) => Clock.Move(At(seconds) - Clock.GetUtcNow());

    protected static JobId Id(string job) => JobId.Parse(job);

    protected static NodeName Node(string id) => new(id, 4711, "web-1", Start, null);

    /// <summary>Fires each n seconds from the start on.</summary>
    protected static Trigger Every(double seconds, DateTimeOffset? end = null) => new IntervalTrigger(TimeSpan.FromSeconds(seconds), Start, ZoneClock.Utc, end);

    protected static Trigger Once(DateTimeOffset at) => new DateTrigger(at, ZoneClock.Utc);

    protected static JobOptions Options(
        double? grace = 1, bool coalesce = true, int? maxInstances = 1, string executor = JobOptions.Default, bool rerun = false) => new()
    {
        Grace = grace is { } seconds ? Grace.Of(TimeSpan.FromSeconds(seconds)) : Grace.Unlimited,
        Coalesce = coalesce,
        MaxInstances = maxInstances,
        Executor = executor,
        RerunIfInterrupted = rerun,
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

    protected async Task<StoredJob> EditAsync(JobEdit edit) => (await Store.ChangeAsync([edit], None))[0]!;

    /// <summary>The job as it stands, ended ones too.</summary>
    protected async Task<StoredJob> JobAsync(string id) => Assert.Single(await Store.JobsAsync(Id(id), ended: true, None));

    /// <summary>The node becomes active; the epoch before, if it goes on, ends as said.</summary>
    protected async Task<Raised> RaiseAsync(string node = "a", EpochEnd why = EpochEnd.ProcessGone, string[]? lost = null, long floor = 0)
    {
        var seen = EpochSeen.Of((await Store.LookAsync(None)).Epoch);
        var raised = await Store.RaiseAsync(new(Node(node), seen, WithLock: true, why, lost ?? [], floor), None);
        if (raised.Epoch is not null) Current = raised.Epoch;
        return raised;
    }

    /// <summary>The current node claims.</summary>
    protected Task<Claimed> ClaimAsync(int places = 10, bool fireTimes = true) => Store.ClaimAsync(Request() with
    {
        FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = places }, FireTimes = fireTimes,
    }, None);

    /// <summary>A claim of the current node with ten free places.</summary>
    protected ClaimRequest Request() => new(
        Current.Node.Id, Current.Number, new HashSet<string> { Handler }, new Dictionary<string, int> { [JobOptions.Default] = 10 }, TimeSpan.FromHours(24));

    /// <summary>The end of a run that the current node claimed.</summary>
    protected Finished End(ClaimedRun run, Outcome outcome = Outcome.Succeeded) =>
        new(run.Id, Current.Node.Id, Current.Number, run.Attempt, run.FireTime, Clock.GetUtcNow(), outcome);

    protected async Task FinishAsync(ClaimedRun run, Outcome outcome = Outcome.Succeeded) => Assert.Equal(0, await Store.RecordAsync([End(run, outcome)]));

    protected async Task<AskedRun> AskAsync(string job, DateTimeOffset? at = null, string? key = null, bool watched = false) =>
        (await Store.AskAsync([new(Id(job), null, at, key, watched)], None))[0];

    protected async Task<Run> RunAsync(RunId id) => Assert.Single(await Store.RunsAsync(new(Id: id), None));

    /// <summary>The entries of a job as first, last, count and reason, in seconds after the start.</summary>
    protected async Task<List<(double First, double Last, long Count, Reason Reason)>> EntriesAsync(string job) =>
        [.. (await Store.EntriesAsync(Id(job), DateTimeOffset.MinValue, None))
            .Select(entry => ((entry.First - Start).TotalSeconds, (entry.Last - Start).TotalSeconds, entry.Count, entry.Reason))];

    /// <summary>Fire times of claimed runs, in seconds after the start.</summary>
    protected static List<double> FireTimes(Claimed claimed) => [.. claimed.Runs.Select(run => (run.FireTime - Start).TotalSeconds)];

    /// <summary>Collects what is rung while something is done, and until a given ring has come.</summary>
    protected async Task<Bell> RungAsync(Func<Task> act, Bell awaited = Bell.None)
    {
        var rung = 0;
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (Store.Doorbell.Listen(bell =>
        {
            var all = Interlocked.Or(ref rung, (int)bell) | (int)bell;
            if ((all & (int)awaited) == (int)awaited) heard.TrySetResult();
        }))
        {
            await act();
            if (awaited != Bell.None) await heard.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        }
        return (Bell)rung;
    }
}
