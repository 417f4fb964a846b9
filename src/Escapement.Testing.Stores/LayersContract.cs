using Escapement.Ledger;
using Escapement.Rules;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of law 3: a layer of the ledger covers each due fire time, even after a job or the clock is set back.
/// </summary>
public abstract class LayersContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_run_covers_an_entry_of_the_same_fire_time()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 35);
        Assert.Equal("0 ran, 10-30 MisfireGraceExceeded, 40 due", await StoryAsync("j"));

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options(grace: null, coalesce: false) }, next: At(20)));
        Assert.Equal("0 ran, 10 MisfireGraceExceeded, 20 due", await StoryAsync("j"));

        Assert.Equal([20, 30], await WorkAsync(35));
        Assert.Equal([(10, 30, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
        Assert.Equal("0 ran, 10 MisfireGraceExceeded, 20-30 ran, 40 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_run_covers_a_pause_of_the_same_fire_time()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await BeginAsync();
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(35);
        await EditAsync(JobEdits.Resume(Id("j")));
        Assert.Equal("0-30 Resumed, 40 due", await StoryAsync("j"));

        await MoveJobAsync("j", At(20));

        Assert.Equal([20, 30], await WorkAsync(35));
        Assert.Equal("0-10 Resumed, 20-30 ran, 40 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_pause_that_is_over_and_a_move_in_one_change_leave_one_action()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await BeginAsync();
        await EditAsync(JobEdits.Pause(Id("j"), until: At(30)));
        MoveTo(35);

        await MoveJobAsync("j", At(20));

        Assert.Equal([20, 30], await WorkAsync(35));
        Assert.Equal([(ActionKind.Added, null, 0), (ActionKind.Paused, 0, 0), (ActionKind.Changed, 0, 20)], await ActionsAsync("j"));
        Assert.Equal("0-10 Changed, 20-30 ran, 40 due", await StoryAsync("j"));
        var pause = Assert.Single((await LedgerAsync("j")).Pauses);
        Assert.Equal((PauseScope.Job, "j", Start, At(30)), (pause.Scope, pause.Name, pause.Pause.At, pause.Ended));
    }

    [Fact]
    public async Task An_action_that_moves_the_job_back_opens_what_an_older_one_passed_over()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await WorkAsync(0, 5);
        await MoveJobAsync("j", At(60));
        Assert.Equal("0 ran, 10-50 Changed, 60 due", await StoryAsync("j"));

        await MoveJobAsync("j", At(30));
        Assert.Equal("0 ran, 10-20 Changed, 30 due", await StoryAsync("j"));

        Assert.Equal([30, 40], await WorkAsync(30, 40));
        Assert.Equal("0 ran, 10-20 Changed, 30-40 ran, 50 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task An_action_that_moves_the_job_back_opens_what_an_older_entry_covers()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 55);
        await MoveJobAsync("j", At(30));
        Assert.Equal("0 ran, 10-20 MisfireGraceExceeded, 30 due", await StoryAsync("j"));

        await EditAsync(JobEdits.Remove(Id("j")));

        Assert.Equal([(10, 50, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
        Assert.Equal("0 ran, 10-20 MisfireGraceExceeded, 30-50 Removed", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_newer_entry_covers_what_was_opened_anew()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 35);
        await ChangeStateAsync(SchedulerEdits.Pause());
        await MoveJobAsync("j", At(20));
        MoveTo(45);
        await ChangeStateAsync(SchedulerEdits.Resume);
        await WorkAsync(45);

        Assert.Equal("0 ran, 10-30 MisfireGraceExceeded, 40 SchedulerPaused, 50 due", await StoryAsync("j"));
        Assert.Equal([(10, 30, Reason.MisfireGraceExceeded), (20, 30, Reason.MisfireGraceExceeded), (40, 40, Reason.SchedulerPaused)],
            await EntriesAsync("j"));
    }

    [Fact]
    public async Task A_definition_stops_accounting_when_it_is_replaced_or_removed()
    {
        foreach (var id in (string[])["j", "k", "l"]) await AddAsync(id, Every(10));
        await BeginAsync();
        await WorkAsync(0, 5);
        foreach (var id in (string[])["j", "k", "l"]) await MoveJobAsync(id, At(100));
        MoveTo(35);

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Trigger = Every(7) }));
        await EditAsync(JobEdits.Remove(Id("k")));
        await EditAsync(JobEdits.Add(NewJob("l", Every(10)), replaceExisting: true, next: At(100)));

        Assert.Equal("0 ran, 10-30 Changed, 35 due", await StoryAsync("j"));
        Assert.Equal("0 ran, 10-30 Changed", await StoryAsync("k"));
        Assert.Equal("0 ran, 10-30 Changed, 100 due", await StoryAsync("l"));
    }

    [Fact]
    public async Task A_fire_time_that_was_given_between_two_others_is_one()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 5);
        await MoveJobAsync("j", At(15));
        await WorkAsync(35);
        Assert.Equal([(15, 30, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
        Assert.Equal("0 ran, 10 Changed, 15-30 MisfireGraceExceeded, 40 due", await StoryAsync("j"));

        await MoveJobAsync("j", At(25));
        Assert.Equal("0 ran, 10 Changed, 15-20 MisfireGraceExceeded, 25 due", await StoryAsync("j"));
        await MoveJobAsync("j", At(17));
        Assert.Equal("0 ran, 10 Changed, 15 MisfireGraceExceeded, 17 due", await StoryAsync("j"));
        Assert.Equal([], await WorkAsync(36));
        Assert.Equal("0 ran, 10 Changed, 15-30 MisfireGraceExceeded, 40 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_pause_over_fire_times_that_have_run_leaves_them_runs()
    {
        foreach (var id in (string[])["j", "k"]) await AddAsync(id, Every(10));
        await BeginAsync();
        await WorkAsync(0, 10, 20, 30);
        MoveTo(15);
        foreach (var id in (string[])["j", "k"]) await EditAsync(JobEdits.ClockWentBack(Id(id), At(30)));
        await EditAsync(JobEdits.Pause(Id("j")));
        await EditAsync(JobEdits.Pause(Id("k"), until: At(55)));
        MoveTo(55);
        await EditAsync(JobEdits.Resume(Id("j")));

        Assert.Equal([60, 60], await WorkAsync(57, 60));

        Assert.Equal("0-30 ran, 40-50 Resumed, 60 ran, 70 due", await StoryAsync("j"));
        Assert.Equal("0-30 ran, 40-50 Paused, 60 ran, 70 due", await StoryAsync("k"));
        Assert.Equal([(20, 50, Reason.Paused)], await EntriesAsync("k"));
    }

    [Fact]
    public async Task A_change_that_passes_over_fire_times_that_have_run_leaves_them_runs()
    {
        foreach (var id in (string[])["j", "k", "l"]) await AddAsync(id, Every(10), Options(grace: null));
        await BeginAsync();
        await WorkAsync(0, 10, 30);
        MoveTo(5);
        foreach (var id in (string[])["j", "k", "l"]) await EditAsync(JobEdits.ClockWentBack(Id(id), At(30)));
        MoveTo(25);

        await MoveJobAsync("j", At(60));
        await EditAsync(JobEdits.Remove(Id("k")));
        await EditAsync(JobEdits.Change(Id("l"), job => job with { Trigger = Every(7) }));

        // The entry written under the fast clock marks 20 as coalesced. Setting the clock back reopened the fire time.
        Assert.Equal("0-10 ran, 20 Changed, 30 ran, 40-50 Changed, 60 due", await StoryAsync("j"));
        Assert.Equal("0-10 ran, 20 Removed", await StoryAsync("k"));
        Assert.Equal("0-10 ran, 20 Changed, 28 due", await StoryAsync("l"));
    }

    [Fact]
    public async Task What_a_clock_that_is_set_back_makes_due_again_is_opened()
    {
        await AddAsync("j", Every(10), Options(grace: 1, maxInstances: null));
        await BeginAsync();
        await WorkAsync(0, 95);
        Assert.Equal([(10, 90, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));

        MoveTo(35);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(95)));
        Assert.Equal("0 ran, 10-30 MisfireGraceExceeded, 40 due", await StoryAsync("j"));

        Assert.Equal([40], await WorkAsync(40));
        Assert.Equal("0 ran, 10-30 MisfireGraceExceeded, 40 ran, 50 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_job_that_was_paused_while_the_clock_was_ahead_goes_on_from_the_right_time()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 1005);
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(25);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(1005)));
        Assert.Equal((At(30), At(25)), ((await JobAsync("j")).Next, (await JobAsync("j")).Paused!.At));
        MoveTo(45);

        await EditAsync(JobEdits.Resume(Id("j")));

        Assert.Equal([50], await WorkAsync(50));
        Assert.Equal("0 ran, 10-20 MisfireGraceExceeded, 30-40 Resumed, 50 ran, 60 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_job_whose_trigger_had_ended_by_a_clock_that_was_ahead_goes_on()
    {
        await AddAsync("j", Every(10, end: At(60)), Options(grace: 1));
        await AddAsync("once", Once(At(50)), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 60, 1005);
        Assert.Equal((JobEnd.Exhausted, JobEnd.Exhausted), ((await JobAsync("j")).Ended!.Value, (await JobAsync("once")).Ended!.Value));
        MoveTo(25);

        foreach (var id in (string[])["j", "once"]) await EditAsync(JobEdits.ClockWentBack(Id(id), At(1005)));

        Assert.Equal([30, 40, 50, 50], (await WorkAsync(30, 40, 50, 60)).Order());
        Assert.Equal(JobEnd.Exhausted, (await JobAsync("j")).Ended);
        Assert.Equal("0 ran, 10-20 Coalesced, 30-60 ran", await StoryAsync("j"));
        Assert.Equal("50 ran", await StoryAsync("once"));
    }

    [Fact]
    public async Task One_that_had_ended_before_or_for_another_cause_stays_ended()
    {
        foreach (var id in (string[])["j", "k"]) await AddAsync(id, Every(10, end: At(20)));
        await BeginAsync();
        await WorkAsync(0, 10);
        await EditAsync(JobEdits.Remove(Id("k")));
        await WorkAsync(20, 1005);
        MoveTo(25);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(1005)));
        MoveTo(15);
        await EditAsync(JobEdits.ClockWentBack(Id("k"), At(1005)));

        Assert.Equal((JobEnd.Exhausted, JobEnd.Removed), ((await JobAsync("j")).Ended!.Value, (await JobAsync("k")).Ended!.Value));
    }

    [Fact]
    public async Task A_job_that_is_removed_and_added_again_accounts_for_the_time_between_to_nobody()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(15);
        await EditAsync(JobEdits.Remove(Id("j")));
        MoveTo(45);
        await AddAsync("j", Every(10));

        Assert.Equal([50], await WorkAsync(50));
        Assert.Equal("0 ran, 10 Removed, 50 ran, 60 due", await StoryAsync("j"));
        Assert.Equal(LedgerLayer.Definition, new LedgerReader(await LedgerAsync("j")).FateOf(Id("j"), At(30)).Layer);
    }
}
