using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Escapement.Triggers;

namespace Escapement.Planted;

/// <summary>Tests with single defects in the rows of a ledger. Audit and why name the fire time of each defect.</summary>
public abstract class PlantedDefectsContract<TLedger> : IAsyncDisposable
    where TLedger : PlantedLedger, new()
{
    static readonly CancellationToken None = CancellationToken.None;
    static readonly DateTimeOffset Start = PlantedLedger.Start;

    readonly TLedger ledger = new();

    ManualClock Clock => ledger.Clock;

    protected IJobStore Store => ledger.Store;

    public async ValueTask DisposeAsync()
    {
        await ledger.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Without_a_defect_the_ledger_balances()
    {
        await PrepareAsync();
        var audit = await AuditAsync();
        Assert.Empty(audit.Imbalances);
        Assert.Equal("14 due = 9 ran + 0 running + 2 skipped + 3 missed. Balanced.", audit.Account.Sentence);
    }

    [Theory]
    [InlineData("delete from run where fire_time = {10}", 10, "00:00:10 has no run and no record that explains why.")]
    [InlineData("delete from entry where first = {30}", 30, "00:00:30 has no run and no record that explains why.")]
    [InlineData("update entry set last = {40} where first = {30}", 50, "00:00:50 has no run and no record that explains why.")]
    [InlineData("update entry set last = {45} where first = {30}", 45, "00:00:45 begins or ends a recorded stretch, but is no fire time of the job.")]
    [InlineData("update definition set accounts_to = {60} where version = 1", 60,
        "The definition of the job ends at 00:01, where nobody changed the job, so that 00:01 is not accounted for.")]
    [InlineData("update epoch set ended = {45} where number = 1", 30,
        "00:00:30 is recorded as a fire time without an active process, but process 4711 on web-1 was active. Also affected: 1 more, up to 00:00:40.")]
    [InlineData("update epoch set ended = {12} where number = 1", 20,
        "00:00:20 was claimed at 00:00:20 by process 4711 on web-1, after the recorded end of its activation.")]
    [InlineData("update epoch set ended = {23} where number = 1", 23,
        "The activation of process 4711 on web-1 ends at 00:00:23, which contradicts its last sign of life at 00:00:22.")]
    [InlineData("update epoch set ended = {7200} where number = 2", 7200,
        "The activation of process 4711 on web-1 ends at 02:00, which contradicts its last sign of life at 00:02:40.")]
    public async Task A_defect_is_named_by_its_fire_time(string change, double second, string sentence)
    {
        await PrepareAsync();
        await ChangeAsync(change);

        var audit = await AuditAsync();

        Assert.False(audit.Account.Balanced);
        Assert.Contains((Start.AddSeconds(second), sentence),
            audit.Imbalances.Select(imbalance => (imbalance.FireTime, imbalance.Sentence)));
        var why = await Store.WhyAsync(JobId.Parse("j"), Start, Start.AddSeconds(1000), Language.English, None);
        Assert.Contains(sentence, why.Imbalances.Select(imbalance => imbalance.Sentence));
    }

    [Theory]
    [InlineData("delete from epoch where number = 1", 0,
        "00:00 was claimed at 00:00 in activation 1, but no such activation is recorded. Also affected: 2 more, up to 00:00:20.")]
    [InlineData("delete from epoch", 60,
        "00:01 was claimed at 00:01 in activation 2, but no such activation is recorded. Also affected: 5 more, up to 00:02:40.")]
    [InlineData("update run set epoch = 9, outcome = 2 where fire_time in ({0}, {10})", 0,
        "00:00 was claimed at 00:00 in activation 9, but no such activation is recorded. Also affected: 1 more, up to 00:00:10.")]
    [InlineData("update run set epoch = 9 where fire_time = {20}", 20,
        "00:00:20 was claimed at 00:00:20 in activation 9, but no such activation is recorded.")]
    [InlineData("update run set epoch = 1 where fire_time in ({140}, {160})", 140,
        "00:02:20 was claimed at 00:02:20 by process 4711 on web-1, after the recorded end of its activation. Also affected: 1 more, up to 00:02:40.")]
    [InlineData("update run set epoch = 2 where fire_time = {10}", 10,
        "00:00:10 was claimed at 00:00:10 by process 4711 on web-1, before the recorded beginning of its activation.")]
    [InlineData("update epoch set begun = {15} where number = 1", 0,
        "00:00 was claimed at 00:00 by process 4711 on web-1, before the recorded beginning of its activation. Also affected: 1 more, up to 00:00:10.")]
    [InlineData("update epoch set begun = {125} where number = 2", 60,
        "00:01 was claimed at 00:01 by process 4711 on web-1, before the recorded beginning of its activation. Also affected: 3 more, up to 00:02.")]
    [InlineData("update definition set accounts_to = null where version = 1", 120,
        "A definition of the job accounts for 00:02, although a change of the job ended the definition at 00:02.")]
    [InlineData("update entry set reason = 1 where first = {30}", 30,
        "00:00:30 is recorded with the reason Paused, but no such pause is recorded. Also affected: 2 more, up to 00:00:50.")]
    [InlineData("update entry set reason = 2 where first = {30}", 30,
        "00:00:30 is recorded with the reason SchedulerPaused, but no such pause is recorded. Also affected: 2 more, up to 00:00:50.")]
    [InlineData("update entry set reason = 113 where first = {30}", 30,
        "00:00:30 is recorded with the reason CircuitOpen, but no such pause is recorded. Also affected: 2 more, up to 00:00:50.")]
    [InlineData("update entry set reason = 3 where first = {30}", 30,
        "00:00:30 is recorded with the reason ShutDown, but no shutdown is recorded. Also affected: 2 more, up to 00:00:50.")]
    [InlineData("update epoch set ended = {52}, last_sign = {52} where number = 1", 30,
        "00:00:30 is recorded as a fire time without an active process, but process 4711 on web-1 was active. Also affected: 2 more, up to 00:00:50.")]
    [InlineData("update due set {watermark} = {130}", 130,
        "The next fire time of the job is 00:02:10, but claims have decided later fire times, and nobody moved the job back.")]
    public async Task A_defect_of_a_whole_record_is_named_once_with_its_extent(string change, double second, string sentence)
    {
        await PrepareAsync();
        await ChangeAsync(change);

        var imbalances = (await ImbalancesAsync()).ToList();

        Assert.Contains(((int)second, sentence), imbalances);
        Assert.Equal(imbalances.Count, imbalances.DistinctBy(imbalance => imbalance.Sentence[8..]).Count());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{5000}")]
    public async Task A_definition_that_outlives_its_job_is_named(string end)
    {
        await PrepareAsync();
        await Store.ChangeAsync(new() { Jobs = [Adding("gone", new IntervalTrigger(TimeSpan.FromSeconds(10), Start, ZoneClock.Utc))] }, None);
        MoveTo(183);
        await Store.ChangeAsync(new() { Jobs = [JobEdits.Remove(JobId.Parse("gone"))] }, None);
        MoveTo(400);
        Assert.DoesNotContain(await NamesAsync(), imbalance => imbalance.Job == "gone");

        await ChangeAsync($"update definition set accounts_to = {end} where job = (select number from job where id = 'gone')");

        Assert.Equal([("gone", "A definition of the job accounts for 00:03:10, although a change of the job ended the definition at 00:03:03.")],
            (await NamesAsync()).Where(imbalance => imbalance.Job == "gone"));

        async Task<List<(string? Job, string Sentence)>> NamesAsync() =>
            [.. (await AuditAsync()).Imbalances.Select(imbalance => (imbalance.Job?.Value, imbalance.Sentence))];
    }

    [Theory]
    [InlineData("108", "MisfireGraceExceeded", "its misfire grace is unlimited")]
    [InlineData("101", "NoActiveNode", "its misfire grace is unlimited")]
    [InlineData("6", "Coalesced", "its fire times do not merge")]
    public async Task A_reason_that_the_options_of_the_job_exclude_is_named(string reason, string word, string because)
    {
        await ledger.OpenAsync();
        await Store.ChangeAsync(new()
        {
            Jobs =
            [
                JobEdits.Add(new Job
                {
                    Id = JobId.Parse("j"),
                    Name = "j",
                    Handler = "work",
                    Trigger = new IntervalTrigger(TimeSpan.FromSeconds(10), Start, ZoneClock.Utc),
                    Options = new() { MisfireGrace = MisfireGrace.Unlimited, Coalesce = false, MaxInstances = 1 },
                }),
            ],
        }, None);
        var epoch = await BeginAsync("a", null);
        await ClaimAsync("a", epoch);
        MoveTo(25);
        await ClaimAsync("a", epoch);
        Assert.Empty((await AuditAsync()).Imbalances);

        await ChangeAsync($"update entry set reason = {reason}");

        Assert.Contains($"00:00:10 is recorded with the reason {word}, but by the definition of the job {because}. Also affected: 1 more, up to 00:00:20.",
            (await AuditAsync()).Imbalances.Select(imbalance => imbalance.Sentence));
    }

    [Fact]
    public async Task A_run_that_no_definition_yields_is_named()
    {
        await PrepareAsync();
        await ChangeAsync("insert into run(fire_time, job, number, epoch, token, attempt, claimed_at, started_at, finished_at, outcome) select {65}, job, number, epoch, token, attempt, claimed_at, started_at, finished_at, outcome from run where fire_time = {60}");
        Assert.Equal([(65, "00:01:05 has a run, but no definition of the job yields this fire time.")], await ImbalancesAsync());
    }

    [Fact]
    public async Task A_run_with_a_changed_fire_time_leaves_its_fire_time_without_a_record()
    {
        await PrepareAsync();
        await ChangeAsync("update run set fire_time = {65} where fire_time = {60}");
        Assert.Equal(
            [(60, "00:01 has no run and no record that explains why."),
                (65, "00:01:05 has a run, but no definition of the job yields this fire time.")],
            await ImbalancesAsync());
    }

    [Fact]
    public async Task A_missed_run_that_no_definition_yields_is_named()
    {
        await PrepareAsync();
        await ChangeAsync("insert into run(fire_time, job, number, epoch, token, attempt, finished_at, outcome, reason) select {65}, job, 0, null, null, 0, {65}, 6, 111 from run where fire_time = {60}");
        Assert.Equal([(65, "00:01:05 has a run, but no definition of the job yields this fire time.")], await ImbalancesAsync());
    }

    [Fact]
    public async Task A_run_too_many_in_a_long_explained_stretch_leaves_the_stretch_explained()
    {
        await PrepareAsync();
        await Store.ChangeAsync(new() { Jobs = [Adding("long", new IntervalTrigger(TimeSpan.FromSeconds(1), Start.AddSeconds(200), ZoneClock.Utc))] }, None);
        MoveTo(30_200);
        await ChangeAsync("insert into entry(job, first, last, reason, change) select number, {200}, {30199}, 108, 2 from job where id = 'long'");
        await ChangeAsync("update due set {watermark} = {30201}, change = 2 where job = (select number from job where id = 'long')");
        foreach (var second in (string[])["{30200}", "{30199} + 500000"])
        {
            await ChangeAsync($"insert into run(fire_time, job, number, epoch, token, attempt, finished_at, outcome) select {second}, number, 0, 3, 1, 1, {{30200}}, 1 from job where id = 'long'");
        }

        foreach (var (from, to) in ((int, int)[])[(0, 40_000), (15_000, 40_000)])
        {
            var why = await Store.WhyAsync(JobId.Parse("long"), Start.AddSeconds(from), Start.AddSeconds(to), Language.English, None);
            Assert.Equal([Start.AddSeconds(30_199.5)], why.Imbalances.Select(imbalance => imbalance.FireTime));
            Assert.Equal((30_200 - Math.Max(from, 200), 2), (why.Account.Missed, why.Account.Ran));
            Assert.Equal(why.Account.Due, why.Account.Missed + why.Account.Ran);
        }
    }

    /// <summary>Returns the imbalances of the ledger. Audit and why find the same imbalances.</summary>
    async Task<IEnumerable<(int Second, string Sentence)>> ImbalancesAsync()
    {
        var audit = await AuditAsync();
        var why = await Store.WhyAsync(JobId.Parse("j"), Start, Start.AddSeconds(1000), Language.English, None);
        Assert.Equal(audit.Imbalances, why.Imbalances);
        Assert.Equal((false, false), (audit.Account.Balanced, why.Account.Balanced));
        Assert.Equal(audit.Account.Sentence, why.Account.Sentence);
        return audit.Imbalances.Select(imbalance => ((int)(imbalance.FireTime - Start).TotalSeconds, imbalance.Sentence));
    }

    [Fact]
    public async Task A_definition_that_cannot_be_read_is_named()
    {
        await PrepareAsync();
        await ChangeAsync("update definition set definition = 'no JSON {' where version = 1");
        var audit = await AuditAsync();
        Assert.StartsWith("The definition of the job from 00:00 on cannot be read, so that its fire times cannot be counted: ",
            audit.Imbalances[0].Sentence, StringComparison.Ordinal);
        Assert.Single(audit.Imbalances);
        Assert.Equal(audit.Account.Due, audit.Account.Ran + audit.Account.Skipped + audit.Account.Missed);
    }

    [Fact]
    public async Task A_run_deleted_from_each_of_many_jobs_is_counted_when_the_runs_are_too_many_to_name_it()
    {
        await PrepareAsync();
        foreach (var job in Enumerable.Range(0, 12))
            await Store.ChangeAsync(new() { Jobs = [Adding($"many{job}", new IntervalTrigger(TimeSpan.FromSeconds(1), Start.AddSeconds(200), ZoneClock.Utc))] }, None);
        Clock.Move(TimeSpan.FromSeconds(5_200) - (Clock.GetUtcNow() - Start));
        await ChangeAsync("""
            with recursive n(i) as (select 0 union all select i + 1 from n where i < 5000)
            insert into run(fire_time, job, number, epoch, token, attempt, claimed_at, finished_at, outcome)
            select {200} + i * cast(1000000 as bigint), job.number, 0, 3, i, 1, null, {200} + i * cast(1000000 as bigint), 1 from n, job where id like 'many%'
            """);
        await ChangeAsync("update due set {watermark} = {5201} where job in (select number from job where id like 'many%')");
        await ChangeAsync("delete from run where fire_time = {1234}");

        var audit = await Store.AuditAsync(Start.AddSeconds(200), Start.AddSeconds(10_000), Language.English, None);

        Assert.True(audit.IsCut);
        Assert.Equal(12, audit.Imbalances.DistinctBy(imbalance => imbalance.Job).Count());
        Assert.Contains("00:20:34 has no run and no record that explains why.", audit.Imbalances.Select(imbalance => imbalance.Sentence));
        Assert.Contains(audit.Imbalances, imbalance => imbalance.Sentence.Contains("1 fire times have no run", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_single_run_deleted_from_a_long_history_is_named()
    {
        await PrepareAsync();
        await Store.ChangeAsync(new() { Jobs = [Adding("long", new IntervalTrigger(TimeSpan.FromSeconds(1), Start.AddSeconds(200), ZoneClock.Utc))] }, None);
        Clock.Move(TimeSpan.FromSeconds(100_200) - (Clock.GetUtcNow() - Start));
        await ChangeAsync("""
            with recursive n(i) as (select 0 union all select i + 1 from n where i < 100000)
            insert into run(fire_time, job, number, epoch, token, attempt, claimed_at, finished_at, outcome)
            select {200} + i * cast(1000000 as bigint), (select number from job where id = 'long'), 0, 3, i, 1, null, {200} + i * cast(1000000 as bigint), 1 from n
            """);
        await ChangeAsync("update due set {watermark} = {100201} where job = (select number from job where id = 'long')");
        var whole = await Store.WhyAsync(JobId.Parse("long"), Start, Start.AddSeconds(200_000), Language.English, None);
        Assert.Equal("100001 due = 100001 ran + 0 running + 0 skipped + 0 missed. Balanced.", whole.Account.Sentence);

        await ChangeAsync("delete from run where fire_time = {77777}");
        var why = await Store.WhyAsync(JobId.Parse("long"), Start, Start.AddSeconds(200_000), Language.English, None);
        Assert.Equal([Start.AddSeconds(77_777)], why.Imbalances.Select(imbalance => imbalance.FireTime));
        Assert.Contains(Start.AddSeconds(77_777),
            (await Store.AuditAsync(Start, Start.AddSeconds(200_000), Language.English, None)).Imbalances.Select(found => found.FireTime));
    }

    static JobEdit Adding(string id, Trigger trigger) => PlantedLedger.Adding(id, trigger);

    protected Task PrepareAsync() => ledger.PrepareAsync();

    Task<long> BeginAsync(string node, Epoch? newest) => ledger.BeginAsync(node, newest);

    Task<Claimed> ClaimAsync(string node, long epoch) => ledger.ClaimAsync(node, epoch);

    void MoveTo(double second) => ledger.MoveTo(second);

    Task<AuditReport> AuditAsync() => ledger.AuditAsync();

    Task ChangeAsync(string sql) => ledger.ChangeAsync(sql);
}
