using System.Collections.Concurrent;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Escapement.Triggers;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>The hourly comparison of the table <c>due</c> with the other rows corrects values that follow from other rows, and names
/// the jobs that are set aside.</summary>
public sealed class DueRepairTests : StoreContract<LoggedPostgreSqlUnderTest>
{
    string Schema => Store.Place.Name.Split(' ')[^1];

    /// <summary>The lines of the log of the stores of this test.</summary>
    IEnumerable<string> Lines => LoggedPostgreSqlUnderTest.Lines.Where(line => line.Schema == Schema).Select(line => line.Text);

    [Theory]
    [InlineData("update due set at = null where job = 1", "due.at = null of job job, now ")]
    [InlineData("update due set at = 9223372036854775807 where job = 1", "due.at = 9223372036854775807 of job job, now ")]
    [InlineData("update due set running = -3 where job = 1", "due.running = -3 of job job, now 0")]
    [InlineData("update due set running = 9 where job = 1", "due.running = 9 of job job, now 0")]
    [InlineData("update due set blocked = 5 where job = 1", "due.blocked = 5 of job job, now 0")]
    [InlineData("update due set share = 77 where job = 1", "due.share = 77 of job job, now 1")]
    [InlineData("update due set queue = 77 where job = 1", "due.queue = 77 of job job, now 1")]
    [InlineData("delete from queue", "queue.number = 1 (executor 'default', priority 0), which was missing")]
    [InlineData("update queue set executor = 'other'", "due.queue = 1 of job job, now ")]
    [InlineData("update queue set priority = 7", "due.queue = 1 of job job, now ")]
    [InlineData("insert into queue(executor, priority) values ('other', 0); update due set queue = (select max(number) from queue)",
        "of job job, now 1")]
    public async Task A_value_that_follows_from_other_rows_is_corrected(string change, string told)
    {
        await AddAsync("job", Every(10));
        await BeginAsync();
        Assert.Equal([0, 10], await WorkAsync(0, 10));
        await ChangeAsync(change);

        await TrimAsync();

        Assert.Contains(told, Assert.Single(Lines), StringComparison.Ordinal);
        Assert.Equal([20, 30], await WorkAsync(20, 30));
        await AssertBalancedAsync();
        await TrimAsync();
        Assert.Single(Lines);
    }

    [Theory]
    [InlineData("running = -3"), InlineData("running = 9"), InlineData("at = null"), InlineData("queue = 77"), InlineData("share = 77")]
    public async Task Until_then_all_other_jobs_go_on(string value)
    {
        await AddAsync("job", Every(10));
        await AddAsync("other", Every(10));
        await BeginAsync();
        await WorkAsync(0);
        await ChangeAsync($"update due set {value} where job = 1");

        MoveTo(10);

        Assert.Contains((await ClaimAsync()).Runs, run => run.Job.Id == Id("other"));
    }

    [Fact]
    public async Task The_count_of_running_runs_is_the_number_of_runs()
    {
        await AddAsync("job", Every(10), Options(maxInstances: 2));
        await BeginAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);
        await ChangeAsync("update due set running = 7");

        await TrimAsync();

