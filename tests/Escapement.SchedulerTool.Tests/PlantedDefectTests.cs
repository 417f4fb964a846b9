using System.Text.Json;
using Escapement.Cli.Tests;
using Microsoft.Data.Sqlite;

namespace Escapement.SchedulerTool.Tests;

/// <summary>A row of the ledger is changed by hand. <c>audit</c> exits 1 and names a fire time.</summary>
public sealed class PlantedDefectTests(WrittenLedger written) : IClassFixture<WrittenLedger>
{
    const string Report = "(select number from job where id = 'report')";

    static readonly long Nine = Micros(9, 0);

    public static TheoryData<string, string, string> Defects => new()
    {
        { "a run is deleted", $"delete from run where job = {Report} and fire_time = {Micros(8, 30)}", "2025-03-03T08:30:00+00:00" },
        { "the first run is deleted", $"delete from run where job = {Report} and fire_time = (select min(fire_time) from run where job = {Report})", "2025-03-03T08:" },
        { "an entry is deleted", $"delete from entry where job = {Report} and first = {Nine}", "2025-03-03T09:00:00+00:00" },
        { "an entry is cut at its end", $"update entry set last = {Micros(9, 5)} where job = {Report} and first = {Nine}", "2025-03-03T09:10:00+00:00" },
        { "an entry is cut at its beginning", $"update entry set first = {Micros(9, 5)} where job = {Report} and first = {Nine}", "2025-03-03T09:00:00+00:00" },
        { "the end of a definition is moved back", $"update definition set accounts_to = {Micros(8, 15)} where job = {Report} and accounts_to is not null", "2025-03-03T08:15:00+00:00" },
        { "the beginning of a definition is moved on", $"update definition set accounts_from = {Micros(11, 20)} where job = {Report} and accounts_to is null", "2025-03-03T1" },
        { "the end of an epoch is moved back", $"update epoch set ended = {Micros(8, 20)} where number = 1", "2025-03-03T08:" },
        { "the end of an epoch is moved on", $"update epoch set ended = {Micros(9, 6)} where number = 1", "2025-03-03T09:" },
    };

