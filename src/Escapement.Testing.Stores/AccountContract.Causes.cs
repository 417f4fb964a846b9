using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

public abstract partial class AccountContract<TStore>
{
    [Fact]
    public async Task A_merged_stretch_names_what_made_it_late()
    {
        await AddAsync("j", Every(10), Options(grace: null));
        await BeginAsync("a");
        await WorkAsync(0);
        MoveTo(5);
        await StepDownAsync(At(6));
        MoveTo(42);
        await BeginAsync("b");
        await WorkAsync(42);

        var why = await WhyAsync("j", At(0), At(45));

        Assert.Equal("5 due = 2 ran + 0 running + 3 skipped + 0 missed. Balanced.", why.Account.Sentence);
        Assert.Equal((Reason.Coalesced, true,
            "00:00:10 to 00:00:30 (3 fire times) became one with the run of 00:00:40: no process was active from 00:00:05 (process 4711 on web-1 stopped) to 00:00:42 (process 4711 on web-1 became active)."),
            Single(why));
    }

    [Fact]
    public async Task A_merged_stretch_names_the_pause_that_covers_it_and_not_a_short_gap_inside()
    {
        await AddAsync("j", Every(10), Options(grace: null));
        await BeginAsync("a");
        await WorkAsync(0);
        MoveTo(5);
        await ChangeStateAsync(SchedulerEdits.Pause(by: "li"));
        MoveTo(33);
        await StepDownAsync(At(33));
        MoveTo(36);
        await BeginAsync("b");
        MoveTo(44);
        await ChangeStateAsync(SchedulerEdits.Resume);
        await WorkAsync(44);

        Assert.Equal((Reason.Coalesced, true,
            "00:00:10 to 00:00:30 (3 fire times) became one with the run of 00:00:40: the whole scheduler was paused by li since 00:00:05 until 00:00:44."),
            Single(await WhyAsync("j", At(0), At(45))));
    }

    [Fact]
    public async Task A_merged_stretch_names_the_clock_jump_that_covers_most_of_it_and_not_a_short_outage_at_its_beginning()
    {
        await AddAsync("j", Every(10), Options(grace: null));
        await BeginAsync();
        await WorkAsync(0);
        await Store.ChangeAsync(new()
        {
            Marks =
            [
                new() { Kind = MarkKind.StoreOutage, From = At(9), To = At(12), Epoch = Current.Number },
                new() { Kind = MarkKind.ClockJump, From = At(13), To = At(60), Epoch = Current.Number },
            ],
        }, None);
        MoveTo(61);
        await WorkAsync(61);

        Assert.Equal((Reason.Coalesced, true,
            "00:00:10 to 00:00:50 (5 fire times) became one with the run of 00:01: the wall clock jumped by 47 s, at the latest from 00:00:13 to 00:01."),
            Single(await WhyAsync("j", At(0), At(62))));
    }

