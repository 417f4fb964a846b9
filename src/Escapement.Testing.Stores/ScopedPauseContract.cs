using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of the pauses of tags and executors.</summary>
public abstract class ScopedPauseContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    static readonly ChangeAuthor Li = new() { By = "li", Why = "db move" };

    [Fact]
    public async Task A_paused_tag_pauses_its_jobs_and_no_other_job()
    {
        await AddTaggedAsync("j", "night");
        await AddTaggedAsync("k");
        await BeginAsync();

        await NotifiedAsync(async () => Assert.Equal(1, await PauseAsync("night")), StoreSignal.Work);

        Assert.Equal([(Id("k"), 0)], (await ClaimAsync()).Runs.Select(run => (run.Job.Id, Seconds(run.FireTime))));
        var mark = (await JobAsync("j")).Paused!;
        Assert.Equal((Start, null, "li", "db move", PauseScope.Tag, "night"),
            (mark.At, mark.Until, mark.By, mark.Why, mark.Scope, mark.Name));
        var action = (await LedgerAsync()).Actions.Single(action => action.Kind == ActionKind.ScopePaused);
        Assert.Equal((mark.Action!.Value, null, PauseScope.Tag, "night", "li"),
            (action.Number, action.Job, action.Scope, action.ScopeName, action.By));
    }

    [Fact]
    public async Task A_resumed_tag_resumes_its_jobs_from_now_on_and_their_actions_cover_what_passed()
    {
        await AddTaggedAsync("j", "night");
        await BeginAsync();
        await WorkAsync(0);
        await PauseAsync("night");
        MoveTo(25);
        await NotifiedAsync(async () => Assert.Equal(1, await ResumeAsync("night")), StoreSignal.Work);

        Assert.Equal([30], await WorkAsync(25, 30));

        Assert.Equal("0 ran, 10-20 Resumed, 30 ran, 40 due", await StoryAsync("j"));
        Assert.Equal(0, await ResumeAsync("night"));
        Assert.Empty(await LastingAsync());
    }

    [Fact]
    public async Task A_job_that_comes_into_a_paused_tag_or_executor_is_paused()
    {
        await AddTaggedAsync("tagged");
        await PauseAsync("night");
        await PauseAsync("slow", PauseScope.Executor);
        MoveTo(5);
        await AddTaggedAsync("added", "night");
        await EditAsync(JobEdits.Declare(Tagged("declared", "night") with { Origin = JobOrigin.Code, DeclaredHash = "1" }));
        await EditAsync(JobEdits.Change(Id("tagged"), job => job with { Options = job.Options with { Tags = ["day", "night"] } }));
        await (await SecondAsync()).ChangeAsync(
            new() { Jobs = [JobEdits.Add(NewJob("moved", Every(10), Options(executor: "slow")))] }, None);

        foreach (var job in new[] { "added", "declared", "tagged", "moved" })
        {
            var mark = (await JobAsync(job)).Paused!;
            Assert.Equal((At(5), "li", job == "moved" ? "slow" : "night"), (mark.At, mark.By, mark.Name));
        }

        await BeginAsync();
        Assert.Empty(await WorkAsync(10, 20));
    }

    [Fact]
    public async Task A_job_that_leaves_a_paused_tag_or_executor_is_resumed()
    {
        await AddTaggedAsync("j", "night");
        await AddAsync("k", Every(10), Options(executor: "slow"));
        await PauseAsync("night");
        await PauseAsync("slow", PauseScope.Executor);
        await BeginAsync();
        MoveTo(25);
        foreach (var job in new[] { "j", "k" })
            await EditAsync(JobEdits.Change(Id(job), before => before with { Options = Options(priority: 3) }));

        Assert.Equal([30, 30], await WorkAsync(25, 30));

        Assert.Equal("0-20 Changed, 30 ran, 40 due", await StoryAsync("j"));
        Assert.Equal([At(25)],
            (await LedgerAsync("j")).Pauses.Where(pause => pause.Scope == PauseScope.Job).Select(pause => pause.Ended!.Value));
    }

    [Fact]
    public async Task A_pause_of_the_job_itself_takes_precedence_and_the_scope_follows()
    {
        await AddTaggedAsync("j", "night");
        await EditAsync(JobEdits.Pause(Id("j"), by: "wang"));
        MoveTo(5);
        Assert.Equal(0, await PauseAsync("night"));
        Assert.Equal(("wang", null), ((await JobAsync("j")).Paused!.By, (await JobAsync("j")).Paused!.Scope));

        MoveTo(15);
        await EditAsync(JobEdits.Resume(Id("j")));

        var mark = (await JobAsync("j")).Paused!;
        Assert.Equal(("li", "night", At(15)), (mark.By, mark.Name, mark.At));
        await EditAsync(JobEdits.Pause(Id("j"), by: "wang"));
        Assert.Equal(0, await ResumeAsync("night"));
        Assert.Equal("wang", (await JobAsync("j")).Paused!.By);
    }

    [Fact]
    public async Task A_job_of_a_paused_scope_is_not_resumed_alone()
    {
        await AddTaggedAsync("j", "night");
        await PauseAsync("night");

        var error = await Assert.ThrowsAsync<JobPausedException>(() => EditAsync(JobEdits.Resume(Id("j"))));

        Assert.StartsWith("Job j is paused because its tag 'night' was paused at 2030-01-01 00:00:00Z by li: db move.", error.Message,
            StringComparison.Ordinal);
        Assert.NotNull((await JobAsync("j")).Paused);
    }

    [Fact]
    public async Task A_new_next_fire_time_leaves_a_job_of_a_paused_scope_paused()
    {
        await AddTaggedAsync("j", "night");
        await PauseAsync("night");
        MoveTo(5);
        await MoveJobAsync("j", At(40));

        Assert.Equal((At(40), Start, "night"),
            ((await JobAsync("j")).Next, (await JobAsync("j")).Paused!.At, (await JobAsync("j")).Paused!.Name));
    }

    [Fact]
    public async Task With_several_paused_scopes_a_job_is_resumed_with_the_last()
    {
        await AddTaggedAsync("j", "night", "eu");
        await PauseAsync("night");
        MoveTo(5);
        Assert.Equal(0, await PauseAsync("eu"));
        await PauseAsync(JobOptions.Default, PauseScope.Executor);
        Assert.Equal("night", (await JobAsync("j")).Paused!.Name);

        MoveTo(15);
        Assert.Equal(1, await ResumeAsync("night"));
        Assert.Equal(("eu", At(15)), ((await JobAsync("j")).Paused!.Name, (await JobAsync("j")).Paused!.At));
        Assert.Equal(1, await ResumeAsync("eu"));
        Assert.Equal(JobOptions.Default, (await JobAsync("j")).Paused!.Name);
        Assert.Equal(1, await ResumeAsync(JobOptions.Default, PauseScope.Executor));
        Assert.Null((await JobAsync("j")).Paused);
    }

    [Fact]
    public async Task A_pause_of_a_scope_with_an_end_ends_by_itself()
    {
        await AddTaggedAsync("j", "night");
        await BeginAsync();
        await PauseAsync("night", until: 20);
        MoveTo(10);
        Assert.Equal(At(20), (await ClaimAsync()).NextDue);

        Assert.Equal([20], await WorkAsync(20));

        Assert.Equal([(0, 10, Reason.Paused)], await EntriesAsync("j"));
        Assert.Empty(await LastingAsync());
        await AddTaggedAsync("k", "night");
        Assert.Null((await JobAsync("k")).Paused);
        Assert.Equal(At(20), (await LedgerAsync()).Pauses.Single(pause => pause.Scope == PauseScope.Tag).Ended);
        Assert.Equal(2, await PauseAsync("night"));
    }

    [Fact]
    public async Task After_a_jobs_own_pause_the_claim_leaves_the_job_to_its_paused_scope()
    {
        await AddTaggedAsync("j", "night");
        await BeginAsync();
        await EditAsync(JobEdits.Pause(Id("j"), until: At(20)));
        await PauseAsync("night", until: 40);

        Assert.Empty(await WorkAsync(25));

        Assert.Equal((At(20), At(40), "night"),
            ((await JobAsync("j")).Paused!.At, (await JobAsync("j")).Paused!.Until, (await JobAsync("j")).Paused!.Name));
        Assert.Equal(At(40), (await ClaimAsync()).NextDue);
        Assert.Equal([40], await WorkAsync(40));
        Assert.Equal("0-30 Paused, 40 ran, 50 due", await StoryAsync("j"));
        Assert.Equal([(0, 20), (20, 40)], (await LedgerAsync("j")).Pauses.Where(pause => pause.Scope == PauseScope.Job)
            .Select(pause => (Seconds(pause.Pause.At), Seconds(pause.Ended!.Value))));
    }

    [Theory]
    [InlineData(PauseScope.Tag, "night", "paused with the tag night")]
    [InlineData(PauseScope.Executor, "slow", "paused with the executor slow")]
    public async Task A_second_pause_of_a_scope_ends_the_first_and_each_fire_time_is_told_with_the_pause_that_held_it(
        PauseScope scope, string name, string words)
    {
        await EditAsync(JobEdits.Add(NewJob("j", Every(10), Options(executor: "slow") with { Tags = ["night"] })));
        await PauseAsync(name, scope);
        MoveTo(25);
        await Store.ChangeAsync(new() { Pauses = [ScopedPauseEdit.Pause(scope, name, At(80), new() { By = "wang" })] }, None);
        MoveTo(45);
        Assert.Equal(0, await ChangedAsync(ScopedPauseEdit.Pause(scope, name, At(80), new() { By = "wang" })));

        var mark = (await JobAsync("j")).Paused!;
        Assert.Equal((At(25), At(80), "wang", null), (mark.At, mark.Until, mark.By, mark.Why));
        Assert.Equal([(PauseScope.Job, "j"), (scope, name)], (await LastingAsync()).Select(pause => (pause.Scope, pause.Name)).Order());
        Assert.Equal([(scope, 0, 25, "li"), (scope, 25, null, "wang")], (await LedgerAsync("j")).Pauses.Where(pause => pause.Scope == scope)
            .Select(pause => (pause.Scope, Seconds(pause.Pause.At), Seconds(pause.Ended), pause.Pause.By!)));
        string[] first = [$"00:00 to 00:00:20 were skipped (3 fire times): {words} by li since 00:00 until 00:00:25: db move."];
        Assert.Equal([.. first, $"00:00:30 to 00:00:40 have not run yet (2 fire times): {words} by wang since 00:00:25 until 00:01:20."],
            await SentencesAsync("j"));
        await ResumeAsync(name, scope);
        Assert.Equal([.. first, $"00:00:30 to 00:00:40 were skipped (2 fire times): {words} by wang since 00:00:25 until 00:00:45."],
            await SentencesAsync("j"));
        await AssertBalancedAsync();
    }

    [Fact]
    public async Task With_another_paused_scope_that_takes_over_each_fire_time_is_told_with_the_pause_that_held_it()
    {
        await AddTaggedAsync("j", "night", "day");
        await PauseAsync("night");
        await Store.ChangeAsync(new() { Pauses = [ScopedPauseEdit.Pause(PauseScope.Tag, "day", author: new() { By = "wang" })] }, None);
        MoveTo(15);
        await ResumeAsync("night");
        MoveTo(25);

        Assert.Equal(
            [
                "00:00 to 00:00:10 were skipped (2 fire times): paused with the tag night by li since 00:00 until 00:00:15: db move.",
                "00:00:20 has not run yet: paused with the tag day by wang since 00:00:15.",
            ],
            await SentencesAsync("j"));
        await EditAsync(JobEdits.Pause(Id("j"), by: "zhao"));
        MoveTo(45);
        Assert.Equal(
            [
                "00:00:20 was skipped: paused with the tag day by wang since 00:00:15 until 00:00:25.",
                "00:00:30 to 00:00:40 have not run yet (2 fire times): paused by zhao since 00:00:25.",
            ],
            (await SentencesAsync("j")).Skip(1));
        await AssertBalancedAsync();
    }

    [Fact]
    public async Task A_tag_that_is_paused_and_resumed_in_a_single_change_is_not_paused()
    {
        await AddTaggedAsync("j", "night");

        await Store.ChangeAsync(new()
        {
            Pauses = [ScopedPauseEdit.Pause(PauseScope.Tag, "night", author: Li), ScopedPauseEdit.Resume(PauseScope.Tag, "night", Li)],
        }, None);

        Assert.Null((await JobAsync("j")).Paused);
        Assert.Empty(await LastingAsync());
        Assert.All((await LedgerAsync()).Pauses, pause => Assert.Equal(Start, pause.Ended));
        await AddTaggedAsync("k", "night");
        Assert.Null((await JobAsync("k")).Paused);
    }

    [Fact]
    public async Task A_pause_after_an_expired_pause_of_the_scope_begins_now_and_leaves_the_expired_pause_as_it_was()
    {
        await AddTaggedAsync("j", "night");
        await PauseAsync("night", until: 20);
        MoveTo(35);

        await Store.ChangeAsync(new() { Pauses = [ScopedPauseEdit.Pause(PauseScope.Tag, "night", author: new() { By = "wang" })] }, None);

        var mark = (await JobAsync("j")).Paused!;
        Assert.Equal((At(35), null, "wang"), (mark.At, mark.Until, mark.By));
        Assert.Equal([(0, 20, "li"), (35, null, "wang")], (await LedgerAsync("j")).Pauses.Where(pause => pause.Scope == PauseScope.Job)
            .Select(pause => (Seconds(pause.Pause.At), pause.Ended is { } end ? Seconds(end) : (double?)null, pause.Pause.By!)));
        Assert.Equal(
            (await LedgerAsync("j")).Pauses.Where(pause => pause.Scope == PauseScope.Tag).Select(pause => (pause.Pause.At, pause.Ended)),
            (await LedgerAsync("j")).Pauses.Where(pause => pause.Scope == PauseScope.Job).Select(pause => (pause.Pause.At, pause.Ended)));
    }

    [Fact]
    public async Task A_job_whose_last_fire_time_passes_in_the_pause_ends_with_the_resume()
    {
        await EditAsync(JobEdits.Add(Tagged("j", "night") with { Trigger = Every(10, end: At(10)) }));
        await PauseAsync("night");
        MoveTo(30);
        await ResumeAsync("night");

        Assert.Equal(JobEnd.Exhausted, (await JobAsync("j")).Ended);
        Assert.Equal("0-10 Resumed", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_refused_pause_changes_nothing_and_neither_does_a_refused_edit_beside_it()
    {
        await AddTaggedAsync("j", "night");
        MoveTo(10);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PauseAsync("night", until: 5));
        await Assert.ThrowsAsync<JobNotFoundException>(() => Store.ChangeAsync(new()
        {
            Pauses = [ScopedPauseEdit.Pause(PauseScope.Tag, "night")],
            Jobs = [JobEdits.Remove(Id("nobody"))],
        }, None));

        await AddTaggedAsync("k", "night");
        Assert.Null((await JobAsync("j")).Paused);
        Assert.Null((await JobAsync("k")).Paused);
        Assert.Empty(await LastingAsync());
    }

    [Fact]
    public async Task Waiting_runs_of_a_paused_scope_start()
    {
        await AddTaggedAsync("j", "night");
        await BeginAsync();
        await PauseAsync("night");
        await EnqueueAsync("j");

        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Why_names_the_tag_its_author_and_a_pause_after_failures()
    {
        await EditAsync(JobEdits.Add(Tagged("j", "night") with { Options = Options() with { Tags = ["night"], PauseAfterFailures = 1 } }));
        await BeginAsync();
        await WorkAsync(0);
        await PauseAsync("night");
        await WorkAsync(25);
        await ResumeAsync("night");
        await EditAsync(JobEdits.SkipNext(Id("j"), "wang"));
        MoveTo(40);
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs), Outcome.Failed);
        MoveTo(65);
        var open = await Store.WhyAsync(Id("j"), At(0), At(65), Language.English, None);
        await EditAsync(JobEdits.Resume(Id("j")));

        var why = await Store.WhyAsync(Id("j"), At(0), At(65), Language.English, None);

        Assert.Equal("7 due = 2 ran + 0 running + 3 skipped + 2 missed. Balanced.", why.Account.Sentence);
        Assert.Equal(why.Account.Sentence, open.Account.Sentence);
        Assert.Equal([(Reason.Paused, 2), (Reason.SkippedByHand, 1), (Reason.CircuitOpen, 2)],
            why.Items.Select(item => (item.Reason, (int)item.Count)));
        Assert.Equal(
            [
                "00:00:10 to 00:00:20 were skipped (2 fire times): paused with the tag night by li since 00:00 until 00:00:25: db move.",
                "00:00:30 was skipped: the skip was requested at 00:00:25 by wang.",
                "00:00:50 to 00:01 did not run (2 fire times): paused after repeated failures since 00:00:40 until 00:01:05: 1 failure at 2030-01-01 00:00:40Z.",
            ],
            why.Items.Select(item => item.Sentence));
    }

    static Job Tagged(string id, params string[] tags) => NewJob(id, Every(10), Options() with { Tags = tags });

    Task<StoredJob> AddTaggedAsync(string id, params string[] tags) => EditAsync(JobEdits.Add(Tagged(id, tags)));

    async Task<int> PauseAsync(string name, PauseScope scope = PauseScope.Tag, double? until = null) => (await Store.ChangeAsync(
        new() { Pauses = [ScopedPauseEdit.Pause(scope, name, until is { } end ? At(end) : null, Li)] }, None)).JobsOfPauses;

    async Task<int> ResumeAsync(string name, PauseScope scope = PauseScope.Tag) =>
        (await Store.ChangeAsync(new() { Pauses = [ScopedPauseEdit.Resume(scope, name, Li)] }, None)).JobsOfPauses;

    async Task<int> ChangedAsync(ScopedPauseEdit edit) => (await Store.ChangeAsync(new() { Pauses = [edit] }, None)).JobsOfPauses;

    /// <summary>Reads the pauses that last. Both handles answer alike.</summary>
    async Task<IReadOnlyList<ScopedPause>> LastingAsync()
    {
        var open = (await Store.LedgerAsync(new() { OnlyOpenPauses = true }, None)).Pauses;
        var other = (await (await SecondAsync()).LedgerAsync(new() { OnlyOpenPauses = true }, None)).Pauses;
        Assert.Equivalent(open, other);
        return open;
    }
}