    [Theory, MemberData(nameof(Defects))]
    public async Task A_defect_is_found_and_its_fire_time_is_named(string what, string sql, string named)
    {
        var folder = Directory.CreateTempSubdirectory("escapement-defect-");
        try
        {
            var store = Path.Combine(folder.FullName, "escapement.db");
            Copy(store);
            string[] command = ["audit", .. WrittenLedger.Span, "--store", store];
            Assert.Equal(0, (await Tool.Run(command)).ExitCode);
            Change(store, sql);
            var (exitCode, output, error) = await Tool.Run(command);
            var imbalances = output.Split('\n').Where(line => line.StartsWith("imbalance\t", StringComparison.Ordinal)).ToList();
            Assert.True(exitCode == 1 && imbalances.Exists(line => line.Split('\t')[1].StartsWith(named, StringComparison.Ordinal)),
                $"{what}: exit code {exitCode}, {error}{output}");
            Assert.Contains("unbalanced", output, StringComparison.Ordinal);
            using var json = JsonDocument.Parse((await Tool.Run([.. command, "--json"])).Output);
            Assert.False(json.RootElement.GetProperty("account").GetProperty("balanced").GetBoolean());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("update state set complete_since = 9223372036854775807", "state.complete_since = 9223372036854775807 (1)")]
    [InlineData("update state set paused_from = 1, paused_to = 9223372036854775807", "state.paused_from, state.paused_to = 1, 9223372036854775807 (1)")]
    [InlineData("update epoch set ended = 9223372036854775807 where number = 1", "epoch.ended = 9223372036854775807 (number 1)")]
    [InlineData("update epoch set ended = begun - 1 where number = 1", "epoch.ended = 1740988799999999 (number 1)")]
    [InlineData("update epoch set pid = 9223372036854775807 where number = 1", "epoch.pid = 9223372036854775807 (number 1)")]
    [InlineData("update due set at = 0", "due.at = 0 (job 1)")]
    [InlineData("update due set at = 9223372036854775807", "due.at = 9223372036854775807 (job 1)")]
    [InlineData("delete from due", "due.at = null (job 1)")]
    [InlineData("update action set definition_after = 'garbage {' where definition_after is not null", "action.definition_after = garbage { (number 1)")]
    public async Task A_value_that_no_process_writes_is_named_and_not_believed(string sql, string value)
    {
        await OverCopyAsync(sql, async (store, command) =>
        {
            var (exitCode, output, error) = await Tool.Run([.. command, "--store", store]);
            Assert.True(exitCode == 1, $"exit code {exitCode}, {error}{output}");
            Assert.Contains($"The store has the value {value}, which no process writes. Allowed: ", output, StringComparison.Ordinal);
            Assert.Contains("518 due = 484 ran + 0 running + 31 skipped + 3 missed. Not balanced.", output, StringComparison.Ordinal);
            Assert.Contains("epoch\t2025-03-03T08:00:00+00:00\t2025-03-03T08:", output, StringComparison.Ordinal);
            Assert.DoesNotContain("9999-", output.Replace("(9999-12-31T23:59:59Z)", "", StringComparison.Ordinal), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_deleted_job_is_named_with_its_rows()
    {
        await OverCopyAsync("delete from job where id = 'report'", async (store, command) =>
        {
            var (exitCode, output, error) = await Tool.Run([.. command, "--store", store]);
            Assert.True(exitCode == 1, $"exit code {exitCode}, {error}{output}");
            Assert.Contains("The store has the value action.job, definition.job, due.job, entry.job, run.job = 1 (action number 1, definition version 1, due at ",
                output, StringComparison.Ordinal);
            Assert.Equal(5, (await Tool.Run(["why", "report", .. WrittenLedger.Span, "--store", store])).ExitCode);
            Assert.Equal(0, (await Tool.Run(["why", "tick", .. WrittenLedger.Span, "--store", store])).ExitCode);
        });
    }

    [Theory]
    [InlineData("update due set at = 0", "The table due has the value 0 in the column at for job number 1. Allowed: ")]
    [InlineData("update due set at = 9223372036854775807", "The table due has the value 9223372036854775807 in the column at for job number 1. Allowed: ")]
    [InlineData("delete from due", "The table due has no row of job number 1. ")]
    public async Task A_job_whose_next_fire_time_was_changed_by_hand_is_shown_and_refused_with_the_error(string sql, string error)
    {
        await OverCopyAsync(sql + $" where job = {Report}", async (store, _) =>
        {
            var lines = (await Tool.Run(["jobs", "--store", store])).Output.Split('\n');
            Assert.Contains(lines, line => line.StartsWith($"report\t\t\terror\t{error}", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.StartsWith("tick\ttick\t2025-03-03T12:00:30+00:00\tscheduled", StringComparison.Ordinal));
            foreach (var command in (string[])["pause", "skip", "run"])
            {
                var refused = await Tool.Run([command, "report", "--store", store]);
                Assert.True(refused.ExitCode == 2 && refused.Error.Contains(error, StringComparison.Ordinal), $"{command}: {refused.ExitCode} {refused.Error}");
            }
        });
    }

    /// <summary>Changes a copy of the store, and calls the audit of the morning.</summary>
    async Task OverCopyAsync(string sql, Func<string, string[], Task> act)
    {
        var folder = Directory.CreateTempSubdirectory("escapement-defect-");
        try
        {
            var store = Path.Combine(folder.FullName, "escapement.db");
            Copy(store);
            Change(store, sql);
            await act(store, ["audit", .. WrittenLedger.Span]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Copies the store with the changes that are in its log only.</summary>
    void Copy(string to)
    {
        using SqliteConnection from = new($"Data Source={written.Store};Pooling=False");
        using SqliteConnection copy = new($"Data Source={to};Pooling=False");
        from.Open();
        copy.Open();
        from.BackupDatabase(copy);
    }

    static void Change(string store, string sql)
    {
        using SqliteConnection connection = new($"Data Source={store};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0, sql);
    }

    static long Micros(int hour, int minute) =>
        new DateTimeOffset(2025, 3, 3, hour, minute, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1_000;
}
