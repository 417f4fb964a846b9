using Escapement.Ledger;
using Escapement.Rules;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of the stored pauses of a job and of the whole scheduler.</summary>
public abstract class PauseContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_paused_job_keeps_its_watermark_and_is_not_claimed()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await EditAsync(JobEdits.Pause(Id("j"), by: "me", why: "repairs"));
        MoveTo(25);

        var claimed = await ClaimAsync();

        Assert.Empty(claimed.Runs);
        Assert.Null(claimed.NextDue);
        var job = await JobAsync("j");
        Assert.Equal((Start, null, new PauseRecord { At = Start, By = "me", Why = "repairs" }),
            (job.Next, job.ShownNext, job.Paused! with { Action = null }));
    }

    [Fact]
    public async Task A_resumed_job_fires_from_now_on_and_its_action_covers_what_passed()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(25);
        await NotifiedAsync(() => EditAsync(JobEdits.Resume(Id("j"))), StoreSignal.Work);

        var claimed = await ClaimAsync();

        Assert.Empty(claimed.Runs);
        Assert.Equal(At(30), claimed.NextDue);
        Assert.Empty(await EntriesAsync("j"));
        Assert.Equal([(ActionKind.Added, null, 0), (ActionKind.Paused, 0, 0), (ActionKind.Resumed, 0, 30)], await ActionsAsync("j"));
        MoveTo(30);
        Assert.Equal([30], FireTimes(await ClaimAsync()));
        Assert.Equal("0-20 Resumed, 30 running, 40 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_second_pause_ends_the_first_and_each_fire_time_is_told_with_the_pause_that_held_it()
    {
        await AddAsync("j", Every(10));
        await EditAsync(JobEdits.Pause(Id("j"), by: "li", why: "db move"));
        MoveTo(25);
        await EditAsync(JobEdits.Pause(Id("j"), At(80), "wang"));
        MoveTo(45);
        var version = (await JobAsync("j")).Version;
        Assert.Equal(version, (await EditAsync(JobEdits.Pause(Id("j"), At(80), "wang"))).Version);

        Assert.Equal([(0, 25, "li"), (25, null, "wang")], (await LedgerAsync("j")).Pauses
            .Select(pause => (Seconds(pause.Pause.At), Seconds(pause.Ended), pause.Pause.By!)));
        string[] first = ["00:00 to 00:00:20 were skipped (3 fire times): paused by li since 00:00 until 00:00:25: db move."];
        Assert.Equal([.. first, "00:00:30 to 00:00:40 have not run yet (2 fire times): paused by wang since 00:00:25 until 00:01:20."],
            await SentencesAsync("j"));
        await BeginAsync();
        MoveTo(90);
        await ClaimAsync();
        Assert.Equal([.. first, "00:00:30 to 00:01:10 were skipped (5 fire times): paused by wang since 00:00:25 until 00:01:20."],
            (await SentencesAsync("j")).Take(2));
        await AssertBalancedAsync();
    }

    [Fact]
    public async Task A_second_pause_of_the_scheduler_ends_the_first_and_each_fire_time_is_told_with_the_pause_that_held_it()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(5);
        await ChangeStateAsync(SchedulerEdits.Pause(by: "li", why: "db move"));
        MoveTo(25);
        await ChangeStateAsync(SchedulerEdits.Pause(by: "wang"));
        MoveTo(45);

        Assert.Equal([(5, 25, "li"), (25, null, "wang")], (await LedgerAsync("j")).Pauses
            .Select(pause => (Seconds(pause.Pause.At), Seconds(pause.Ended), pause.Pause.By!)));
        Assert.Equal(
            [
                "00:00:10 to 00:00:20 have not run yet (2 fire times): the whole scheduler was paused by li since 00:00:05 until 00:00:25: db move.",
                "00:00:30 to 00:00:40 have not run yet (2 fire times): the whole scheduler was paused by wang since 00:00:25.",
            ],
            await SentencesAsync("j"));
        await ChangeStateAsync(SchedulerEdits.Resume);
        await ClaimAsync();
        Assert.Equal([(10, 40, Reason.SchedulerPaused)], await EntriesAsync("j"));
        Assert.Equal(
            [
                "00:00:10 to 00:00:20 were skipped (2 fire times): the whole scheduler was paused by li since 00:00:05 until 00:00:25: db move.",
                "00:00:30 to 00:00:40 were skipped (2 fire times): the whole scheduler was paused by wang since 00:00:25 until 00:00:45.",
            ],
            await SentencesAsync("j"));
        await AssertBalancedAsync();
    }

    [Fact]
    public async Task A_job_whose_last_fire_time_passed_in_the_first_pause_ends_with_the_second()
    {
        await AddAsync("j", Every(10, end: At(10)));
        await EditAsync(JobEdits.Pause(Id("j"), by: "li"));
        MoveTo(25);
        var ended = await EditAsync(JobEdits.Pause(Id("j"), by: "wang"));

        Assert.Equal((JobEnd.Exhausted, null), (ended.Ended, ended.Paused));
        Assert.Equal("0-10 Paused", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_pause_with_an_end_is_ended_by_the_claim()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await EditAsync(JobEdits.Pause(Id("j"), until: At(20)));
        MoveTo(10);
        Assert.Equal(At(20), (await ClaimAsync()).NextDue);
        MoveTo(20.5);

        Assert.Equal([20], FireTimes(await ClaimAsync()));

        Assert.Null((await JobAsync("j")).Paused);
        Assert.Equal([(0, 10, Reason.Paused)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task After_a_pause_that_ended_long_ago_the_grace_decides()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await EditAsync(JobEdits.Pause(Id("j"), until: At(20)));
        MoveTo(35);

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal([(0, 10, Reason.Paused), (20, 30, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
        Assert.Equal(At(40), (await JobAsync("j")).Next);
    }

    [Fact]
    public async Task A_job_whose_last_fire_time_passes_in_a_pause_ends_with_it()
    {
        await AddAsync("j", Every(10, end: At(10)));
        await BeginAsync();
        await EditAsync(JobEdits.Pause(Id("j"), until: At(20)));
        MoveTo(30);

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal(JobEnd.Exhausted, (await JobAsync("j")).Ended);
        Assert.Equal([(0, 10, Reason.Paused)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task The_marks_of_the_scheduler_are_kept_and_ring_when_they_change()
    {
        SchedulerState made = null!;
        await NotifiedAsync(async () => made = await ChangeStateAsync(SchedulerEdits.Pause(At(50), "me", "repairs")), StoreSignal.Work);

        Assert.Equal(new()
        {
            Paused = new PauseRecord
            {
                At = Start,
                Until = At(50),
                By = "me",
                Why = "repairs",
                Action = made.Paused!.Action
            }
        }, made);
        Assert.Equal(made, (await LookAsync()).State);
        var same = new StateEdit(ActionKind.SchedulerResumed, (state, _) => state);
        Assert.Equal(StoreSignal.None, StoreSignal.Work & (await NotifiedAsync(() => ChangeStateAsync(same))).Signal);
    }

    [Fact]
    public async Task A_refused_change_of_the_marks_changes_nothing()
    {
        MoveTo(10);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ChangeStateAsync(SchedulerEdits.Pause(At(5))));
        Assert.Equal(new SchedulerState(), (await LookAsync()).State);
    }

    [Fact]
    public async Task While_the_scheduler_is_paused_no_fire_time_is_claimed()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await ChangeStateAsync(SchedulerEdits.Pause());

        var claimed = await ClaimAsync();

        Assert.Empty(claimed.Runs);
        Assert.False(claimed.Fenced);
        Assert.Null(claimed.NextDue);
        Assert.Equal(Start, (await JobAsync("j")).Next);
    }

    [Fact]
    public async Task Fire_times_lost_in_a_pause_of_the_scheduler_say_so()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(15);
        await ChangeStateAsync(SchedulerEdits.Pause());
        MoveTo(35);
        await ChangeStateAsync(SchedulerEdits.Resume);

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal([(10, 10, Reason.MisfireGraceExceeded), (20, 30, Reason.SchedulerPaused)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task Fire_times_within_their_grace_run_after_a_pause_of_the_scheduler()
    {
        await AddAsync("j", Every(10), Options(grace: null));
        await BeginAsync();
        await ChangeStateAsync(SchedulerEdits.Pause());
        MoveTo(15);
        await ChangeStateAsync(SchedulerEdits.Resume);

        Assert.Equal([10], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task A_pause_of_the_scheduler_with_an_end_is_ended_by_the_claim()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await ChangeStateAsync(SchedulerEdits.Pause(At(20)));
        MoveTo(5);
        Assert.Equal(At(20), (await ClaimAsync()).NextDue);
        MoveTo(20);

        Assert.Equal([20], FireTimes(await ClaimAsync()));
        var before = (await LookAsync()).State.PausedBefore!.Value;
        Assert.Equal(new() { PausedBefore = new PauseSpan(Start, At(20)) { Action = before.Action } }, (await LookAsync()).State);
    }
}
