using System.Data.Common;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Core.Tests.Engine;

/// <summary>
/// A memory store shared by several nodes, with faults chosen by a test:
/// a failing call, a lost answer, or an event right after a call.
/// </summary>
sealed class TroubledStore(TimeProvider clock, bool shared = true, ActiveNodes actives = ActiveNodes.One) : IJobStore
{
    readonly MemoryStore inner = new(clock);
    readonly MemoryStore elsewhere = new(clock);

    /// <summary>
    /// Gets or sets the callback before each call, which receives the name of the call and may throw.
    /// </summary>
    /// <remarks>
    /// The names are Open, Change, Enqueue, Claim, Record, Enter, Beat, Look, Probe, Raise (an epoch begins), StepDown,
    /// Settle, Jobs, Runs, Ledger and Trim.
    /// </remarks>
    public Action<string> Before { get; set; } = _ => { };

    /// <summary>
    /// Gets or sets the callback after each call, which receives the name of the call.
    /// An exception loses the answer after the commit.
    /// </summary>
    public Action<string> After { get; set; } = _ => { };

    /// <summary>Gets or sets the replacement of a claim's answer. Null selects the store's own answer.</summary>
    public Func<ClaimRequest, Claimed?> Claims { get; set; } = _ => null;

    /// <summary>Gets or sets the conversion of the store's answer to a heartbeat.</summary>
    public Func<Look, Look> Beats { get; set; } = look => look;

    /// <summary>Gets or sets the receiver of the outcomes, which may throw. Null selects the store itself.</summary>
    public Action<IReadOnlyList<Finished>>? Records { get; set; }

    /// <summary>Gets or sets the callback before each change of the scheduler's state or of jobs.</summary>
    public Action<Change> Changes { get; set; } = _ => { };

    /// <summary>Gets or sets the callback before each change of epochs.</summary>
    public Action<EpochChange> EpochChanges { get; set; } = _ => { };

    /// <summary>Gets or sets the task that a read of jobs waits for.</summary>
    public Task JobReads { get; set; } = Task.CompletedTask;

    /// <summary>Gets or sets the replacement of a trim's answer. Null selects the store's own answer.</summary>
    public Func<DateTimeOffset, bool?> Trims { get; set; } = _ => null;

    public StorePlace Place { get; } = shared
        ? new("troubled", "troubled", null, "this machine") { Actives = actives }
        : new("memory", "memory", null, "this process") { Actives = actives };

    public TimeProvider Clock => clock;

    /// <summary>Gets whether all notifications of this store are lost.</summary>
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
        CallAsync("Jobs", async () =>
        {
            await JobReads;
            return await inner.JobsAsync(query, cancellationToken);
        });

    public Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        CallAsync("Runs", () => inner.RunsAsync(query, cancellationToken));

    public Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        CallAsync("Ledger", () => inner.LedgerAsync(query, cancellationToken));

    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        CallAsync("Trim", () => Trims(before) is { } answer ? Task.FromResult(answer) : inner.TrimAsync(before, cancellationToken));

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
