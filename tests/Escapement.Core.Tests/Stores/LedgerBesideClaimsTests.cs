using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Stores;

/// <summary>The memory store goes on while a reader of the ledger searches for fire times.</summary>
public sealed class LedgerBesideClaimsTests : StoreContract<MemoryStoreUnderTest>
{
    [Fact]
    public async Task A_claim_and_a_record_do_not_wait_for_the_search_of_a_report()
    {
        var (trigger, report) = await BeginReportAsync(None);

        // The end of the run changes a bucket of the history that the report reads.
        var limit = TimeSpan.FromMinutes(1);
        var run = Assert.Single((await Task.Run(() => ClaimAsync(), None).WaitAsync(limit, None)).Runs);
        await Task.Run(() => FinishAsync(run, Outcome.Failed), None).WaitAsync(limit, None);
        trigger.Open();

        var account = (await report).Account;
        Assert.True(account.Balanced, account.Sentence);
        Assert.Equal((3, 0), (account.Ran, account.Unsuccessful));
        account = (await Store.AuditAsync(At(-100), At(100), Language.English, None)).Account;
        Assert.Equal((4, 1), (account.Ran, account.Unsuccessful));
    }

    [Fact]
    public async Task A_cancellation_ends_the_search_of_a_report()
    {
        using CancellationTokenSource cancellation = new();
        var (trigger, report) = await BeginReportAsync(cancellation.Token);
        await cancellation.CancelAsync();
        trigger.Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => report);
        var calls = trigger.Calls;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.AuditAsync(At(-100), At(100), Language.English, cancellation.Token));
        Assert.Equal((1, 1), (calls, trigger.Calls));
    }

    [Fact]
    public async Task A_cancellation_ends_the_comparison_of_the_records()
    {
        await AddAsync("job", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 35);
        using CancellationTokenSource cancellation = new();
        LedgerReading reading = new(null, At(0), At(100), cancellation.Token);
        var part = await Store.LedgerAsync(reading.Query, None);
        await cancellation.CancelAsync();

        Assert.Throws<OperationCanceledException>(() => reading.Judge(part));
    }

    /// <summary>Begins an audit, which waits inside of a trigger. A run of another job is due.</summary>
    async Task<(GatedTrigger Trigger, Task<AuditReport> Report)> BeginReportAsync(CancellationToken cancellationToken)
    {
        GatedTrigger trigger = new(Every(10));
        await AddAsync("job", Every(10), Options(grace: null));
        await AddAsync("searched", trigger, Options(grace: null));
        await BeginAsync();
        await WorkAsync(10);
        await EditAsync(JobEdits.Pause(Id("searched")));
        await WorkAsync(20);
        trigger.Close();
        var report = Task.Run(() => Store.AuditAsync(At(-100), At(29), Language.English, cancellationToken), None);
        await trigger.Reached;
        MoveTo(30);
        return (trigger, report);
    }

    /// <summary>A trigger in which a search waits until the trigger is opened.</summary>
    sealed class GatedTrigger(Trigger inner) : Trigger
    {
        readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly TaskCompletionSource open = new();
        bool wasClosed;

        /// <summary>Ends when a search waits.</summary>
        public Task Reached => reached.Task;

        /// <summary>The number of searches since the trigger was closed.</summary>
        public int Calls { get; private set; }

        public override ZoneClock Zone => inner.Zone;

        public void Close() => wasClosed = true;

        public void Open() => open.SetResult();

        public override DateTimeOffset? Next(DateTimeOffset from)
        {
            Wait();
            return inner.Next(from);
        }

        public override DateTimeOffset? Previous(DateTimeOffset before)
        {
            Wait();
            return inner.Previous(before);
        }

        public override long Count(DateTimeOffset from, DateTimeOffset to)
        {
            Wait();
            return inner.Count(from, to);
        }

        public override string ToString() => inner.ToString();

        void Wait()
        {
            if (!wasClosed) return;
            Calls++;
            reached.TrySetResult();
            open.Task.GetAwaiter().GetResult();
        }
    }
}
