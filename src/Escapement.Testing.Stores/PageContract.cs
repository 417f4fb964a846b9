using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of paging through jobs and runs.</summary>
public abstract class PageContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task Jobs_are_read_page_by_page(int limit)
    {
        foreach (var id in (string[])["d", "b~1", "c", "a"]) await AddAsync(id, Once(At(10)));
        foreach (var id in (string[])["z", "y"]) await AddAsync(id, null);
        await AddAsync("first", Once(At(5)));
        string[] order = ["first", "a", "b~1", "c", "d", "y", "z"];

        List<string> read = [];
        for (string? after = null; ;)
        {
            var page = await Store.JobsAsync(new() { Limit = limit, After = after }, None);
            Assert.InRange(page.Jobs.Count, 1, limit);
            read.AddRange(page.Jobs.Select(job => job.Job.Id.Value));
            if (page.Next is not { } next) break;
            after = next;
        }

        Assert.Equal(order, read);
    }

    [Fact]
    public async Task The_next_page_of_jobs_goes_on_also_when_the_last_job_of_the_page_before_is_gone()
    {
        foreach (var id in (string[])["a", "b", "c"]) await AddAsync(id, null);
        var first = await Store.JobsAsync(new() { Limit = 2 }, None);
        await EditAsync(JobEdits.Remove(Id("b")));

        var second = await (await SecondAsync()).JobsAsync(new() { Limit = 2, After = first.Next }, None);

        Assert.Equal(["c"], second.Jobs.Select(job => job.Job.Id.Value));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_page_of_jobs_may_hold_all_and_need_no_limit()
    {
        foreach (var id in (string[])["a", "b", "c"]) await AddAsync(id, null);
        var first = await Store.JobsAsync(new() { Limit = 1 }, None);

        Assert.Equal(["b", "c"], (await Store.JobsAsync(new() { After = first.Next }, None)).Jobs.Select(job => job.Job.Id.Value));
        Assert.Null((await Store.JobsAsync(new() { Limit = 3 }, None)).Next);
        Assert.Null((await Store.JobsAsync(JobQuery.All, None)).Next);
    }

    [Fact]
    public async Task A_page_of_jobs_holds_only_those_with_the_tag()
    {
        foreach (var (id, tags) in ((string, string[])[])[("a", ["x"]), ("b", []), ("c", ["y", "x"]), ("d", ["y"])])
            await EditAsync(JobEdits.Add(NewJob(id, null) with { Options = Options() with { Tags = tags } }));

        var first = await Store.JobsAsync(new() { Tag = "x", Limit = 1 }, None);
        var second = await Store.JobsAsync(new() { Tag = "x", Limit = 1, After = first.Next }, None);

        Assert.Equal(["a", "c"], [.. first.Jobs.Select(job => job.Job.Id.Value), .. second.Jobs.Select(job => job.Job.Id.Value)]);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_cursor_that_no_page_gave_is_refused() =>
        await Assert.ThrowsAsync<FormatException>(() => Store.JobsAsync(new() { After = "next" }, None));

    [Fact]
    public void A_page_holds_at_least_one()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new JobQuery { Limit = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RunQuery { Limit = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RunQuery { Limit = RunQuery.MaxLimit + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RunQuery { MaxRows = 0 });
    }

    [Fact]
    public async Task Runs_are_read_newest_first_and_page_by_page()
    {
        await RunForAsync(steps: 5, "j", "k");

        List<Run> read = [];
        for (RunId? before = null; ;)
        {
            var page = await Store.RunsAsync(new() { Before = before, Limit = 3 }, None);
            Assert.InRange(page.Runs.Count, 1, 3);
            read.AddRange(page.Runs);
            if (page.Next is not { } next) break;
            Assert.Equal(page.Runs[^1].Id, next);
            before = next;
        }

        Assert.Equal(10, read.Select(run => run.Id).Distinct().Count());
        Assert.Equal([40, 40, 30, 30, 20, 20, 10, 10, 0, 0], FireTimes(read));
    }

    [Fact]
    public async Task Running_and_ended_runs_are_one_list()
    {
        await AddAsync("j", Every(10), Options(maxInstances: null));
        await BeginAsync();
        List<ClaimedRun> claimed = [];
        foreach (var at in (double[])[0, 10, 20, 30])
        {
            MoveTo(at);
            claimed.AddRange((await ClaimAsync()).Runs);
        }

        await FinishAsync(claimed[1]);
        await FinishAsync(claimed[2]);

        var first = await Store.RunsAsync(new() { Limit = 2 }, None);
        var second = await Store.RunsAsync(new() { Limit = 2, Before = first.Next }, None);

        Assert.Equal([30, 20, 10, 0], [.. FireTimes(first.Runs), .. FireTimes(second.Runs)]);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Runs_are_read_of_one_job_and_from_an_instant_on()
    {
        await RunForAsync(steps: 5, "j", "k");

        Assert.Equal([40, 30, 20], FireTimes(await RunsAsync(new() { Job = Id("j"), Since = At(20) })));
        Assert.Equal([40, 30], FireTimes(await RunsAsync(new() { Job = Id("k"), Limit = 2 })));
        Assert.All(await RunsAsync(new() { Job = Id("j") }), run => Assert.Equal(Id("j"), run.Job));
        Assert.Empty(await RunsAsync(new() { Job = Id("nobody") }));
        Assert.Empty(await RunsAsync(new() { Id = new(1, 1, 1) }));
    }

    [Fact]
    public async Task Runs_are_read_by_the_tags_of_their_jobs_and_by_cause()
    {
        await EditAsync(JobEdits.Add(NewJob("k", Every(10)) with { Options = Options() with { Tags = ["x", "y"] } }));
        await RunForAsync(steps: 3, "j");
        await EnqueueAsync("j");
        await EditAsync(JobEdits.Remove(Id("k")));
        await WorkAsync(25);

        Assert.Equal([20, 10, 0], FireTimes(await RunsAsync(new() { Tag = "x" })));
        Assert.All(await RunsAsync(new() { Tag = "y" }), run => Assert.Equal(Id("k"), run.Job));
        Assert.Empty(await RunsAsync(new() { Tag = "X" }));
        Assert.Equal([RunCause.Enqueued], (await RunsAsync(new() { Causes = Set(RunCause.Enqueued) })).Select(run => run.Cause));
        Assert.Equal(6, (await RunsAsync(new() { Causes = Set(RunCause.FireTime, RunCause.Backfill) })).Count);
        Assert.Empty(await RunsAsync(new() { Causes = Set(RunCause.Backfill) }));
    }

    [Fact]
    public async Task A_bounded_search_says_how_far_it_looked()
    {
        await RunForAsync(steps: 5, "j");

        var none = await Store.RunsAsync(new() { Tag = "x", MaxRows = 2 }, None);
        Assert.Equal((0, At(30)), (none.Runs.Count, none.LookedTo));
        var rest = await Store.RunsAsync(new() { Tag = "x", Before = none.Next }, None);
        Assert.Equal((0, null, null), (rest.Runs.Count, rest.Next, rest.LookedTo));
        var page = await Store.RunsAsync(new() { Limit = 2 }, None);
        Assert.Equal((At(30), page.Runs[^1].Id), (page.LookedTo, page.Next));
        Assert.Null((await Store.RunsAsync(new() { Limit = 5 }, None)).LookedTo);
    }

    [Fact]
    public async Task Runs_after_the_end_of_the_span_are_not_read()
    {
        await RunForAsync(steps: 5, "j");

        var page = await Store.RunsAsync(new() { Until = At(15), MaxRows = 1 }, None);
        Assert.Equal([10], FireTimes(page.Runs));
        Assert.Equal([0], FireTimes(await RunsAsync(new() { Until = At(15), MaxRows = 1, Before = page.Next })));
        Assert.Equal([20], FireTimes(await RunsAsync(new() { Until = At(30), Since = At(15) })));
    }

    static HashSet<T> Set<T>(params T[] values) => [.. values];

    [Fact]
    public async Task Instants_between_two_microseconds_are_later_than_the_first()
    {
        await RunForAsync(steps: 3, "j");
        var between = At(10).AddTicks(5);

        Assert.Equal([20], FireTimes(await RunsAsync(new() { Since = between })));
        Assert.Equal([10, 0], FireTimes(await RunsAsync(new() { Until = between })));
        Assert.Equal([0], FireTimes(await RunsAsync(new() { Until = At(10) })));
        Assert.Equal([10], FireTimes(await RunsAsync(new() { Since = At(10), Until = between })));
    }

    [Fact]
    public async Task Runs_are_read_by_outcome_reason_and_node()
    {
        await AddAsync("j", Every(10), Options(maxInstances: null));
        await BeginAsync("a");
        foreach (var (at, outcome) in ((double, Outcome)[])[(0, Outcome.Succeeded), (10, Outcome.Failed), (20, Outcome.Cancelled)])
        {
            MoveTo(at);
            await FinishAsync(Assert.Single((await ClaimAsync()).Runs), outcome);
        }

        MoveTo(30);
        await ClaimAsync();
        MoveTo(40);
        await BeginAsync("b");
        await ClaimAsync();

        Assert.Equal([20, 10], FireTimes(await RunsAsync(new() { Outcomes = new HashSet<Outcome> { Outcome.Failed, Outcome.Cancelled } })));
        Assert.Equal([30], FireTimes(await RunsAsync(new() { Reasons = new HashSet<Reason> { Reason.Interrupted, Reason.Removed } })));
        Assert.Equal([40], FireTimes(await RunsAsync(new() { Node = "b" })));
        Assert.Equal([30, 20, 10, 0], FireTimes(await RunsAsync(new() { Node = "a" })));
        var all = new RunQuery
        {
            Node = "a",
            Outcomes = new HashSet<Outcome> { Outcome.Cancelled, Outcome.Failed },
            Job = Id("j"),
            Since = At(15)
        };
        Assert.Equal([20], FireTimes(await RunsAsync(all)));
        Assert.Empty(await RunsAsync(new() { Node = "c" }));
    }

    [Fact]
    public async Task A_search_that_finds_little_says_how_far_it_looked()
    {
        await RunForAsync(steps: 7, "j");
        var failed = new HashSet<Outcome> { Outcome.Failed };

        List<RunId> looked = [];
        for (RunId? before = null; ;)
        {
            var page = await Store.RunsAsync(new() { Outcomes = failed, MaxRows = 3, Before = before }, None);
            Assert.Empty(page.Runs);
            if (page.Next is not { } next) break;
            looked.Add(next);
            before = next;
        }

        // A store with a matching index examines fewer rows.
        Assert.Equal(new double[] { 40, 10 }.Take(looked.Count), looked.Select(id => Seconds(Instant.FromMicros(id.FireTime))));
    }

    /// <summary>Runs the due fire times of these jobs every ten seconds.</summary>
    async Task RunForAsync(int steps, params string[] jobs)
    {
        foreach (var id in jobs) await AddAsync(id, Every(10), Options(maxInstances: null));
        await BeginAsync();
        await WorkAsync([.. Enumerable.Range(0, steps).Select(step => step * 10.0)]);
    }
}
