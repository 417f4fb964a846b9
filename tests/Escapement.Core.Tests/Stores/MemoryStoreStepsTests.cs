using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Xunit;

namespace Escapement.Core.Tests.Stores;

/// <summary>Tests of concurrent events between the steps of a transaction if every node is active.</summary>
public sealed class MemoryStoreStepsTests : EveryNodeActiveContract<EachMemoryStoreUnderTest>
{
    MemoryStore Memory => (MemoryStore)Store;

    [Fact]
    public async Task A_plan_is_not_written_over_a_pause_that_was_answered()
    {
        var claim = await HeldAsync(StoreStep.Send);
        await EditAsync(JobEdits.Pause(Id("job")));

        Assert.Empty((await claim()).Runs);
        Assert.Equal(0, (await JobAsync("job")).Running);
    }

    [Fact]
    public async Task A_fire_time_that_another_claimed_meanwhile_is_left_out()
    {
        var claim = await HeldAsync(StoreStep.Snapshot);
        var other = await Store.ClaimAsync(Request(await EpochAsync("b"), 1), None);

        Assert.Equal([0], FireTimes(other));
        Assert.Empty((await claim()).Runs);
        Assert.Equal(1, (await JobAsync("job")).Running);
    }

    [Fact]
    public async Task A_claim_is_refused_whose_epoch_ended_meanwhile()
    {
        var (claim, a, b) = (await HeldAsync(StoreStep.Snapshot), await EpochAsync("a"), await EpochAsync("b"));
        await Store.ChangeEpochsAsync(new() { By = ("b", b.Number), Ends = [(EpochSeen.Of(a), EpochEnd.LeaseOver)] }, None);

        Assert.True((await claim()).Fenced);
        Assert.Equal(0, (await JobAsync("job")).Running);
    }

    [Fact]
    public async Task A_claim_waits_while_its_epoch_is_being_ended()
    {
        var (a, b) = (await EpochAsync("a"), await EpochAsync("b"));
        await AddAsync("job", Every(10));
        var settler = new Gate(StoreStep.NextStatement);
        Memory.Steps = settler.StepAsync;
        var ending = Store.ChangeEpochsAsync(new() { By = ("b", b.Number), Ends = [(EpochSeen.Of(a), EpochEnd.LeaseOver)] }, None);
        Memory.Steps = null;
        var claim = Store.ClaimAsync(Request(a, 1), None);
        Assert.False(claim.IsCompleted);

        settler.Open();

        Assert.True((await ending).Done);
        Assert.True((await claim).Fenced);
    }

    [Fact]
    public async Task A_plan_from_before_a_pause_of_all_is_not_written()
    {
        var claim = await HeldAsync(StoreStep.Send);
        await ChangeStateAsync(SchedulerEdits.Pause());

        var claimed = await claim();

        Assert.False(claimed.Fenced);
        Assert.Empty(claimed.Runs);
    }

    [Fact]
    public async Task A_plan_is_written_within_a_second_of_its_read_or_not_at_all()
    {
        var claim = await HeldAsync(StoreStep.Snapshot);
        MoveTo(1);

        Assert.Empty((await claim()).Runs);
    }

    [Fact]
    public async Task A_job_whose_row_is_locked_is_left_out_and_soon_tried_again()
    {
        await AddAsync("locked", Every(10));
        await AddAsync("job", Every(10));
        Claimed claimed;
        using (await Memory.LockJobAsync(Id("locked"))) claimed = await Store.ClaimAsync(Request(await EpochAsync("a"), 1), None);

        Assert.Equal("job", Assert.Single(claimed.Runs).Job.Id.Value);
        Assert.True(claimed.NextDue < At(1));
        Assert.Equal("locked", Assert.Single((await Store.ClaimAsync(Request(await EpochAsync("a"), 2), None)).Runs).Job.Id.Value);
    }

    [Fact]
    public async Task A_run_that_is_blocked_while_the_last_one_ends_is_freed()
    {
        var a = await EpochAsync("a");
        await AddAsync("job", null, Options(maxInstances: 1));
        await EnqueueAsync("job");
        var first = Assert.Single((await Store.ClaimAsync(Request(a, 1), None)).Runs);
        await EnqueueAsync("job");
        var gate = new Gate(StoreStep.Locked);
        Memory.Steps = gate.StepAsync;
        var blocking = Store.ClaimAsync(Request(a, 2), None);
        Memory.Steps = null;
        var recording = Store.RecordAsync([new()
        {
            Id = first.Id, Node = "a", Epoch = a.Number, Attempt = 1, StartedAt = At(0), FinishedAt = At(0), Outcome = Outcome.Succeeded,
        }]);
        Assert.False(recording.IsCompleted);

        gate.Open();
        Assert.Empty((await blocking).Runs);
        Assert.Equal(0, await recording);

        Assert.Single((await Store.ClaimAsync(Request(a, 3), None)).Runs);
    }

    [Fact]
    public async Task A_transaction_that_gives_up_waiting_for_a_row_leaves_it_to_the_next()
    {
        var (gate, locks, row, limit) = (new Lock(), new RowLocks(), RowKey.Job(1), new TaskCompletionSource());
        var holder = new RowTransaction(gate, locks, null);
        using var impatient = new RowTransaction(gate, locks, null, _ => limit.Task);
        using var patient = new RowTransaction(gate, locks, null);
        await holder.LockAsync([row]);
        var (first, second) = (impatient.LockAsync([row]).AsTask(), patient.LockAsync([row]).AsTask());

        limit.SetException(new StoreUnavailableException("The row was locked for too long."));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        holder.Dispose();

        await second;
        Assert.False(impatient.TryLock(row));
    }

    /// <summary>Starts the claim of a due job by node a, and holds the claim at a step.</summary>
    async Task<Func<Task<Claimed>>> HeldAsync(StoreStep step)
    {
        await AddAsync("job", Every(10));
        var gate = new Gate(step);
        Memory.Steps = gate.StepAsync;
        var claim = Store.ClaimAsync(Request(await EpochAsync("a"), 1), None);
        Memory.Steps = null;
        return () =>
        {
            gate.Open();
            return claim;
        };
    }

    async Task<Epoch> EpochAsync(string node) => (await LookAsync()).Living.Single(epoch => epoch.Node.Id == node);

    /// <summary>A gate that holds the first transaction at a step.</summary>
    sealed class Gate(StoreStep step)
    {
        readonly TaskCompletionSource opened = new();

        public ValueTask StepAsync(StoreStep at) => at == step ? new(opened.Task) : ValueTask.CompletedTask;

        public void Open() => opened.TrySetResult();
    }
}
