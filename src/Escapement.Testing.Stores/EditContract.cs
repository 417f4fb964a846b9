using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of the effects of a change on definitions, actions and pauses. An editor may be called twice.
/// </summary>
public abstract class EditContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_change_that_is_refused_leaves_nothing_of_a_job_that_it_edits_twice()
    {
        await AddAsync("j", Every(10), Options(maxInstances: 5));
        await BeginAsync();
        await WorkAsync(0);

        await Assert.ThrowsAsync<JobNotFoundException>(() => Store.ChangeAsync(
            new() { Jobs = [JobEdits.Pause(Id("j")), JobEdits.Change(Id("j"), _ => throw new JobNotFoundException(Id("none")))] }, None));

        MoveTo(10);
        var claimed = await ClaimAsync();
        Assert.Empty(claimed.SetAside);
        Assert.Equal([10], FireTimes(claimed));
    }

    [Fact]
    public async Task A_pause_keeps_the_number_of_its_action_through_a_later_edit_of_the_same_change()
    {
        await AddAsync("j", Every(10));

        await Store.ChangeAsync(
            new() { Jobs = [JobEdits.Pause(Id("j"), At(100)), JobEdits.Change(Id("j"), job => job with { Name = "New" })] }, None);

        var action = (await LedgerAsync("j")).Actions.Single(action => action.Kind == ActionKind.Paused);
        Assert.Equal(action.Number, (await JobAsync("j")).Paused!.Action);
    }

    [Fact]
    public async Task Every_definition_is_kept_with_the_fire_times_that_it_accounts_for()
    {
        await AddAsync("j", Every(10));
        MoveTo(5);
        await EditAsync(JobEdits.Pause(Id("j")));
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Trigger = Every(20) }));
        MoveTo(7);
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Name = "New" }, next: At(2)));
        MoveTo(9);
        await EditAsync(JobEdits.Remove(Id("j")));
        MoveTo(11);
        await AddAsync("j", Every(30));

        var spans = (await (await SecondAsync()).LedgerAsync(new() { Job = Id("j") }, None)).Definitions;

        Assert.Equal(
            [(1, "j", 0, 2), (4, "New", 2, 9), (6, "j", 30, null)],
            spans.Select(span => (span.Version, span.Job.Name, Seconds(span.From), Seconds(span.To))));
        Assert.Equal([10, 20, 30], spans.Select(span => ((IntervalTrigger)span.Job.Trigger!).Interval.TotalSeconds));
    }

    [Fact]
    public async Task A_claim_and_a_pause_leave_the_definition()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await WorkAsync(0);
        await EditAsync(JobEdits.Pause(Id("j")));
        await EditAsync(JobEdits.Resume(Id("j")));

        var span = Assert.Single((await LedgerAsync("j")).Definitions);
        Assert.Equal((1, null), (span.Version, span.To));
    }

    [Fact]
    public async Task An_action_says_who_did_what_and_how_far_it_moved_the_watermark()
    {
        await AddAsync("j", Every(10));
        MoveTo(15);
        await EditAsync(JobEdits.Pause(Id("j"), until: At(100), by: "me", why: "repairs"));
        MoveTo(25);
        await EditAsync(JobEdits.Resume(Id("j")) with { By = "you" });
        await MoveJobAsync("j", At(5));
        await EditAsync(JobEdits.Remove(Id("j")));
        await AddAsync("j", Every(10));

        Assert.Equal(
            [
                (ActionKind.Added, null, 0), (ActionKind.Paused, 0, 0), (ActionKind.Resumed, 0, 30),
                (ActionKind.Changed, 30, 5), (ActionKind.Removed, 5, null), (ActionKind.Added, null, 30),
            ],
            await ActionsAsync("j"));
        var actions = (await LedgerAsync("j")).Actions;
        Assert.Equal(("me", "repairs", At(15), At(100)), (actions[1].By, actions[1].Why, actions[1].At, actions[1].Until));
        Assert.Equal("you", actions[2].By);
        Assert.Equal(actions.Select(action => action.Number).Order().Distinct(), actions.Select(action => action.Number));
        Assert.Equal(actions.Select(action => action.Change).Order().Distinct(), actions.Select(action => action.Change));
        Assert.Equal([1, 2, 3, 4, 5, 6], actions.Select(action => action.Version));
    }

    [Fact]
    public async Task An_entry_of_a_pause_names_its_action()
    {
        await AddAsync("j", Every(10));
        await AddAsync("k", Every(10));
        await BeginAsync();
        await WorkAsync(0);
        await EditAsync(JobEdits.Pause(Id("j"), until: At(25)));
        await ChangeStateAsync(SchedulerEdits.Pause(At(35)));
        await WorkAsync(37);

        var ledger = await LedgerAsync();
        var ofJob = ledger.Actions.Single(action => action.Kind == ActionKind.Paused).Number;
        var ofAll = ledger.Actions.Single(action => action.Kind == ActionKind.SchedulerPaused).Number;
        Assert.Equal([(Id("j"), Reason.Paused, ofJob), (Id("j"), Reason.SchedulerPaused, ofAll), (Id("k"), Reason.SchedulerPaused, ofAll)],
            ledger.Entries.OrderBy(entry => entry.Job).ThenBy(entry => entry.First)
                .Select(entry => (entry.Job, entry.Reason, entry.Cause!.Value)));
        Assert.Equal([At(25), At(35)], ledger.Pauses.Select(pause => pause.Ended!.Value).Order());
    }

    [Fact]
    public async Task Entries_that_adjoin_are_one_also_when_two_handles_wrote_them()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await WorkAsync(0, 15);
        MoveTo(25);
        await (await SecondAsync()).ClaimAsync(Request(), None);
        MoveTo(35);
        await ClaimAsync();

        Assert.Equal([(10, 30, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task Entries_with_a_change_of_the_job_between_them_stay_two()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await WorkAsync(0, 15);
        await (await SecondAsync()).ChangeAsync(new() { Jobs = [JobEdits.Change(Id("j"), job => job with { Name = "New" })] }, None);
        await WorkAsync(25);

        Assert.Equal([(10, 10, Reason.MisfireGraceExceeded), (20, 20, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task An_editor_may_be_asked_twice()
    {
        foreach (var id in (string[])["once", "twice"]) await WalkAsync(Id(id), id == "twice" ? Twice : edit => edit);

        var (once, twice) = ((await LedgerAsync("once")).Actions, (await LedgerAsync("twice")).Actions);
        Assert.Equal(once.Select(Compared), twice.Select(Compared));
        var (a, b) = (await JobAsync("once"), await JobAsync("twice"));
        Assert.Equal(a with { Job = b.Job, Number = b.Number, MarkedAt = b.MarkedAt }, b);

        static JobEdit Twice(JobEdit edit) => edit with
        {
            Edit = (stored, now) =>
            {
                edit.Edit(stored, now);
                return edit.Edit(stored, now);
            },
        };

        static (ActionKind, DateTimeOffset?, DateTimeOffset?, long, long) Compared(JobAction action) =>
            (action.Kind, action.From, action.To, action.Version, action.Change);
    }

    [Fact]
    public async Task A_change_of_the_state_notifies_of_what_it_changes()
    {
        Assert.Equal(StoreSignal.Work, (await SignalAsync(SchedulerEdits.Pause())).Signal);
        Assert.Equal(StoreSignal.Work, (await SignalAsync(SchedulerEdits.Resume)).Signal);
        Assert.Equal(StoreSignal.Work | StoreSignal.Epoch, (await SignalAsync(SchedulerEdits.ShutDown)).Signal);
        Assert.Equal(StoreSignal.None, (await SignalAsync(SchedulerEdits.ShutDown)).Signal);
        Assert.Equal(StoreSignal.Work | StoreSignal.Epoch, (await SignalAsync(SchedulerEdits.Start)).Signal);
        Assert.Equal(
            [ActionKind.SchedulerPaused, ActionKind.SchedulerResumed, ActionKind.SchedulerShutDown, ActionKind.SchedulerStarted],
            (await LedgerAsync()).Actions.Select(action => action.Kind));

        async Task<Notification> SignalAsync(StateEdit edit) => (await Store.ChangeAsync(new() { State = edit }, None)).Notification;
    }

    [Fact]
    public async Task A_change_of_the_state_that_nobody_asks_about_leaves_no_action()
    {
        var state = await ChangeStateAsync(new(null, (before, _) => before with { Declared = "abc" }));

        Assert.Equal("abc", state.Declared);
        Assert.Equal("abc", (await (await SecondAsync()).LookAsync(Sign.None, None)).State.Declared);
        Assert.Empty((await LedgerAsync()).Actions);
    }

    [Fact]
    public async Task Jobs_and_the_state_are_changed_as_one_and_answer_what_they_notify()
    {
        var changed = await Store.ChangeAsync(
            new() { Jobs = [JobEdits.Add(NewJob("j", null))], State = SchedulerEdits.Pause(why: "repairs") }, None);

        Assert.Equal(("j", "repairs", StoreSignal.Work),
            (changed.Jobs[0]!.Job.Id.Value, changed.State.Paused!.Why, changed.Notification.Signal));
        var refused = new Change { Jobs = [JobEdits.Add(NewJob("j", null))], State = SchedulerEdits.Resume };
        await Assert.ThrowsAsync<JobExistsException>(() => Store.ChangeAsync(refused, None));
        Assert.NotNull((await LookAsync()).State.Paused);
    }

    [Fact]
    public async Task A_first_fire_time_that_is_replaced_or_removed_before_it_comes_is_not_due()
    {
        await AddAsync("changed", Once(At(20)));
        await AddAsync("removed", Once(At(20)));
        await AddAsync("moved", Once(At(20)));
        MoveTo(5);
        await EditAsync(JobEdits.Change(Id("changed"), job => job with { Trigger = Once(At(50)) }));
        await EditAsync(JobEdits.Remove(Id("removed")));
        await MoveJobAsync("moved", At(50));
        MoveTo(40);

        Assert.Equal("50 due", await StoryAsync("changed"));
        Assert.Empty(await SentencesAsync("changed"));
        Assert.Empty(await SentencesAsync("removed"));
        Assert.Equal(["00:00:20 was skipped: the job was changed at 00:00:05, and its next fire time became 00:00:50."], await SentencesAsync("moved"));
    }

    [Fact]
    public async Task A_next_fire_time_of_centuries_ago_is_refused_so_that_the_ledger_can_be_read()
    {
        ExcludingTrigger days = new(new IntervalTrigger(TimeSpan.FromMinutes(1), Start.AddYears(-400), ZoneClock.Utc),
            ExclusionCalendar.Parse(["sun"], null));
        await AddAsync("j", days);
        foreach (var change in new[]
            { JobEdits.Change(Id("j"), job => job, Start.AddYears(-330)), JobEdits.Add(NewJob("k", days), next: Start.AddDays(-366.1)) })
        {
            var refused = await Assert.ThrowsAsync<FormatException>(() => EditAsync(change));
            Assert.Contains("is too long ago. An instant after 2028-12-31 00:00:00Z, 366 days ago, is allowed", refused.Message, StringComparison.Ordinal);
        }

        await MoveJobAsync("j", Start.AddDays(-366));
        await EditAsync(JobEdits.Remove(Id("j")));
        await AssertBalancedAsync();
    }

    /// <summary>Applies every kind of change to a job in turn.</summary>
    async Task WalkAsync(JobId id, Func<JobEdit, JobEdit> of)
    {
        MoveTo(0);
        var declared = NewJob(id.Value, Every(10)) with { Origin = JobOrigin.Code, DeclaredHash = "1" };
        JobEdit[] edits =
        [
            JobEdits.Declare(declared), JobEdits.Pause(id, by: "me"), JobEdits.Resume(id),
            JobEdits.Change(id, job => job with { Name = "New" }),
            JobEdits.Change(id, job => job, next: At(5)), JobEdits.Change(id, job => job with { Trigger = Every(7) }),
            JobEdits.Pause(id, until: At(13)),
            JobEdits.Change(id, job => job with { Trigger = Every(3) }).IfVersion(7), JobEdits.ClockWentBack(id, At(100)),
            JobEdits.Remove(id),
            JobEdits.Add(NewJob(id.Value, Every(5)), paused: true),
            JobEdits.Add(NewJob(id.Value, Every(4)), replaceExisting: true, next: At(1)),
            JobEdits.Declare(declared with { DeclaredHash = "2" }), JobEdits.Retire(id),
            JobEdits.SwitchOff(declared), JobEdits.Declare(declared with { DeclaredHash = "3" }),
        ];
        for (var i = 0; i < edits.Length; i++)
        {
            MoveTo(2 * i);
            await EditAsync(of(edits[i]));
        }
    }
}
