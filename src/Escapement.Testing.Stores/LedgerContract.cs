using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of reading the layers of the ledger.</summary>
public abstract class LedgerContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Waiting_runs_are_read_only_by_their_id()
    {
        await AddAsync("j", null);
        var asked = await EnqueueAsync("j");

        Assert.Empty(await RunsAsync(new() { Job = Id("j") }));
        Assert.Equal(RunState.Waiting, (await RunAsync(asked.Run)).State);
    }

    [Fact]
    public async Task The_runs_of_a_removed_job_stay_readable()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await WorkAsync(0, 10);
        await EditAsync(JobEdits.Remove(Id("j")));

        Assert.Equal([10, 0], FireTimes(await RunsAsync(new() { Job = Id("j") })));
    }

    [Fact]
    public async Task Entries_are_read_of_one_job_or_all_in_the_order_in_which_they_were_written()
    {
        await AddAsync("j", Every(20), Options(grace: 1));
        await AddAsync("k", Every(30), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 25, 35);

        var all = (await LedgerAsync()).Entries;

        Assert.Equal([(Id("j"), At(20)), (Id("k"), At(30))], all.Select(entry => (entry.Job, entry.First)).OrderBy(entry => entry.Item2));
        Assert.Equal([Id("k")], (await LedgerAsync(from: At(21))).Entries.Select(entry => entry.Job));
        Assert.Equal([(20, 20, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
        var nobody = await LedgerAsync("nobody");
        Assert.Equal((0, 0, 0), (nobody.Jobs.Count, nobody.Entries.Count, nobody.Definitions.Count));
    }

    [Fact]
    public async Task Entries_that_touch_a_span_are_read()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(25);
        await ClaimAsync();

        Assert.Single((await LedgerAsync("j", from: At(20))).Entries);
        Assert.Empty((await LedgerAsync("j", from: At(20.000001))).Entries);
        Assert.Single((await LedgerAsync("j", to: At(0.000001))).Entries);
        Assert.Empty((await LedgerAsync("j", to: Start)).Entries);
    }

    [Fact]
    public async Task One_snapshot_holds_every_layer()
    {
        await AddAsync("j", Every(10), Options(grace: 1, maxInstances: 1));
        await AddAsync("other", Once(At(1000)));
        await BeginAsync();
        await WorkAsync(0, 15);
        MoveTo(20);
        var running = Assert.Single((await ClaimAsync()).Runs);
        var waiting = await EnqueueAsync("j", At(25));
        MoveTo(22);
        await EditAsync(JobEdits.Pause(Id("j"), until: At(60), by: "me", why: "repairs"));
        var jump = new LedgerMark { Kind = MarkKind.ClockJump, From = At(5), To = At(22), Epoch = 1 };
        await Store.ChangeAsync(new() { State = SchedulerEdits.Pause(why: "all"), Marks = [jump] }, None);

        var part = await (await SecondAsync()).LedgerAsync(new() { Job = Id("j") }, None);

        Assert.Equal(["j"], part.Jobs.Select(job => job.Job.Id.Value));
        Assert.Equal([(0, RunState.Ended), (20, RunState.Running), (25, RunState.Waiting)],
            part.Runs.Select(run => (Seconds(run.FireTime), run.State)));
        Assert.Equal([running.Id, waiting.Run], part.Runs.Skip(1).Select(run => run.Id));
        Assert.Equal([(At(10), At(10), Reason.MisfireGraceExceeded)],
            part.Entries.Select(entry => (entry.First, entry.Last, entry.Reason)));
        Assert.Equal([ActionKind.Added, ActionKind.Paused, ActionKind.SchedulerPaused], part.Actions.Select(action => action.Kind));
        Assert.Equal([("me", "repairs", At(60)), (null, "all", null)], part.Actions.Skip(1)
            .Select(action => (action.By, action.Why, action.Until)));
        Assert.True(part.Actions[1].Number > part.Actions[0].Number);
        Assert.Equal([(1, Start, null)], part.Definitions.Select(span => (span.Version, span.From, span.To)));
        Assert.Equal(
            [(PauseScope.Job, "j", part.Actions[1].Number), (PauseScope.All, "", part.Actions[2].Number)],
            part.Pauses.Select(pause => (pause.Scope, pause.Name, pause.Pause.Action!.Value)));
        Assert.All(part.Pauses, pause => Assert.Null(pause.Ended));
        Assert.Equal([1], part.Epochs.Select(epoch => epoch.Number));
        Assert.Equal([jump], part.Marks);
        Assert.Equal(("all", At(22)), (part.State.Paused!.Why, part.At));
        var all = await LedgerAsync();
        Assert.Equal((2, 2), (all.Jobs.Count, all.Definitions.Count));
    }

    [Fact]
    public async Task A_span_holds_what_touches_it()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 10, 20);
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(25);
        await EditAsync(JobEdits.Resume(Id("j")));
        await Store.ChangeAsync(new() { Marks = [new() { Kind = MarkKind.StoreOutage, From = At(3), To = At(7), Epoch = 1 }] }, None);

        var early = await LedgerAsync("j", to: At(10).AddTicks(5));
        var late = await LedgerAsync("j", from: At(10).AddTicks(5));

        Assert.Equal([0, 10], FireTimes(early.Runs));
        Assert.Equal([20], FireTimes(late.Runs));
        Assert.Equal((1, 0), (early.Marks.Count, late.Marks.Count));
        Assert.Equal((0, 1), (early.Pauses.Count, late.Pauses.Count));
        Assert.Empty((await Store.LedgerAsync(new() { Job = Id("j"), Runs = false }, None)).Runs);
    }

    [Fact]
    public async Task A_reader_of_the_ledger_sees_the_running_runs_of_the_jobs_whatever_their_fire_times()
    {
        await AddAsync("j", Every(100));
        await AddAsync("k", Every(100));
        await BeginAsync();
        Assert.Equal(2, (await ClaimAsync()).Runs.Count);
        await EnqueueAsync("j", At(20));
        LedgerPart? seen = null;

        foreach (var (from, to) in ((double, double)[])[(50, 60), (-60, -50)])
        {
            LedgerQuery query = new() { Job = Id("j"), From = At(from), To = At(to) };
            Assert.Empty((await Store.LedgerAsync(query, None)).Runs);
            await Store.LedgerAsync(new() { Job = Id("j"), From = query.From, To = query.To, Runs = false, Then = See }, None);
            Assert.Equal([(Id("j"), At(0), RunState.Running)], seen!.Runs.Select(run => (run.Job, run.FireTime, run.State)));
            await Store.LedgerAsync(new() { From = query.From, To = query.To, Runs = false, Then = See }, None);
            Assert.Equal([Id("j"), Id("k")], seen.Runs.Select(run => run.Job));
        }

        RunReads? See(LedgerPart part)
        {
            seen = part;
            return null;
        }
    }

    [Fact]
    public async Task A_missed_run_that_waits_or_runs_again_is_read_once()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false, maxInstances: null));
        await BeginAsync();
        MoveTo(15);
        while (await ClaimAsync() is { Runs: [var run, ..] })
            await Store.RecordAsync([End(run, Outcome.Missed) with { StartedAt = null, Reason = Reason.ExecutorSaturated }]);
        Assert.Equal([RunState.Ended, RunState.Ended], (await LedgerAsync("j")).Runs.Select(run => run.State));
        await MoveJobAsync("j", Start);
        Assert.Equal([0], FireTimes(await ClaimAsync(places: 1)));

        Assert.Equal([(0, RunState.Running), (10, RunState.Waiting)],
            (await LedgerAsync("j")).Runs.Select(run => (Seconds(run.FireTime), run.State)));
    }

    [Fact]
    public async Task Marks_of_the_scheduler_and_of_what_a_node_met_are_kept_with_the_change()
    {
        var mark = new LedgerMark { Kind = MarkKind.ClockJump, From = At(50), To = At(20), Epoch = 3 };

        await Store.ChangeAsync(new() { Jobs = [JobEdits.Add(NewJob("j", null))], Marks = [mark] }, None);

        Assert.Equal([mark], (await LedgerAsync()).Marks);
    }

    [Fact]
    public async Task A_warm_up_leaves_no_trace()
    {
        var warmUp = Store as IWarmUp;
        Assert.SkipWhen(warmUp is null, "This store has nothing to warm up.");
        await warmUp!.WarmUpAsync(Node("b"), Handlers, 3, None);
        await AddAsync("j", Every(10));
        await EnqueueAsync("j");
        await BeginAsync("a");
        var (look, job) = (await LookAsync(), await JobAsync("j"));

        var notified = await NotifiedAsync(() => warmUp.WarmUpAsync(Node("b"), Handlers, 3, None));

        Assert.Equal(StoreSignal.None, notified.Signal);
        var after = await LookAsync();
        Assert.Equal((look.Newest, look.State, 0), (after.Newest, after.State, after.Nodes.Count));
        Assert.Equal(job, await JobAsync("j") with { Job = job.Job });
        Assert.Empty(await RunsAsync(new()));
        Assert.Single((await Store.JobsAsync(new() { Ended = true }, None)).Jobs);
        Assert.Single((await LedgerAsync()).Actions);
        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task What_was_lost_before_an_epoch_that_never_claimed_is_explained_by_the_downtime_before_that()
    {
        await AddAsync("j", Every(10), Options(grace: 1, maxInstances: null));
        await BeginAsync("a");
        await ClaimAsync();
        MoveTo(35);
        await BeginAsync("b");
        MoveTo(55);
        await BeginAsync("c");
        await ClaimAsync();

        Assert.Equal([(10, 50, Reason.NoActiveNode)], await EntriesAsync("j"));
    }
}
