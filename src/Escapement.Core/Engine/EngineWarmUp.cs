using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Escapement.Engine;

/// <summary>Starts a node, performs an act while the node is active, and stops the node.</summary>
delegate Task PlayNode(NodeContext stage, HandlerRegistry handlers, Func<Task> act, CancellationToken cancellationToken);

/// <summary>
/// Rehearses a takeover and a run from end to end, so that a real takeover compiles nothing for the first time. A first
/// takeover takes about 100 ms to compile, and the kernel hands over a lock in 2 ms.
/// </summary>
/// <param name="context">The context of the node.</param>
/// <param name="handlers">The handlers that the node knows.</param>
/// <param name="hash">Returns the hash of the node's declarations.</param>
/// <param name="play">Runs a node around an act.</param>
sealed class EngineWarmUp(NodeContext context, IReadOnlySet<string> handlers, Func<string> hash, PlayNode play)
{
    const string Job = "rehearsal";

    /// <summary>Runs the warm-up and logs the result. A takeover without a warm-up is only slower.</summary>
    public async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(cancellationToken);
            Log.WarmedUp(context.Log, context.Settings.WarmUps);
        }
        catch (StoreUnavailableException) when (!cancellationToken.IsCancellationRequested)
        {
            // A busy machine. The wait is short, and its end does not matter to a node that stops.
            await Task.Delay(EngineSettings.RetryPause, context.Clock, CancellationToken.None);
            await TryAsync(cancellationToken);
        }
        catch (Exception)
        {
            // The node is stopping.
        }
    }

    /// <summary>
    /// Runs the warm-up: the engine on a store in memory, the store in transactions that are rolled back, and finally
    /// the real entry points with requests that must fail.
    /// </summary>
    async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < context.Settings.WarmUps && !cancellationToken.IsCancellationRequested; i++) await PlayAsync(cancellationToken);
        if (context.Store is IWarmUp store) await store.WarmUpAsync(context.Name, handlers, context.Settings.WarmUps, cancellationToken);
        for (var i = 0; i < context.Settings.WarmUps && !cancellationToken.IsCancellationRequested; i++)
        {
            await EnqueueInVainAsync(cancellationToken);
        }
    }

    /// <summary>Calls the real files and the real store with requests that the store must reject.</summary>
    async Task EnqueueInVainAsync(CancellationToken cancellationToken)
    {
        const long none = -1;
        _ = (context.Locks.Floor(), context.Locks.Holder(), hash(), await context.Store.LookAsync(Sign.None, cancellationToken));
        await context.Store.ChangeEpochsAsync(new() { Begin = context.Name, Newest = new(none, none, ended: true) }, cancellationToken);
        var request = new ClaimRequest
        {
            Node = context.Name.Id,
            Epoch = none,
            Handlers = handlers,
            FreePlaces = new Dictionary<string, int>(),
            GraceLimit = context.Settings.GraceLimit,
        };
        await context.Store.ClaimAsync(request, cancellationToken);
        var nothing = new Finished
        {
            Id = new(0, none, 0),
            Node = context.Name.Id,
            Epoch = none,
            Attempt = 1,
            FinishedAt = context.Clock.GetUtcNow(),
            Outcome = Outcome.Missed,
        };
        await context.Store.RecordAsync([nothing]);
    }

    async Task PlayAsync(CancellationToken cancellationToken)
    {
        await using var store = new MemoryStore(context.Clock);
        await store.OpenAsync(Job, cancellationToken);
        var job = new Job { Id = JobId.Parse(Job), Name = Job, Handler = Job, Options = new() { MaxInstances = null } };
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(job)] }, cancellationToken);
        var gone = new NodeName("gone", 1, "nowhere", context.Clock.GetUtcNow(), null);
        await store.ChangeEpochsAsync(new() { Begin = gone, WithLock = true, Newest = default(EpochSeen) }, cancellationToken);

        var played = new HandlerRegistry(
            [new Handler(Job, static async (_, _, _) => await Task.Yield(), NeedsServices: false, Blocks: false, static _ => { })]);
        var stage = context with
        {
            Store = store,
            Locks = new FreeLocks { OthersAreGone = true },
            Log = NullLogger.Instance,
            MayStartJobs = new(canceled: true),
        };
        await play(stage, played, () => RunJobAsync(store, job.Id, cancellationToken), cancellationToken);
    }

    static async Task RunJobAsync(MemoryStore store, JobId job, CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = store.Notifier.Subscribe(notification =>
        {
            if ((notification.Signal & StoreSignal.RunEnded) != 0) ended.TrySetResult();
        });
        await store.EnqueueAsync([new() { Job = job, Watched = true }], cancellationToken);
        using var stopped = cancellationToken.Register(() => ended.TrySetCanceled(cancellationToken));
        await ended.Task;
    }
}