    [Fact]
    public async Task A_removed_job_and_a_changed_job_name_who_and_when()
    {
        await AddAsync("gone", Every(10), Options(grace: 1));
        await AddAsync("moved", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(15);
        await EditAsync(JobEdits.Remove(Id("gone")) with { By = "ann", Why = "obsolete" });
        await EditAsync(JobEdits.Change(Id("moved"), job => job, next: At(60)) with { By = "ann" });
        MoveTo(55);

        Assert.Equal((Reason.Removed, true, "00:00:10 was skipped: the job was removed by ann at 00:00:15: obsolete."),
            Single(await WhyAsync("gone", At(0), At(55))));
        Assert.Equal((Reason.Changed, true,
            "00:00:10 to 00:00:50 were skipped (5 fire times): the job was changed by ann at 00:00:15, and its next fire time became 00:01."),
            Single(await WhyAsync("moved", At(0), At(55))));
        Assert.Equal([(Reason.Removed, 1L), (Reason.Changed, 5L)], (await AuditAsync(At(0), At(55))).Causes.Select(cause => (cause.Reason, cause.Count)));
    }

    [Fact]
    public async Task A_pause_that_begins_after_a_change_does_not_explain_what_the_change_passed_over()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(15);
        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(60)) with { By = "ann" });
        MoveTo(25);
        await EditAsync(JobEdits.Pause(Id("j"), by: "bob"));
        MoveTo(55);

        Assert.Equal((Reason.Changed, true,
            "00:00:10 to 00:00:50 were skipped (5 fire times): the job was changed by ann at 00:00:15, and its next fire time became 00:01."),
            Single(await WhyAsync("j", At(0), At(55))));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(45)]
    public async Task A_pause_explains_no_fire_time_that_was_due_while_no_process_was_active_before_the_pause(int? until)
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync("a");
        await WorkAsync(0);
        MoveTo(5);
        await StepDownAsync(At(5));
        MoveTo(25);
        await EditAsync(JobEdits.Pause(Id("j"), until is { } end ? At(end) : null, by: "li"));
        MoveTo(27);
        await BeginAsync("b");
        MoveTo(44);

        const string Before = "no process was active from 00:00:05 (process 4711 on web-1 stopped) to 00:00:27 (process 4711 on web-1 became active).";
        var told = until is null ? "" : " until 00:00:45";
        Assert.Equal(
            [(Reason.NoActiveNode, false, $"00:00:10 to 00:00:20 have not run yet (2 fire times): {Before}"),
                (Reason.Paused, false, $"00:00:30 to 00:00:40 have not run yet (2 fire times): paused by li since 00:00:25{told}.")],
            Told(await WhyAsync("j", At(0), At(44))));

        MoveTo(45);
        if (until is null) await EditAsync(JobEdits.Resume(Id("j")));
        else await WorkAsync(46);
        var why = await WhyAsync("j", At(0), At(46));
        Assert.Equal(
            [(Reason.NoActiveNode, true, $"00:00:10 to 00:00:20 did not run (2 fire times): {Before}"),
                (Reason.Paused, true, "00:00:30 to 00:00:40 were skipped (2 fire times): paused by li since 00:00:25 until 00:00:45.")],
            Told(why));
        Assert.Equal("5 due = 1 ran + 0 running + 2 skipped + 2 missed. Balanced.", why.Account.Sentence);
        Assert.True((await AuditAsync(At(0), At(46))).Account.Balanced);
    }

    [Fact]
    public async Task A_removal_and_a_change_explain_no_fire_time_that_was_due_while_no_process_was_active()
    {
        await AddAsync("gone", Every(10), Options(grace: 1));
        await AddAsync("moved", Every(10), Options(grace: 1));
        await BeginAsync("a");
        await WorkAsync(0);
        MoveTo(5);
        await StepDownAsync(At(5));
        MoveTo(25);
        await EditAsync(JobEdits.Remove(Id("gone")) with { By = "ann" });
        await EditAsync(JobEdits.Change(Id("moved"), job => job, next: At(50)) with { By = "ann" });
        MoveTo(27);
        await BeginAsync("b");
        MoveTo(45);

        const string Before = "00:00:10 to 00:00:20 did not run (2 fire times): no process was active from 00:00:05 (process 4711 on web-1 stopped) to 00:00:27 (process 4711 on web-1 became active).";
        Assert.Equal([(Reason.NoActiveNode, true, Before)], Told(await WhyAsync("gone", At(0), At(45))));
        Assert.Equal(
            [(Reason.NoActiveNode, true, Before), (Reason.Changed, true,
                "00:00:30 to 00:00:40 were skipped (2 fire times): the job was changed by ann at 00:00:25, and its next fire time became 00:00:50.")],
            Told(await WhyAsync("moved", At(0), At(45))));
    }

    [Fact]
    public async Task A_fire_time_that_somebody_skips_while_no_process_is_active_is_skipped_by_hand()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync("a");
        await WorkAsync(0);
        MoveTo(5);
        await StepDownAsync(At(5));
        MoveTo(8);
        await EditAsync(JobEdits.SkipNext(Id("j"), by: "ann"));
        MoveTo(15);
        await BeginAsync("b");

        Assert.Equal(Reason.SkippedByHand, Single(await WhyAsync("j", At(0), At(16))).Reason);
    }

    [Fact]
    public async Task A_maximum_of_runs_and_a_misfire_grace_are_named()
    {
        await AddAsync("busy", Every(10), Options(grace: 60));
        await AddAsync("late", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(0);
        var first = await ClaimAsync();
        Assert.Equal(2, first.Runs.Count);
        await FinishAsync(first.Runs.Single(run => run.Job.Id == Id("late")));
        MoveTo(15);
        await ClaimAsync();

        Assert.Equal((Reason.MaxInstancesReached, true,
            "00:00:10 was skipped: the maximum number of runs of the job (1) was still running: the run of 00:00, which began at 00:00 in process 4711 on web-1."),
            Single(await WhyAsync("busy", At(0), At(16))));
        Assert.Equal((Reason.MisfireGraceExceeded, true, "00:00:10 did not run: found later than the misfire grace of 1 s allows."),
            Single(await WhyAsync("late", At(0), At(16))));
    }

    [Fact]
    public async Task A_maximum_of_runs_names_a_run_that_began_before_the_span()
    {
        await AddAsync("busy", Every(1200), Options(grace: 3600));
        await BeginAsync();
        MoveTo(0);
        var run = Assert.Single((await ClaimAsync()).Runs);
        MoveTo(2500);
        await ClaimAsync();
        MoveTo(2600);
        await FinishAsync(run);

        Assert.Equal((Reason.MaxInstancesReached, true,
            "00:20 to 00:40 were skipped (2 fire times): the maximum number of runs of the job (1) was still running: the run of 00:00, which began at 00:00 in process 4711 on web-1."),
            Single(await WhyAsync("busy", At(1100), At(2500))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_maximum_of_runs_names_a_run_that_began_before_the_span_and_still_runs(bool isEnqueued)
    {
        await AddAsync("busy", new IntervalTrigger(TimeSpan.FromSeconds(1200), At(isEnqueued ? 1200 : 0), ZoneClock.Utc), Options(grace: 3600));
        await BeginAsync();
        if (isEnqueued) await EnqueueAsync("busy");
        Assert.Single((await ClaimAsync()).Runs);
        MoveTo(2500);
        await ClaimAsync();

        var why = await WhyAsync("busy", At(1100), At(2500));

        Assert.Equal((Reason.MaxInstancesReached, true,
            "00:20 to 00:40 were skipped (2 fire times): the maximum number of runs of the job (1) was still running: the run of 00:00, which began at 00:00 in process 4711 on web-1."),
            Single(why));
        Assert.Equal((2, 0, 2), (why.Account.Due, why.Account.Running, why.Account.Skipped));
    }

    [Fact]
    public async Task A_maximum_of_runs_names_the_run_that_ended_with_success_meanwhile()
    {
        await AddAsync("busy", Every(10), Options(grace: 60));
        await BeginAsync();
        MoveTo(0);
        var run = Assert.Single((await ClaimAsync()).Runs);
        MoveTo(25);
        await ClaimAsync();
        MoveTo(27);
        await FinishAsync(run);

        Assert.Equal((Reason.MaxInstancesReached, true,
            "00:00:10 to 00:00:20 were skipped (2 fire times): the maximum number of runs of the job (1) was still running: the run of 00:00, which began at 00:00 in process 4711 on web-1."),
            Single(await WhyAsync("busy", At(0), At(28))));
    }

    [Fact]
    public async Task A_job_that_is_moved_back_to_before_it_existed_does_not_blame_the_processes_of_that_time()
    {
        await BeginAsync();
        await StepDownAsync(At(1));
        MoveTo(60);
        await BeginAsync("b");
        await ChangeStateAsync(SchedulerEdits.Pause());
        MoveTo(80);
        await ChangeStateAsync(SchedulerEdits.Resume);
        MoveTo(101);
        await AddAsync("j", Every(10), Options(grace: 1));
        MoveTo(105);
        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(40)) with { By = "li" });
        await WorkAsync(106);

        const string Cause = "found later than the misfire grace of 1 s allows, because the job was changed by li at 00:01:45, and its next fire time became 00:00:40.";
        Assert.Equal(
            [$"00:00:40 to 00:00:50 did not run (2 fire times): {Cause}", $"00:01 to 00:01:10 did not run (2 fire times): {Cause}",
                $"00:01:20 to 00:01:40 did not run (3 fire times): {Cause}"],
            (await WhyAsync("j", At(0), At(107))).Items.Select(item => item.Sentence));
    }

    [Fact]
    public async Task A_claimed_run_that_never_began_names_its_process()
    {
        await AddAsync("j", Every(10), Options(grace: 60));
        await BeginAsync();
        MoveTo(0);
        var run = Assert.Single((await ClaimAsync()).Runs);
        Assert.Equal(0, await Store.RecordAsync([new Finished
        {
            Id = run.Id, Node = Current.Node.Id, Epoch = Current.Number, Attempt = run.Attempt, FinishedAt = At(1),
            Outcome = Outcome.Missed, Reason = Reason.Draining,
        }]));

        var why = await WhyAsync("j", At(0), At(5));

        Assert.Equal("1 due = 0 ran + 0 running + 0 skipped + 1 missed. Balanced.", why.Account.Sentence);
        Assert.Equal((Reason.Draining, true, "00:00 did not run: process 4711 on web-1 was stopping before the run started."), Single(why));
    }

    [Fact]
    public async Task A_store_outage_and_a_clock_jump_are_named_by_their_marks()
    {
        await AddAsync("store", Every(10), Options(grace: 1));
        await AddAsync("clock", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0);
        await Store.ChangeAsync(new()
        {
            Marks =
            [
                new() { Kind = MarkKind.StoreOutage, From = At(5), To = At(12), Epoch = Current.Number },
                new() { Kind = MarkKind.ClockJump, From = At(15), To = At(25), Epoch = Current.Number },
            ],
        }, None);
        MoveTo(26);
        await Store.ClaimAsync(Request() with
        {
            Causes = [new(Reason.StoreUnavailable, At(5), At(12)), new(Reason.ClockJump, At(15), At(25))],
        }, None);

        Assert.Equal(
            ["00:00:10 did not run: the store could not be read or written from 00:00:05 to 00:00:12.",
                "00:00:20 did not run: the wall clock jumped by 10 s, at the latest from 00:00:15 to 00:00:25."],
            (await WhyAsync("store", At(0), At(26))).Items.Select(item => item.Sentence));
    }

    [Fact]
    public async Task A_handler_that_nobody_knows_is_named()
    {
        await AddAsync("j", Every(10), Options(grace: 1), handler: "old");
        await BeginAsync();
        MoveTo(5);
        await ClaimAsync();
        Assert.Equal((Reason.HandlerNotRegistered, true, "00:00 did not run: no active version of the program knew the handler old."),
            Single(await WhyAsync("j", At(0), At(6))));
    }

    [Fact]
    public async Task A_job_that_nobody_declares_and_a_job_that_a_setting_switches_off_are_named()
    {
        await AddAsync("old", Every(10), Options(grace: 1));
        await AddAsync("off", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(15);
        await EditAsync(JobEdits.Retire(Id("old")));
        await EditAsync(JobEdits.SwitchOff(NewJob("off", Every(10))));
        MoveTo(55);

        Assert.Equal((Reason.Removed, true, "00:00:10 was skipped: no living process declared the job at 00:00:15."),
            Single(await WhyAsync("old", At(0), At(55))));
        Assert.Equal((Reason.SwitchedOff, true, "00:00:10 was skipped: a setting switched the job off at 00:00:15."),
            Single(await WhyAsync("off", At(0), At(55))));
    }

    [Fact]
    public async Task A_busy_executor_is_named()
    {
        await AddAsync("j", Every(10), Options(grace: 1, executor: "small"));
        await BeginAsync();
        MoveTo(5);
        await Store.ClaimAsync(Request() with
        {
            FreePlaces = new Dictionary<string, int> { ["small"] = 1 },
            Causes = [new(Reason.ExecutorSaturated, At(0), At(5), executor: "small")],
        }, None);

        Assert.Equal((Reason.ExecutorSaturated, true,
            "00:00 did not run: no slot of the executor small became free within the misfire grace of 1 s."),
            Single(await WhyAsync("j", At(0), At(6))));
    }

    [Fact]
    public async Task Runs_that_never_began_in_a_row_are_a_single_stretch()
    {
        await AddAsync("j", Every(10), Options(grace: 60));
        await BeginAsync();
        foreach (var second in new[] { 0, 10, 20, 30 })
        {
            MoveTo(second);
            var run = Assert.Single((await ClaimAsync()).Runs);
            var missed = second is 0 or 10 or 30;
            Assert.Equal(0, await Store.RecordAsync([new Finished
            {
                Id = run.Id, Node = Current.Node.Id, Epoch = Current.Number, Attempt = run.Attempt, StartedAt = missed ? null : At(second),
                FinishedAt = At(second), Outcome = missed ? Outcome.Missed : Outcome.Succeeded, Reason = missed ? Reason.Fenced : null,
            }]));
        }

        var why = await WhyAsync("j", At(0), At(35));

        Assert.Equal("4 due = 1 ran + 0 running + 0 skipped + 3 missed. Balanced.", why.Account.Sentence);
        Assert.Equal(
            ["00:00 to 00:00:10 did not run (2 fire times): process 4711 on web-1 was replaced by another process before the run started.",
                "00:00:30 did not run: process 4711 on web-1 was replaced by another process before the run started."],
            why.Items.Select(item => item.Sentence));
    }
}
