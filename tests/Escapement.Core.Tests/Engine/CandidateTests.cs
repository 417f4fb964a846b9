using Escapement.Engine;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>Tests of the status of a node that waits to become active.</summary>
public sealed class CandidateTests
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    static readonly NodeName Own = new("own", 17, "here", default, null), Other = new("other", 18, "here", default, null);

    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(17, Reason.NoActiveNode)]
    [InlineData(18, Reason.Standby)]
    public async Task A_process_that_is_about_to_hold_the_lock_does_not_name_itself_as_the_holder(int holder, Reason shown)
    {
        var store = new TroubledStore(clock);
        await store.OpenAsync("tests", default);
        var before = (await store.ChangeEpochsAsync(new() { Begin = Other, WithLock = true, Newest = default(EpochSeen) }, default)).Begun!;
        await store.ChangeEpochsAsync(new() { By = (Other.Id, before.Number), StepDown = new(clock.GetUtcNow(), EpochEnd.SteppedDown) },
            default);
        var first = new TaskCompletionSource<NodeState>(TaskCreationOptions.RunContinuationsAsynchronously);
        NodeContext context = new(
            Own, store, new LocksInTheKernel(new(holder, "here", clock.GetUtcNow(), "", "lock", 0)),
            new("tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)), clock,
                TaskScheduler.Default, NullLogger.Instance);
        using var cancellationToken = new CancellationTokenSource();

        var waiting = new Candidate(context, state => first.TrySetResult(state)).BecomeActiveAsync(cancellationToken.Token);

        Assert.Equal(shown, Assert.IsType<NodeState.Standby>(await first.Task.WaitAsync(Limit)).Because);
        await cancellationToken.CancelAsync();
        Assert.Null(await waiting.WaitAsync(Limit));
    }

    /// <summary>
    /// The locks at the moment when the kernel has given away the main lock and nobody in this process knows.
    /// </summary>
    sealed class LocksInTheKernel(LockHolder holder) : INodeLocks
    {
        public ILock Main { get; } = new NeverTaken();

        public ILock Life { get; } = new NeverTaken();

        public string? LifeLock => null;

        public bool FreeMeansGone => true;

        public long Session => 1;

        public ILock? LifeOf(NodeName node) => null;

        public void Remove(NodeName node)
        {
        }

        public LockHolder? Holder() => holder;

        public void Write(LockHolder written)
        {
        }

        public long Floor() => 0;

        public void Touch(DateTimeOffset now)
        {
        }
    }

    sealed class NeverTaken : ILock
    {
        public bool Held => false;

        public bool TryTake() => false;

        public Task TakeAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

        public void Release()
        {
        }

        public bool WasReplaced() => false;

        public void Dispose()
        {
        }
    }
}
