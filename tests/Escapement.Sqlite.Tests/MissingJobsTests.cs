using Escapement.Planted;

namespace Escapement.Sqlite.Tests;

public sealed class MissingJobsTests : MissingJobsContract<SqlitePlantedLedger>
{
    protected override string DueRow => "at {180}";

    [Theory]
    [InlineData("insert into waiting(fire_time, job, number, executor, priority, due, attempt) values ({160}, 77, 1, 'default', 0, {160}, 1)",
        "waiting.job = 77 (waiting fire_time {160})")]
    public Task A_waiting_run_of_no_job_is_named(string change, string value) => NamedAsync(change, value);
}
