using Escapement.Planted;

namespace Escapement.PostgreSql.Tests;

public sealed class PlantedDefectsTests : PlantedDefectsContract<PostgreSqlPlantedLedger>;

public sealed class MissingJobsTests : MissingJobsContract<PostgreSqlPlantedLedger>
{
    protected override string DueRow => "job 1";

    [Theory]
    [InlineData("insert into waiting(fire_time, job, number, queue, share, due, attempt) values ({160}, 77, 1, 1, 1, {160}, 1)",
        "waiting.job = 77 (waiting fire_time {160})")]
    public Task A_waiting_run_of_no_job_is_named(string change, string value) => NamedAsync(change, value);
}

public sealed class OddValuesTests : OddValuesContract<PostgreSqlPlantedLedger>
{
    [Theory]
    [InlineData("update due set next = 0", "due.next = 0 (job 1)", "{120} – {Year9999}")]
    [InlineData("update due set next = {Max}", "due.next = {Max} (job 1)", "{120} – {Year9999}")]
    [InlineData("update due set next = null", "due.next = null (job 1)", "{120} – {Year9999}")]
    [InlineData("delete from due", "due.job = null (job 1)", "1")]
    [InlineData("update due set at = null", "due.at = null (job 1)", "{180}")]
    [InlineData("update due set at = {Max}", "due.at = {Max} (job 1)", "{180}")]
    [InlineData("update due set running = -3", "due.running = -3 (job 1)", "0")]
    [InlineData("update due set running = {Max}", "due.running = {Max} (job 1)", "0")]
    [InlineData("update due set blocked = 2", "due.blocked = 2 (job 1)", "0")]
    [InlineData("update due set share = 77", "due.share = 77 (job 1)", "1")]
    [InlineData("update due set queue = 77", "due.queue = 77 (job 1)", "queue.number (executor 'default', priority 0)")]
    [InlineData("delete from queue", "due.queue = 1 (job 1)", "queue.number (executor 'default', priority 0)")]
    [InlineData("update due set change = 1", "due.change = 1 (job 1)", "10 – 4611686018427387903")]
    [InlineData("update epoch set claims = -1 where number = 1", "epoch.claims = -1 (number 1)", "0 – 9007199254740992")]
    [InlineData("update epoch set beat = {Max} where number = 1", "epoch.beat = {Max} (number 1)", "0 – 9007199254740992")]
    public Task A_value_of_a_schema_that_no_process_writes_is_named(string change, string value, string allowed) =>
        NamedAsync(change, value, allowed);

    [Theory]
    [InlineData("insert into waiting(fire_time, job, number, queue, share, due, attempt, cause) values ({170}, 1, 1, 1, 1, {170}, 1, 9)",
        "waiting.cause = 9 (job 1, fire_time {170}, number 1)", "0 – 2")]
    public Task A_value_of_a_waiting_run_that_no_process_writes_is_named(string change, string value, string allowed) =>
        OpenRunNamedAsync(change, value, allowed);
}