        Assert.Equal(1, (await JobAsync("job")).Running);
        await FinishAsync(run);
        Assert.Equal(0, (await JobAsync("job")).Running);
    }

    [Fact]
    public async Task A_run_of_an_unknown_epoch_is_settled()
    {
        await AddAsync("job", Every(10));
        await BeginAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);
        await ChangeAsync("update running set epoch = 77");

        await TrimAsync();

        Assert.Equal(Outcome.Interrupted, (await RunAsync(run.Id)).Outcome);
        Assert.Equal([10], await WorkAsync(10));
        Assert.Equal(["00:00 was claimed at 00:00 in activation 77, but no such activation is recorded."],
            (await Store.AuditAsync(Start, At(100), Language.English, None)).Imbalances.Select(found => found.Sentence));
    }

    [Theory]
    [InlineData("update waiting set blocked = true")]
    [InlineData("update waiting set queue = 77")]
    [InlineData("update waiting set share = 77")]
    public async Task A_waiting_run_that_no_claim_can_see_is_seen_again(string change)
    {
        await AddAsync("job", null);
        await BeginAsync();
        var run = (await EnqueueAsync("job")).Run;
        await ChangeAsync(change);
        Assert.Empty((await ClaimAsync()).Runs);

        await TrimAsync();

        Assert.Equal(run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    [Theory]
    [InlineData("delete from due where job = 1", "The table due has no row of job number 1. ")]
    [InlineData("update due set next = null, at = null where job = 1", "has the value null in the column next for job number 1. ")]
    [InlineData("update due set next = 0, at = 0 where job = 1", "has the value 0 in the column next for job number 1. ")]
    public async Task A_job_whose_watermark_is_lost_is_named_once_and_fires_again_after_it_was_added_again(string change, string told)
    {
        await AddAsync("job", Every(10));
        await AddAsync("other", Every(10));
        await BeginAsync();
        await WorkAsync(0, 10);
        await ChangeAsync(change);

        await TrimAsync();
        await TrimAsync();

        Assert.Contains(told, Assert.Single(Lines), StringComparison.Ordinal);
        Assert.Contains(told, (await JobAsync("job")).Job.Error, StringComparison.Ordinal);
        MoveTo(20);
        Assert.Equal("other", Assert.Single((await ClaimAsync()).Runs).Job.Id.Value);
        await Assert.ThrowsAsync<FormatException>(() => EnqueueAsync("job"));
        await Store.ChangeAsync(new() { Jobs = [JobEdits.Remove(Id("job")), JobEdits.Add(NewJob("job", Every(10)))] }, None);
        MoveTo(30);
        Assert.Contains((await ClaimAsync()).Runs, run => run.Job.Id == Id("job"));
    }

    [Theory]
    [InlineData("next = 0, at = 0"), InlineData("next = 0"), InlineData("next = last_fire - 10000000"), InlineData("next = last_fire")]
    public async Task A_watermark_that_was_set_back_by_hand_adds_nothing_to_the_ledger(string value)
    {
        await AddAsync("job", Every(10));
        await AddAsync("other", Every(10));
        await BeginAsync();
        await WorkAsync(0, 10, 20);
        await ChangeAsync($"update due set {value} where job = 1");
        MoveTo(30);

        var claimed = await ClaimAsync();

        Assert.Equal("other", Assert.Single(claimed.Runs).Job.Id.Value);
        Assert.Contains("in the column next for job number 1. Allowed: ", Assert.Single(claimed.SetAside).Why, StringComparison.Ordinal);
        Assert.Empty((await Store.LedgerAsync(new() { From = DateTimeOffset.UnixEpoch, To = At(100) }, None)).Entries);
        await TrimAsync();
        Assert.Contains(Lines, line => line.Contains("in the column next for job number 1. Allowed: ", StringComparison.Ordinal));
        await FinishAsync(claimed.Runs[0]);
        await ChangeAsync($"update due set next = {At(30).ToMicros()}, at = {At(30).ToMicros()} where job = 1");
        Assert.Equal([30, 40, 40], await WorkAsync(30, 40));
        await AssertBalancedAsync();
    }

    [Fact]
    public async Task The_end_of_a_pause_records_nothing_from_before_a_watermark_that_was_set_back_by_hand()
    {
        await AddAsync("job", Every(10));
        await BeginAsync();
        await WorkAsync(0, 10);
        await EditAsync(JobEdits.Pause(Id("job"), At(35)));
        await ChangeAsync("update due set next = 0");
        MoveTo(40);

        var claimed = await ClaimAsync();

        Assert.Empty(claimed.Runs);
        Assert.Single(claimed.SetAside);
        Assert.Empty((await Store.LedgerAsync(new() { From = DateTimeOffset.UnixEpoch, To = At(100) }, None)).Entries);
    }

    [Fact]
    public async Task A_watermark_that_a_change_set_back_is_no_reason_to_set_a_job_aside()
    {
        await AddAsync("job", Every(10));
        await BeginAsync();
        await WorkAsync(0, 10, 20);
        await EditAsync(JobEdits.Change(Id("job"), job => job, next: At(10)));
        await TrimAsync();

        Assert.Equal([30], await WorkAsync(30));
        await TrimAsync();

        Assert.Empty(Lines);
        Assert.Equal([40], await WorkAsync(40));
    }

    [Fact]
    public async Task A_declared_job_without_a_row_begins_anew_at_the_next_start()
    {
        var job = NewJob("job", Every(10)) with { DeclaredHash = "1" };
        await EditAsync(JobEdits.Declare(job));
        await BeginAsync();
        await WorkAsync(0, 10);
        await ChangeAsync("delete from due");

        await EditAsync(JobEdits.Declare(job));

        Assert.Equal([20, 30], await WorkAsync(20, 30));
        await AssertBalancedAsync();
    }

    [Fact]
    public async Task A_row_that_another_transaction_holds_is_left_to_the_next_time()
    {
        await AddAsync("job", Every(10));
        await ChangeAsync("update due set running = 9");
        await using (var connection = await Server.Current.Database.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using NpgsqlCommand hold = new($"select from {Schema}.due for update", connection);
            await hold.ExecuteNonQueryAsync();
            await TrimAsync();
        }

        Assert.Equal(9, (await JobAsync("job")).Running);
        await TrimAsync();
        Assert.Equal(0, (await JobAsync("job")).Running);
    }

    [Theory]
    [InlineData("update due set queue = 77", "due.queue = 77 of job other, now 1")]
    [InlineData("update waiting set share = 77", "waiting.queue, waiting.share of 1 waiting runs")]
    public async Task A_held_job_does_not_delay_the_correction_of_others(string change, string told)
    {
        await AddAsync("job", null);
        await AddAsync("other", null);
        await EnqueueAsync("job");
        await EnqueueAsync("other");
        await ChangeAsync(change);
        await using (var connection = await Server.Current.Database.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using NpgsqlCommand hold = new($"select from {Schema}.due where job = 1 for update", connection);
            await hold.ExecuteNonQueryAsync();
            Assert.False(await TrimAsync());
        }

        Assert.Contains(told, Assert.Single(Lines), StringComparison.Ordinal);
        await TrimAsync();
        Assert.Equal(2, Lines.Count());
        await BeginAsync();
        Assert.Equal(2, (await ClaimAsync()).Runs.Count);
    }

    [Fact]
    public async Task More_jobs_than_are_read_at_once_are_corrected_in_one_go()
    {
        await Store.ChangeAsync(new() { Jobs = [.. Enumerable.Range(0, 1_001).Select(i => JobEdits.Add(NewJob($"j{i}", Every(10))))] }, None);
        await ChangeAsync("update due set running = 9");

        await TrimAsync();

        Assert.Equal(2, Lines.Count());
        Assert.Equal(0, (await JobAsync("j0")).Running);
        Assert.Equal(0, (await JobAsync("j1000")).Running);
    }

    [Fact]
    public async Task Many_corrections_are_a_single_line()
    {
        for (var i = 0; i < 25; i++) await AddAsync($"job{i}", Every(10));
        await ChangeAsync("update due set running = 9");

        await TrimAsync();

        Assert.EndsWith("Further corrections: 15.", Assert.Single(Lines), StringComparison.Ordinal);
    }

    Task<bool> TrimAsync() => Store.TrimAsync(Start, None);

    async Task ChangeAsync(string sql) => Assert.NotEqual(0, await Server.Current.ExecuteAsync(sql, Schema));
}

/// <summary>A schema of its own, and the log of its stores.</summary>
public sealed class LoggedPostgreSqlUnderTest : IStoreUnderTest
{
    readonly PostgreSqlUnderTest source = new();

    /// <summary>The lines of all schemas.</summary>
    public static ConcurrentQueue<(string Schema, string Text)> Lines { get; } = [];

    public IJobStore Handle(TimeProvider clock) => source.Store(clock, new CollectedLog(line => Lines.Enqueue((source.Schema, line))));

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
