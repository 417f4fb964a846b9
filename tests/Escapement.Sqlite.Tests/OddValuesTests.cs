using Escapement.Planted;

namespace Escapement.Sqlite.Tests;

public sealed class OddValuesTests : OddValuesContract<SqlitePlantedLedger>
{
    [Theory]
    [InlineData("update due set at = 0", "due.at = 0 (job 1)", "{120} – {Year9999}")]
    [InlineData("update due set at = {Max}", "due.at = {Max} (job 1)", "{120} – {Year9999}")]
    [InlineData("update due set at = -1", "due.at = -1 (job 1)", "{120} – {Year9999}")]
    [InlineData("delete from due", "due.at = null (job 1)", "{120} – {Year9999}")]
    [InlineData("update epoch set ended = null where number = 1", "epoch.ended = null (number 1)", "{0} – {86565}")]
    [InlineData("update epoch set ended = null, how = null, ended_by = null where number = 1", "epoch.ended = null (number 1)", "{0} – {86565}")]
    public Task A_value_of_a_file_that_no_process_writes_is_named(string change, string value, string allowed) =>
        NamedAsync(change, value, allowed);

    [Theory]
    [InlineData("insert into waiting(fire_time, job, number, executor, priority, due, attempt, cause) values ({170}, 1, 1, 'default', 0, {170}, 1, 9)",
        "waiting.cause = 9 (job 1, fire_time {170}, number 1)", "0 – 2")]
    public Task A_value_of_a_waiting_run_that_no_process_writes_is_named(string change, string value, string allowed) =>
        OpenRunNamedAsync(change, value, allowed);
}
