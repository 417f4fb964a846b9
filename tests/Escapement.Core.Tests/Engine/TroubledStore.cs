using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Core.Tests.Engine;

/// <summary>A memory store that several nodes share, with trouble where a test wants it: a call that fails, or something that happens right after one.</summary>
sealed class TroubledStore(TimeProvider clock, bool shared = true) : IJobStore
{
    readonly MemoryStore inner = new(clock);
    readonly MemoryStore elsewhere = new(clock);

    /// <summary>Called with the method's name before each call; it may throw.</summary>
    public Action<string> Before { get; set; } = _ => { };

    /// <summary>Called with the method's name after each call.</summary>
    public Action<string> After { get; set; } = _ => { };

    /// <summary>Answers a claim in the store's place; null for the store's own answer.</summary>
    public Func<ClaimRequest, Claimed?> Claims { get; set; } = _ => null;

    /// <summary>Makes of the store's answer to a beat what the node is told.</summary>
    public Func<Look, Look> Beats { get; set; } = look => look;

    /// <summary>Refuses what it says.</summary>
    public Action<IReadOnlyList<Finished>> Records { get; set; } = _ => { };

    /// <summary>Answers a trim in the store's place; null for the store's own answer.</summary>
    public Func<DateTimeOffset, bool?> Trims { get; set; } = _ => null;

    public StorePlace Place { get; } = shared ? new("troubled", "troubled", null, "this machine") : new("memory", "memory", null, "this process");

    /// <summary>Whether no ring of this store is heard, as when each is lost on its way.</summary>
    public bool LosesRings { get; init; }

    public IDoorbell Doorbell => LosesRings ? elsewhere.Doorbell : inner.Doorbell;

    public static StoreUnavailableException Away => new("The store is away.");

    async Task<T> CallAsync<T>(string method, Func<Task<T>> call)
    {
        Before(method);
        var result = await call();
        After(method);
        return result;
    }

    public async Task OpenAsync(string application, CancellationToken stop)
    {
        Before("Open");
        await inner.OpenAsync(application, stop);
    }

    public async Task EnterAsync(NodeName node, IReadOnlyCollection<string> declares, CancellationToken stop)
    {
        Before("Enter");
        await inner.EnterAsync(node, declares, stop);
    }

    public Task<IReadOnlyList<StoredJob>> JobsAsync(JobId? job, bool ended, CancellationToken stop) => CallAsync("Jobs", () => inner.JobsAsync(job, ended, stop));

    public Task<IReadOnlyList<StoredJob?>> ChangeAsync(IReadOnlyList<JobEdit> edits, CancellationToken stop) => CallAsync("Change", () => inner.ChangeAsync(edits, stop));

    public Task<SchedulerState> ChangeStateAsync(Func<SchedulerState, DateTimeOffset, SchedulerState> edit, CancellationToken stop) =>
        CallAsync("ChangeState", () => inner.ChangeStateAsync(edit, stop));

    public Task<IReadOnlyList<AskedRun>> AskAsync(IReadOnlyList<RunRequest> requests, CancellationToken stop) => CallAsync("Ask", () => inner.AskAsync(requests, stop));

    public Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken stop) => CallAsync("Claim", () => Claims(request) is { } answer ? Task.FromResult(answer) : inner.ClaimAsync(request, stop));

    public Task<int> RecordAsync(IReadOnlyList<Finished> finished) => CallAsync("Record", () =>
    {
        Records(finished);
        return inner.RecordAsync(finished);
    });

    public Task<Raised> RaiseAsync(RaiseRequest request, CancellationToken stop) => CallAsync("Raise", () => inner.RaiseAsync(request, stop));

    public Task<int> SettleAsync(long epoch, IReadOnlyCollection<string> lost, CancellationToken stop) => CallAsync("Settle", () => inner.SettleAsync(epoch, lost, stop));

    public Task<Look> BeatAsync(string node, long epoch, CancellationToken stop) => CallAsync("Beat", async () => Beats(await inner.BeatAsync(node, epoch, stop)));

    public Task<Look> LookAsync(CancellationToken stop) => CallAsync("Look", () => inner.LookAsync(stop));

    public Task<Look> AskForBeatAsync(string node, EpochSeen seen, CancellationToken stop) => CallAsync("AskForBeat", () => inner.AskForBeatAsync(node, seen, stop));

    public Task<bool> LeaveAsync(LeaveRequest request, CancellationToken stop) => CallAsync("Leave", () => inner.LeaveAsync(request, stop));

    public Task<IReadOnlyList<Run>> RunsAsync(RunQuery query, CancellationToken stop) => CallAsync("Runs", () => inner.RunsAsync(query, stop));

    public Task<IReadOnlyList<Entry>> EntriesAsync(JobId? job, DateTimeOffset since, CancellationToken stop) => CallAsync("Entries", () => inner.EntriesAsync(job, since, stop));

    public Task<IReadOnlyList<Epoch>> EpochsAsync(DateTimeOffset since, CancellationToken stop) => CallAsync("Epochs", () => inner.EpochsAsync(since, stop));

    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken stop) => CallAsync("Trim", () => Trims(before) is { } answer ? Task.FromResult(answer) : inner.TrimAsync(before, stop));

    public Task RehearseAsync(NodeName node, IReadOnlySet<string> handlers, int times, CancellationToken stop) => Task.CompletedTask;

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
