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
