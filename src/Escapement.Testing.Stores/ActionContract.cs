using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of the recorded changes: who changed what, from where, before and after.</summary>
public abstract class ActionContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    static readonly ChangeAuthor Li = new() { By = "li", Why = "db move", Origin = "REST 127.0.0.1" };

    [Fact]
    public async Task A_change_records_its_author_its_origin_and_the_fields_that_differ()
    {
        await AddAsync("j", Every(10));
        MoveTo(5);
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Name = "other", Options = Options(priority: 7) }).From(Li));

        var change = (await PageAsync(new() { Job = Id("j"), Limit = 1 }))[0];

        Assert.Equal((ActionKind.Changed, At(5), "li", "db move", "REST 127.0.0.1"),
            (change.Kind, change.At, change.By, change.Why, change.Origin));
        Assert.Equal("""{"name":"j"}""", change.Before);
        Assert.Equal("""{"name":"other","priority":7}""", change.After);
    }

    [Fact]
    public async Task A_new_job_records_its_whole_definition_and_a_pause_records_none()
    {
        await AddAsync("j", Every(10));
        await EditAsync(JobEdits.Pause(Id("j"), At(50)).From(Li));

        var page = await PageAsync(new());

        Assert.Equal([ActionKind.Paused, ActionKind.Added], page.Select(action => action.Kind));
        Assert.Equal((At(50), null, null), (page[0].Until, page[0].Before, page[0].After));
        Assert.Null(page[1].Before);
        Assert.StartsWith("""{"name":"j","func":"work","args":[1],"kwargs":{"to":"you"},"misfire_grace_time":""", page[1].After!,
            StringComparison.Ordinal);
        Assert.All((string[])["\"handler\"", "\"grace", "\"origin\"", "\"declared_hash\""],
            name => Assert.DoesNotContain(name, page[1].After!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_fields_of_a_change_have_the_names_and_values_of_REST()
    {
        await AddAsync("j", Every(10));
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Handler = "other", Options = Options(grace: 90) }));
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options(grace: 1.5) }));
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = new() { MisfireGrace = MisfireGrace.UntilNext } }));
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options(grace: null) }));

        var page = await PageAsync(new());

        Assert.Equal(("""{"func":"work","misfire_grace_time":1}""", """{"func":"other","misfire_grace_time":90}"""), (page[3].Before, page[3].After));
        Assert.Equal(("""{"misfire_grace_time":90}""", """{"misfire_grace_time":1.5}"""), (page[2].Before, page[2].After));
        Assert.Equal(("""{"misfire_grace_time":1.5}""", """{"misfire_grace_time":null}"""), (page[1].Before, page[1].After));
        // REST shows both limits as null, and the record says that the limit was changed.
        Assert.Equal(("""{"misfire_grace_time":null}""", """{"misfire_grace_time":null}"""), (page[0].Before, page[0].After));
    }

    [Fact]
    public async Task A_change_of_the_scheduler_records_its_author()
    {
        await ChangeStateAsync(SchedulerEdits.ShutDown.From(Li));

        var shutDown = Assert.Single(await PageAsync(new()));

        Assert.Equal((ActionKind.SchedulerShutDown, null, "li", "db move", "REST 127.0.0.1"),
            (shutDown.Kind, shutDown.Job, shutDown.By, shutDown.Why, shutDown.Origin));
    }

    [Fact]
    public async Task Changes_are_read_in_pages_from_the_newest_on()
    {
        await AddAsync("j", Every(10));
        await AddAsync("k", Every(10));
        for (var second = 1; second <= 3; second++)
        {
            MoveTo(second);
            await EditAsync(JobEdits.Pause(Id("j"), why: $"{second}"));
        }

        var first = await PageAsync(new() { Limit = 2 });
        Assert.Equal(["3", "2", "1"], first.Select(action => action.Why));
        var next = await PageAsync(new() { Limit = 2, Before = first[1].Number });
        Assert.Equal([(ActionKind.Paused, Id("j")), (ActionKind.Added, Id("k")), (ActionKind.Added, Id("j"))],
            next.Select(action => (action.Kind, action.Job!.Value)));
        Assert.Equal(["2"], (await PageAsync(new() { Since = At(2), Until = At(3) })).Select(action => action.Why));
        Assert.Equal([ActionKind.Added], (await PageAsync(new() { Job = Id("k") })).Select(action => action.Kind));
        Assert.Empty(await PageAsync(new() { Job = Id("nobody") }));
    }

    [Fact]
    public async Task A_skip_moves_the_watermark_past_one_fire_time_and_its_action_covers_the_fire_time()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        Assert.Equal([0], await WorkAsync(0));
        await NotifiedAsync(() => EditAsync(JobEdits.SkipNext(Id("j"), "li", "audit in the building")), StoreSignal.Work);

        Assert.Equal([20], await WorkAsync(10, 20));

        Assert.Equal((ActionKind.SkippedNext, 10, 20), (await ActionsAsync("j"))[1]);
        Assert.Equal("0 ran, 10 SkippedNext, 20 ran, 30 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_skip_of_the_last_fire_time_ends_the_job()
    {
        await AddAsync("j", Once(At(10)));
        await BeginAsync();

        Assert.Equal(JobEnd.Exhausted, (await EditAsync(JobEdits.SkipNext(Id("j")))).Ended);
        Assert.Empty(await WorkAsync(20));
        Assert.Equal("10 SkippedNext", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_skip_is_refused_for_a_paused_job_for_a_job_without_a_trigger_and_for_an_unknown_job()
    {
        await AddAsync("j", Every(10));
        await AddAsync("k", null);
        await EditAsync(JobEdits.Pause(Id("j")));

        Assert.Equal(Id("j"), (await Assert.ThrowsAsync<JobPausedException>(() => EditAsync(JobEdits.SkipNext(Id("j"))))).Job);
        await Assert.ThrowsAsync<FormatException>(() => EditAsync(JobEdits.SkipNext(Id("k"))));
        await Assert.ThrowsAsync<JobNotFoundException>(() => EditAsync(JobEdits.SkipNext(Id("nobody"))));
        Assert.Equal(At(0), (await JobAsync("j")).Next);
    }

    [Fact]
    public async Task A_requested_run_is_recorded_only_with_an_author()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await WorkAsync(0);
        await EnqueueAsync("j");
        await EnqueueAsync(new() { Job = Id("j"), Key = "a", Author = Li });
        await EnqueueAsync(new() { Job = Id("j"), Key = "a", Author = Li });

        var asked = Assert.Single(await PageAsync(new()), action => action.Kind == ActionKind.RunRequested);

        Assert.Equal((Id("j"), At(10), At(10), "li", "db move", "REST 127.0.0.1"),
            (asked.Job!.Value, asked.From, asked.To, asked.By, asked.Why, asked.Origin));
        Assert.Equal("0 ran, 10 due", await StoryAsync("j"));
    }

    /// <summary>Reads a page of changes, with one more change if there is a next page. Both handles answer alike.</summary>
    async Task<IReadOnlyList<JobAction>> PageAsync(ActionQuery query)
    {
        var page = (await Store.LedgerAsync(new() { OnlyActions = query }, None)).Actions;
        Assert.Equal(page, (await (await SecondAsync()).LedgerAsync(new() { OnlyActions = query }, None)).Actions);
        return page;
    }
}
