using System.Globalization;
using System.Text.RegularExpressions;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Planted;

/// <summary>Tests with rows of a job whose row in <c>job</c> was deleted. Audit names the rows.</summary>
public abstract class MissingJobsContract<TLedger> : IAsyncDisposable
    where TLedger : PlantedLedger, new()
{
    static readonly CancellationToken None = CancellationToken.None;

    readonly TLedger ledger = new();

    public async ValueTask DisposeAsync()
    {
        await ledger.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The column and the value that name a row of <c>due</c>, such as <c>at {180}</c>.</summary>
    protected abstract string DueRow { get; }

    [Fact]
    public async Task A_deleted_job_is_named_once_with_its_rows_in_all_tables()
    {
        await PrepareAsync();
        Assert.Empty((await ledger.AuditAsync()).Imbalances);

        await ledger.ChangeAsync("delete from job where id = 'j'");

        var audit = await ledger.AuditAsync();
        Assert.Equal(
            ($"action.job, definition.job, due.job, entry.job, run.job = 1 (action number 1, definition version 1, due {DueRow}, entry first {{30}}, run fire_time {{0}})",
                true, false),
            (Assert.Single(Values(audit)), audit.Imbalances[0].FireTime <= PlantedLedger.Start, audit.Account.Balanced));
    }

    [Theory]
    [InlineData("action", "action.job = 1 (action number 1)")]
    [InlineData("definition", "definition.job = 1 (definition version 1)")]
    [InlineData("due", "due.job = 1 (due {due})")]
    [InlineData("entry", "entry.job = 1 (entry first {30})")]
    [InlineData("run", "run.job = 1 (run fire_time {0})")]
    public async Task A_table_with_rows_of_a_deleted_job_is_named(string table, string value)
    {
        await PrepareAsync();
        await ledger.ChangeAsync("delete from job where id = 'j'");
        foreach (var other in (string[])["action", "definition", "due", "entry", "run"])
            if (other != table) await ledger.ChangeAsync($"delete from {other} where job = 1");

        var audit = await ledger.AuditAsync();

        Assert.Equal(value.Replace("{due}", DueRow, StringComparison.Ordinal), Assert.Single(Values(audit)));
    }

    [Theory]
    [InlineData("insert into running(job, fire_time, number, epoch, claim, token, attempt, claimed_at) values (77, {160}, 0, 2, 1, 1, 1, {160})",
        "running.job = 77 (running fire_time {160})")]
    public Task An_open_run_of_no_job_is_named(string change, string value) => NamedAsync(change, value);

    protected async Task NamedAsync(string change, string value)
    {
        await PrepareAsync();
        await ledger.ChangeAsync(change);
        Assert.Equal(value, Assert.Single(Values(await ledger.AuditAsync())));
    }

    [Fact]
    public async Task The_account_of_another_job_does_not_change()
    {
        await PrepareAsync();
        await ledger.ChangeAsync("delete from job where id = 'k'");
        Assert.Equal((true, 0), await ledger.WhyAsync() is var why ? (why.Account.Balanced, why.Imbalances.Count) : default);
    }

    [Fact]
    public async Task A_job_that_the_retention_deleted_leaves_no_rows()
    {
        await ledger.PrepareAsync();
        await ledger.Store.ChangeAsync(new() { Jobs = [PlantedLedger.Adding("once", new DateTrigger(PlantedLedger.Start.AddSeconds(170), ZoneClock.Utc))] }, None);
        ledger.MoveTo(170);
        Assert.Contains((await ledger.ClaimAsync("b", 2)).Runs, run => run.Job.Id.Value == "once");
        await ledger.ChangeAsync("delete from running");
        ledger.MoveTo(400);

        // The first time, the count of the running runs is corrected. The tombstone is deleted the next time.
        for (var hour = 0; hour < 2; hour++)
        {
            while (await ledger.Store.TrimAsync(PlantedLedger.Start.AddSeconds(300), None))
            {
            }
        }

        Assert.DoesNotContain((await ledger.Store.JobsAsync(new() { Ended = true }, None)).Jobs, job => job.Job.Id == JobId.Parse("once"));
        Assert.Empty(Values(await ledger.AuditAsync()));
    }

    /// <summary>Fills the ledger with the job "j", and adds a job "k".</summary>
    async Task PrepareAsync()
    {
        await ledger.PrepareAsync();
        await ledger.Store.ChangeAsync(new() { Jobs = [PlantedLedger.Adding("k", new IntervalTrigger(TimeSpan.FromSeconds(10), PlantedLedger.Start.AddSeconds(900), ZoneClock.Utc))] }, None);
    }

    /// <summary>Returns the values without a job, with the seconds after the start in place of instants.</summary>
    static List<string> Values(AuditReport audit) =>
    [
        .. audit.Imbalances.Select(found => found.Sentence).Where(sentence => sentence.EndsWith("which no process writes. Allowed: job.number", StringComparison.Ordinal))
            .Select(sentence => Regex.Replace(sentence["The store has the value ".Length..sentence.IndexOf(", which", StringComparison.Ordinal)], @"\d{16}",
                found => $"{{{(Instant.FromMicros(long.Parse(found.Value, CultureInfo.InvariantCulture)) - PlantedLedger.Start).TotalSeconds}}}")),
    ];
}
