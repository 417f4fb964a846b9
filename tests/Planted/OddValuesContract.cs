using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Rules;
using Escapement.Triggers;

namespace Escapement.Planted;

/// <summary>Tests with values in rows of the ledger that no process writes. Audit and why name each value, and their account
/// does not use the value.</summary>
public abstract class OddValuesContract<TLedger> : IAsyncDisposable
    where TLedger : PlantedLedger, new()
{
    const string Max = "9223372036854775807", Year9999 = "253402300799999999 (9999-12-31T23:59:59Z)", Account = "14 due = 9 ran + 0 running + 2 skipped + 3 missed.";

    static readonly CancellationToken None = CancellationToken.None;

    readonly TLedger ledger = new();

    protected TLedger Ledger => ledger;

    public async ValueTask DisposeAsync()
    {
        await ledger.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("update state set complete_since = {Max}", "state.complete_since = {Max} (1)", "… – {165}")]
    [InlineData("update state set complete_since = {170}", "state.complete_since = {170} (1)", "… – {165}")]
    [InlineData("update state set paused_from = {20}, paused_to = {Max}, paused_action = 7",
        "state.paused_from, state.paused_to = {20}, {Max} (1)", "null, null; pause.at, pause.ended (scope 0)")]
    [InlineData("update state set paused_from = {20}", "state.paused_from, state.paused_to = {20}, null (1)",
        "null, null; pause.at, pause.ended (scope 0)")]
    [InlineData("update job set trimmed = {Max}", "job.trimmed = {Max} (1)", "… – {165}")]
    [InlineData("update job set marked_at = {Max}", "job.marked_at = {Max} (1)", "… – {86565}")]
    [InlineData("update epoch set ended = {Max} where number = 1", "epoch.ended = {Max} (number 1)", "{0} – {86565}")]
    [InlineData("update epoch set begun = {45}, last_sign = {46} where number = 1; update run set claimed_at = {45} where epoch = 1",
        "epoch.ended = {22} (number 1)", "{45} – {86565}")]
    [InlineData("update epoch set last_sign = {Max} where number = 2", "epoch.last_sign = {Max} (number 2)", "… – {86565}")]
    [InlineData("update epoch set pid = {Max} where number = 1", "epoch.pid = {Max} (number 1)", "0 – 2147483647")]
    [InlineData("update epoch set pid = -5 where number = 1", "epoch.pid = -5 (number 1)", "0 – 2147483647")]
    [InlineData("update epoch set lease = -5 where number = 1", "epoch.lease = -5 (number 1)", "null, 0 – 316224000000000")]
    [InlineData("update action set definition_after = 'garbage {' where number = 1", "action.definition_after = garbage { (number 1)", "null, {…}")]
    [InlineData("update action set definition_before = '[1]' where definition_before is not null", "action.definition_before = [1] (number 3)",
        "null, {…}")]
    [InlineData("update due set change = {Max}", "due.change = {Max} (job 1)", "0 – 4611686018427387903")]
    [InlineData("update due set last_fire = {Max}", "due.last_fire = {Max} (job 1)", "null, … – {Year9999}")]
    [InlineData("update action set at = {Max} where number = 1", "action.at = {Max} (number 1)", "… – {86565}")]
    [InlineData("update action set moved_to = {Max} where number = 1", "action.moved_to = {Max} (number 1)", "… – {Year9999}")]
    [InlineData("insert into mark(kind, from_at, to_at, epoch) values (1, 0, {Max}, 1)", "mark.to_at = {Max} (number 1)", "… – {Year9999}")]
    [InlineData("insert into pause(scope, name, at, ended) values (1, 'j', {10}, {12})", "pause.action = null (scope 1, name 'j')", "action.number")]
    [InlineData("insert into pause(scope, name, at, ended, action) values (1, 'j', {10}, {Max}, 1)", "pause.ended = {Max} (scope 1, name 'j')", "… – {86565}")]
    [InlineData("insert into pause(scope, name, at, ended, action) values (1, 'j', {12}, {10}, 1)", "pause.ended = {10} (scope 1, name 'j')", "{12} – {86565}")]
    [InlineData("insert into pause(scope, name, at, ended, action, failures) values (1, 'j', {11}, {12}, 1, -3)", "pause.failures = -3 (scope 1, name 'j')",
        "null, 1 – 2147483647")]
    [InlineData("insert into pause(scope, name, at, until, ended, action) values (1, 'j', {11}, {Max}, {12}, 1)", "pause.until = {Max} (scope 1, name 'j')",
        "… – {Year9999}")]
    [InlineData("insert into pause(scope, name, at, ended, action) values (9, 'j', {11}, {12}, 1)", "pause.scope = 9 (name 'j', at {11})", "0 – 3")]
    [InlineData("update job set failures = -1", "job.failures = -1 (1)", "0 – 2147483647")]
    [InlineData("update run set outcome = 99 where fire_time = {10}", "run.outcome = 99 (job 1, fire_time {10}, number 0)", "1 – 6")]
    [InlineData("update run set outcome = 0 where fire_time = {10}", "run.outcome = 0 (job 1, fire_time {10}, number 0)", "1 – 6")]
    [InlineData("update run set cause = 7 where fire_time = {10}", "run.cause = 7 (job 1, fire_time {10}, number 0)", "0 – 2")]
    [InlineData("update run set outcome = 2, reason = 999 where fire_time = {10}", "run.reason = 999 (job 1, fire_time {10}, number 0)",
        "null, 1 – 6, 8 – 13, 101 – 116")]
    [InlineData("update run set outcome = 2, attempt = -1 where fire_time = {10}", "run.attempt = -1 (job 1, fire_time {10}, number 0)", "0 – 2147483647")]
    [InlineData("update run set outcome = 2, finished_at = {7} where fire_time = {10}", "run.finished_at = {7} (job 1, fire_time {10}, number 0)", "{10} – {86565}")]
    [InlineData("update run set outcome = 2, started_at = {Max} where fire_time = {10}", "run.started_at = {Max} (job 1, fire_time {10}, number 0)", "null, … – {86565}")]
    [InlineData("update action set kind = 77 where number = 2", "action.kind = 77 (number 2)", "1 – 13, 20 – 25")]
    [InlineData("insert into mark(kind, from_at, to_at, epoch) values (9, {10}, {12}, 1)", "mark.kind = 9 (number 1)", "1 – 2")]
    [InlineData("insert into mark(kind, from_at, to_at, epoch) values (2, {12}, {10}, 1)", "mark.to_at = {10} (number 1)", "{12} – {Year9999}")]
    [InlineData("update epoch set how = 50 where number = 1", "epoch.how = 50 (number 1)", "null, 1 – 5")]
    public Task A_value_that_no_process_writes_is_named_and_not_believed(string change, string value, string allowed) =>
        NamedAsync(change, value, allowed);

    /// <summary>Asserts that audit and why name a value, and that the account does not use the value.</summary>
    protected async Task NamedAsync(string change, string value, string allowed)
    {
        await ledger.PrepareAsync();
        await ledger.ChangeAsync(change.Replace("{Max}", Max, StringComparison.Ordinal));

        var audit = await ledger.AuditAsync();

        var named = Assert.Single(audit.Imbalances);
        Assert.Equal($"The store has the value {Filled(value, isRange: false)}, which no process writes. Allowed: {Filled(allowed, isRange: true)}", named.Sentence);
        Assert.Equal((false, Account + " Not balanced."), (audit.Account.Balanced, audit.Account.Sentence));
        Assert.Equal(audit.Imbalances, (await ledger.WhyAsync()).Imbalances);
    }

    [Fact]
    public async Task The_end_of_an_entry_that_no_process_writes_leaves_the_beginning_alone()
    {
        await ledger.PrepareAsync();
        await ledger.ChangeAsync($"update entry set last = {Max} where first = {{30}}");

        var sentences = (await ledger.AuditAsync()).Imbalances.Select(found => found.Sentence).ToList();

        Assert.Equal(3, sentences.Count);
        Assert.Contains("00:00:40 has no run and no record that explains why.", sentences);
        Assert.Contains("00:00:50 has no run and no record that explains why.", sentences);
        Assert.Contains(sentences, sentence => sentence.StartsWith($"The store has the value entry.last = {Max}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_entry_with_an_unknown_reason_explains_nothing()
    {
        await ledger.PrepareAsync();
        await ledger.ChangeAsync("update entry set reason = 117 where first = {30}");

        var sentences = (await ledger.AuditAsync()).Imbalances.Select(found => found.Sentence).ToList();

        Assert.Contains("The store has the value entry.reason = 117 (job 1, first 1893456030000000), which no process writes. Allowed: 1 – 6, 8 – 13, 101 – 116", sentences);
        Assert.Contains("00:00:30 has no run and no record that explains why.", sentences);
    }

    [Theory]
    [InlineData("update running set attempt = -1", "running.attempt = -1 (job 1, fire_time {180}, number 0)", "1 – 2147483647")]
    [InlineData("update running set cause = 9", "running.cause = 9 (job 1, fire_time {180}, number 0)", "0 – 2")]
    public Task A_value_of_an_open_run_that_no_process_writes_is_named(string change, string value, string allowed) =>
        OpenRunNamedAsync(change, value, allowed);

    protected async Task OpenRunNamedAsync(string change, string value, string allowed)
    {
        await ledger.PrepareAsync();
        ledger.MoveTo(180);
        Assert.Single((await ledger.ClaimAsync("b", 2)).Runs);
        await ledger.ChangeAsync(change);

        Assert.Equal([$"The store has the value {Filled(value, isRange: false)}, which no process writes. Allowed: {allowed}"],
            (await ledger.AuditAsync()).Imbalances.Select(found => found.Sentence));
    }

    [Fact]
    public async Task The_end_of_a_pause_may_lie_before_its_beginning_after_the_clock_was_set_back()
    {
        await ledger.PrepareAsync();
        await ledger.Store.ChangeAsync(new() { Jobs = [JobEdits.Pause(JobId.Parse("j"))] }, None);
        ledger.MoveTo(100);
        await ledger.Store.ChangeAsync(new() { Jobs = [JobEdits.Resume(JobId.Parse("j"))] }, None);
        ledger.MoveTo(170);

        Assert.DoesNotContain((await ledger.AuditAsync()).Imbalances, found => found.Sentence.Contains("pause.ended", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("update due set {watermark} = 0 where job = 1", "has the value 0 in the column {watermark} for job number 1. Allowed: ")]
    [InlineData("update due set {watermark} = 9223372036854775807 where job = 1",
        "has the value 9223372036854775807 in the column {watermark} for job number 1. Allowed: ")]
    [InlineData("delete from due where job = 1", "has no row of job number 1. ")]
    public async Task A_job_whose_place_in_due_was_changed_by_hand_is_set_aside_and_others_go_on(string change, string error)
    {
        await ledger.PrepareAsync();
        var store = ledger.Store;
        await store.ChangeAsync(new() { Jobs = [PlantedLedger.Adding("k", new IntervalTrigger(TimeSpan.FromSeconds(5), PlantedLedger.Start, ZoneClock.Utc))] }, None);
        var before = await RowsAsync();
        await ledger.ChangeAsync(change);
        error = error.Replace("{watermark}", ledger.Watermark, StringComparison.Ordinal);

        // What a process does once an hour.
        await store.TrimAsync(PlantedLedger.Start.AddDays(-1), None);
        ledger.MoveTo(180);
        var claimed = await ledger.ClaimAsync("b", 2);

        Assert.Equal(["k"], claimed.Runs.Select(run => run.Job.Id.Value));
        if (claimed.SetAside.Count > 0) Assert.Contains(error, Assert.Single(claimed.SetAside).Why, StringComparison.Ordinal);
        var job = Assert.Single((await store.JobsAsync(new() { Id = JobId.Parse("j") }, None)).Jobs);
        Assert.Contains(error, job.Job.Error, StringComparison.Ordinal);
        Assert.Null(job.ShownNext);
        foreach (var edit in (JobEdit[])[JobEdits.Pause(JobId.Parse("j")), JobEdits.SkipNext(JobId.Parse("j")),
            JobEdits.Change(JobId.Parse("j"), stored => stored, PlantedLedger.Start.AddSeconds(200))])
        {
            var refused = await Assert.ThrowsAsync<FormatException>(() => store.ChangeAsync(new() { Jobs = [edit] }, None));
            Assert.Equal(job.Job.Error, refused.Message);
        }

        Assert.Equal(before, await RowsAsync());

        async Task<(int, int)> RowsAsync() => await store.LedgerAsync(new() { Job = JobId.Parse("j") }, None) is var part
            ? (part.Entries.Count, part.Actions.Count)
            : default;
    }

    [Theory]
    [InlineData("update due set {watermark} = 0")]
    [InlineData("update due set {watermark} = 9223372036854775807")]
    [InlineData("delete from due")]
    public async Task A_replaced_job_fires_again_and_nothing_twice(string change)
    {
        await ledger.PrepareAsync();
        await ledger.ChangeAsync(change);
        await ledger.Store.ChangeAsync(new()
        {
            Jobs =
            [
                JobEdits.Remove(JobId.Parse("j")),
                PlantedLedger.Adding("j", new IntervalTrigger(TimeSpan.FromSeconds(20), PlantedLedger.Start, ZoneClock.Utc)),
                JobEdits.Change(JobId.Parse("j"), job => job with { Options = new() { MisfireGrace = MisfireGrace.Unlimited, Coalesce = false, MaxInstances = null } },
                    PlantedLedger.Start.AddSeconds(100)),
            ],
        }, None);

        ledger.MoveTo(181);
        List<double> ran = [];
        while (await ledger.ClaimAsync("b", 2) is { Runs: [_, ..] runs })
            ran.AddRange(runs.Select(run => (run.FireTime - PlantedLedger.Start).TotalSeconds));

        Assert.Equal([180], ran);
        Assert.Empty((await ledger.AuditAsync()).Imbalances);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_leaves_later_instants_that_a_process_wrote()
    {
        await ledger.PrepareAsync();
        await ledger.Store.ChangeAsync(new()
        {
            Marks = [new() { Kind = MarkKind.ClockJump, From = PlantedLedger.Start.AddSeconds(165), To = PlantedLedger.Start.AddDays(4), Epoch = 2 }],
        }, None);
        await ledger.ChangeAsync("update job set marked_at = {300000}");

        Assert.Empty((await ledger.AuditAsync()).Imbalances);
    }

    /// <summary>Fills in the microseconds of an instant, with the date in a range of allowed values.</summary>
    protected static string Filled(string text, bool isRange)
    {
        text = text.Replace("{Max}", Max, StringComparison.Ordinal).Replace("{Year9999}", Year9999, StringComparison.Ordinal)
            .Replace("… – ", "-62135596800000000 (0001-01-01T00:00:00Z) – ", StringComparison.Ordinal);
        return PlantedLedger.Second().Replace(text, found => PlantedLedger.Micros(found) is var micros && isRange
            ? RowChecks.Shown(micros)
            : RowChecks.Number(micros));
    }
}
