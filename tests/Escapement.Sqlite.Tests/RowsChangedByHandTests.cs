using System.Globalization;
using Escapement.Jobs;
using Escapement.Planted;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite.Tests;

/// <summary>
/// Tests with manual changes to every column of every table, a single value at a time.
/// The remaining jobs continue, and everything can still be read.
/// </summary>
public sealed class RowsChangedByHandTests
{
    static readonly CancellationToken None = CancellationToken.None;
    static readonly DateTimeOffset Start = GoingOn.Start;

    static readonly string[] Values =
    [
        "null", "'no JSON {'", "''", "'line' || char(10) || 'two'", "-9223372036854775808", "9223372036854775807", "-1", "99", "1.5",
        "x'00ff'",
    ];

    // Columns that concern the whole store: its owner, its shutdown, and its pause.
    static readonly HashSet<(string, string)> OfAll = [("state", "application"), ("state", "shut_down"), ("state", "one"),
        ("pause", "scope"), ("pause", "name"), ("pause", "ended")];

    static readonly (string Table, string Row)[] Rows =
    [
        ("state", "1"), ("job", "id = 'bad'"), ("job", "id = 'paused'"), ("definition", "job = 2"), ("action", "job = 2"),
        ("pause", "name = 'paused'"), ("due", "job = 2"), ("waiting", "job = 2"),
        ("running", "job = 2"), ("key", "job = 2"), ("run", "job = 2"), ("attempt", "job = 2"), ("run_args", "job = 2"),
        ("entry", "job = 2"), ("epoch", "number = 1"), ("epoch", "number = 2"), ("node", "id = 'a'"), ("mark", "1"),
    ];

    public static TheoryData<string, string> Tables
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (var (table, row) in Rows) data.Add(table, row);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task A_value_that_was_changed_by_hand_harms_its_own_job_alone(string table, string row)
    {
        await using var folder = new StoreFolder();
        await PrepareAsync(folder);
        var template = Path.Combine(folder.Folder, "template.db");
        using (var connection = Open(folder.Path))
        {
            using var copy = new SqliteCommand($"vacuum into '{template}'", connection);
            copy.ExecuteNonQuery();
        }

        List<string> tried = [];
        var copies = 0;
        foreach (var column in Columns(template, table))
        {
            if (OfAll.Contains((table, column))) continue;
            foreach (var value in Values)
            {
                var path = Path.Combine(folder.Folder, string.Create(CultureInfo.InvariantCulture, $"{copies++}.db"));
                File.Copy(template, path);
                var change = $"update {table} set \"{column}\" = {value} where {row}";

                // A value that the schema rejects cannot occur.
                using (var connection = Open(path))
                    if (!TryExecute(connection, change)) continue;
                tried.Add(change);
                try
                {
                    await GoesOnAsync(folder, path);
                }
                catch (Exception e)
                {
                    Assert.Fail($"{change}: {e}");
                }
            }
        }

        Assert.NotEmpty(tried);
    }

    [Theory]
    [InlineData("insert into due values ('default', 0, 1, 99, null, 0, null)")]
    [InlineData("insert into waiting(fire_time, job, number, executor, priority, due, attempt) values (1, 99, 1, 'default', 0, 1, 1)")]
    [InlineData("insert into running(job, fire_time, number, epoch, claim, token, attempt, claimed_at) values (99, 1, 0, 1, 0, 1, 1, 1)")]
    [InlineData("insert into run(fire_time, job, number, attempt, finished_at, outcome) values (1, 99, 0, 1, 1, 1)")]
    [InlineData("insert into due select executor, priority, at + 10000000, job, last_fire, change, entry_last from due where job = 2")]
    [InlineData("insert into due select executor, priority, at - 1, job, last_fire, change, entry_last from due where job = 2")]
    [InlineData("delete from job where id = 'bad'")]
    [InlineData("delete from definition")]
    [InlineData("delete from epoch")]
    [InlineData("delete from node")]
    [InlineData("insert into epoch select 9223372036854775807, node, pid, host, started_at, life_lock, begun, with_lock, lease, beat, last_sign, null, null, null, null, 0, 0, 0 from epoch where number = 1")]
    public async Task A_row_too_many_or_too_few_harms_nobody(string change)
    {
        await using var folder = new StoreFolder();
        await PrepareAsync(folder);
        using (var connection = Open(folder.Path)) Execute(connection, change);

        await GoesOnAsync(folder, folder.Path);
    }

    [Theory]
    [InlineData("definitions")]
    [InlineData("enqueued")]
    public async Task A_count_at_its_limit_refuses_the_change_with_a_sentence(string count)
    {
        await using var folder = new StoreFolder();
        await PrepareAsync(folder);
        var store = await folder.OpenAsync();
        using (var connection = Open(folder.Path)) Execute(connection, $"update state set {count} = 4611686018427387904");

        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => count == "enqueued"
            ? store.EnqueueAsync([new() { Job = JobId.Parse("good") }], None)
            : store.ChangeAsync(new() { Jobs = [JobEdits.Pause(JobId.Parse("good"))] }, None));
        Assert.Contains("at its limit", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_without_its_state_says_which_table_is_damaged_and_is_mended_by_a_restart()
    {
        await using var folder = new StoreFolder();
        await PrepareAsync(folder);
        var store = await folder.OpenAsync();
        using (var connection = Open(folder.Path)) Execute(connection, "delete from state");

        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.LookAsync(Sign.None, None));
        Assert.Contains("its table state has no row", fault.Message, StringComparison.Ordinal);

        await GoesOnAsync(folder, folder.Path);
    }

    static async Task PrepareAsync(StoreFolder folder)
    {
        ManualClock clock = new(Start);
        await using var store = await folder.OpenAsync(clock);
        await GoingOn.PrepareAsync(store, clock);
        using var connection = Open(folder.Path);
        Execute(connection, GoingOn.AddArguments);
    }

    static async Task GoesOnAsync(StoreFolder folder, string path)
    {
        ManualClock clock = new(Start.AddMinutes(1));
        await using var store = await folder.OpenAsync(clock, path: path);
        await GoingOn.AssertAsync(store, clock);
    }

    static List<string> Columns(string path, string table)
    {
        using var connection = Open(path);
        using var command = new SqliteCommand($"select name from pragma_table_info('{table}')", connection);
        using var reader = command.ExecuteReader();
        List<string> columns = [];
        while (reader.Read()) columns.Add(reader.GetString(0));
        return columns;
    }

    static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    static void Execute(SqliteConnection connection, string sql)
    {
        using var command = new SqliteCommand(sql, connection);
        Assert.NotEqual(0, command.ExecuteNonQuery());
    }

    static bool TryExecute(SqliteConnection connection, string sql)
    {
        try
        {
            using var command = new SqliteCommand(sql, connection);
            Assert.NotEqual(0, command.ExecuteNonQuery());
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }
}
