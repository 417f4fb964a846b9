using System.Data.Common;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Core.Tests.Engine;

/// <summary>A memory store that several nodes share, with trouble where a test wants it: a call that fails, an answer that is lost, or something that happens right after a call.</summary>
sealed class TroubledStore(TimeProvider clock, bool shared = true, ActiveNodes actives = ActiveNodes.One) : IJobStore
{
    readonly MemoryStore inner = new(clock);
    readonly MemoryStore elsewhere = new(clock);

    /// <summary>Called with the name of the call before each call; it may throw.</summary>
    /// <remarks>The names: Open, Change, Enqueue, Claim, Record, Enter, Beat, Look, Probe, Raise (an epoch begins), StepDown, Settle, Jobs, Runs, Ledger, Trim.</remarks>
    public Action<string> Before { get; set; } = _ => { };

    /// <summary>Called with the name of the call after each call; where it throws, the answer is lost after the commit.</summary>
    public Action<string> After { get; set; } = _ => { };

    /// <summary>Answers a claim in the store's place; null for the store's own answer.</summary>
    public Func<ClaimRequest, Claimed?> Claims { get; set; } = _ => null;

    /// <summary>Makes of the store's answer to a heartbeat what the node is told.</summary>
    public Func<Look, Look> Beats { get; set; } = look => look;

    /// <summary>Takes the outcomes in the store's place, and may throw; null for the store itself.</summary>
    public Action<IReadOnlyList<Finished>>? Records { get; set; }

    /// <summary>Called with a change of the scheduler's state or of jobs before it is made.</summary>
    public Action<Change> Changes { get; set; } = _ => { };

    /// <summary>Called with a change of epochs before it is made.</summary>
    public Action<EpochChange> EpochChanges { get; set; } = _ => { };

    /// <summary>Answers a trim in the store's place; null for the store's own answer.</summary>
    public Func<DateTimeOffset, bool?> Trims { get; set; } = _ => null;

    public StorePlace Place { get; } =
        (shared ? new StorePlace("troubled", "troubled", null, "this machine")
            : new("memory", "memory", null, "this process")) with
        { Actives = actives };

    public TimeProvider Clock => clock;

    /// <summary>Whether no notification of this store is heard, as when each is lost on its way.</summary>
    public bool LosesNotifications { get; init; }

    public IStoreNotifier Notifier => LosesNotifications ? elsewhere.Notifier : inner.Notifier;

    public static StoreUnavailableException Away => new("The store is away.");

    async Task<T> CallAsync<T>(string name, Func<Task<T>> call)
    {
        Before(name);
        var result = await call();
        After(name);
        return result;
    }

    public async Task OpenAsync(string application, CancellationToken cancellationToken)
    {
        Before("Open");
        await inner.OpenAsync(application, cancellationToken);
    }

    public IJobChanges In(DbTransaction transaction) => throw new NotSupportedException();

    public Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken) => CallAsync("Change", () =>
    {
        Changes(change);
        return inner.ChangeAsync(change, cancellationToken);
    });

    public Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        CallAsync("Enqueue", () => inner.EnqueueAsync(requests, cancellationToken));

    public Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        CallAsync("Claim", () => Claims(request) is { } answer ? Task.FromResult(answer) : inner.ClaimAsync(request, cancellationToken));

    public Task<int> RecordAsync(IReadOnlyList<Finished> finished) => CallAsync("Record", () =>
    {
        if (Records is { } takes)
        {
            takes(finished);
            return Task.FromResult(0);
        }

        return inner.RecordAsync(finished);
    });

    public Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken) => sign switch
    {
        Sign.Heartbeat => CallAsync("Beat", async () => Beats(await inner.LookAsync(sign, cancellationToken))),
        Sign.Probe => CallAsync("Probe", () => inner.LookAsync(sign, cancellationToken)),
        Sign.Enter => CallAsync("Enter", () => inner.LookAsync(sign, cancellationToken)),
        _ => CallAsync("Look", () => inner.LookAsync(sign, cancellationToken)),
    };

    public Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken) =>
        CallAsync(change.Begin is not null ? "Raise" : change.StepDown is not null ? "StepDown" : "Settle", () =>
        {
            EpochChanges(change);
            return inner.ChangeEpochsAsync(change, cancellationToken);
        });

    public Task<JobPage> JobsAsync(JobQuery query, CancellationToken cancellationToken) =>
        CallAsync("Jobs", () => inner.JobsAsync(query, cancellationToken));

    public Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        CallAsync("Runs", () => inner.RunsAsync(query, cancellationToken));

    public Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        CallAsync("Ledger", () => inner.LedgerAsync(query, cancellationToken));

    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        CallAsync("Trim", () => Trims(before) is { } answer ? Task.FromResult(answer) : inner.TrimAsync(before, cancellationToken));

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
