using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Escapement.Engine;

/// <summary>Plays a takeover and a run from end to end on a store in memory, so that nothing of the engine is compiled for the first time when it counts.</summary>
/// <remarks>A first walk costs some 100 ms of compiling; the kernel hands a lock over in 2. The store rehearses its own part (<see cref="IJobStore.RehearseAsync"/>).</remarks>
static class Rehearsal
{
    const string Job = "rehearsal";

    /// <summary>Plays it so many times: the compiler optimises what was called some thirty times.</summary>
    public static async Task RunAsync(NodeParts parts, int times, CancellationToken stop)
    {
        for (var i = 0; i < times && !stop.IsCancellationRequested; i++) await PlayAsync(parts, stop);
    }

    static async Task PlayAsync(NodeParts parts, CancellationToken stop)
    {
        await using var store = new MemoryStore(parts.Clock);
        await store.OpenAsync(Job, stop);
        await store.ChangeAsync([JobEdits.Add(new Job { Id = JobId.Parse(Job), Name = Job, Handler = Job, Options = new() { MaxInstances = null } })], stop);
        var gone = new NodeName("gone", 1, "nowhere", parts.Clock.GetUtcNow(), null);
        await store.RaiseAsync(new(gone, default, WithLock: true, EpochEnd.Left, [], 0), stop);

        var handlers = new HandlerRegistry([new Handler(Job, static async (_, _, _) => await Task.Yield(), NeedsServices: false, Blocks: false, static _ => { })]);
        var stage = parts with { Store = store, Locks = FreeLocks(), Log = NullLogger.Instance };
        await using var node = new Node(stage, handlers, null, _ => Declarations.None);
        await node.StartAsync(stop);

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (store.Doorbell.Listen(bell =>
        {
            if ((bell & Bell.RunEnded) != 0) ended.TrySetResult();
        }))
        {
            await store.AskAsync([new(JobId.Parse(Job), Watched: true)], stop);
            await ended.Task.WaitAsync(stop);
        }
        await node.StopAsync(stop);
    }

    static NodeLocks FreeLocks() => new(new FreeLock(), new FreeLock(), _ => new FreeLock(), _ => { }, () => null, _ => { }, () => 0);

    sealed class FreeLock : ILock
    {
        public bool Held { get; private set; }

        public bool TryTake() => Held = true;

        public Task TakeAsync(CancellationToken unwanted)
        {
            Held = true;
            return Task.CompletedTask;
        }

        public void Release() => Held = false;

        public bool WasReplaced() => false;

        public void Dispose()
        {
        }
    }
}
