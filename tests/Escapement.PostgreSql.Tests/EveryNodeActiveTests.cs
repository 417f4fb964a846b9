using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>The contract of a store in which every node is active, and events between the reads and the writes of a claim, made by
/// another session that holds rows.</summary>
public sealed class EveryNodeActiveTests : EveryNodeActiveContract<PostgreSqlUnderTest>
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    string Schema => Store.Place.Name.Split(' ')[^1];

    [Fact]
    public async Task A_job_whose_row_is_locked_is_left_out_and_soon_tried_again()
    {
        await AddAsync("locked", Every(10));
        await AddAsync("job", Every(10));
        var a = await EpochAsync("a");
        Claimed claimed;
        await using (await HoldAsync("select from {0}.due join {0}.job on number = due.job where id = 'locked' for update of due"))
            claimed = await Store.ClaimAsync(Request(a, 1), None);

        Assert.Equal("job", Assert.Single(claimed.Runs).Job.Id.Value);
        Assert.True(claimed.NextDue < At(1));
        Assert.Equal("locked", Assert.Single((await Store.ClaimAsync(Request(a, 2), None)).Runs).Job.Id.Value);
    }

    [Fact]
    public async Task A_read_that_failed_leaves_a_session_that_can_be_used()
    {
        await AddAsync("job", Every(10));
        var a = await EpochAsync("a");
        Assert.Single((await Store.ClaimAsync(Request(a, 1), None)).Runs);
        await Server.Current.ExecuteAsync($"alter table {Schema}.waiting rename to away");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Store.ClaimAsync(Request(a, 2), None));
        await Server.Current.ExecuteAsync($"alter table {Schema}.away rename to waiting");

        Assert.Equal(1, (await JobAsync("job")).Running);
        Assert.False((await Store.ClaimAsync(Request(a, 3), None)).Fenced);
    }

    [Theory]
    [InlineData("change"), InlineData("running")]
    public async Task A_job_whose_row_cannot_be_counted_further_is_set_aside(string column)
    {
        await AddAsync("broken", Every(10));
        await AddAsync("job", Every(10));
        var a = await EpochAsync("a");
        var value = column == "change" ? long.MaxValue : long.MinValue;
        await Server.Current.ExecuteAsync(
            $"update {Schema}.due set {column} = {value} where job = (select number from {Schema}.job where id = 'broken')");

        var claimed = await Store.ClaimAsync(Request(a, 1), None);

        Assert.Contains(claimed.Runs, run => run.Job.Id.Value == "job");
        if (column == "change") Assert.Equal("broken", Assert.Single(claimed.SetAside).Job.Value);
    }

    [Fact]
    public async Task A_claim_is_refused_whose_epoch_ended_while_it_waited()
    {
        await AddAsync("job", Every(10));
        var a = await EpochAsync("a");
        var claim = await HeldAsync(a, $"update {Schema}.epoch set ended = 0, how = 3 where number = {a.Number}");

        Assert.True((await claim).Fenced);
        Assert.Equal(0, (await JobAsync("job")).Running);
    }

    [Fact]
    public async Task A_plan_from_before_a_pause_of_all_is_not_written()
    {
        await AddAsync("job", Every(10));
        var a = await EpochAsync("a");
        var claim = await HeldAsync(a, $"update {Schema}.epoch set state = state + 1 where number = {a.Number}");

        Assert.False((await claim).Fenced);
        Assert.Empty((await claim).Runs);
        Assert.Equal(0, (await JobAsync("job")).Running);
    }

    [Fact]
    public async Task A_fire_time_that_another_claimed_meanwhile_is_left_out()
    {
        await AddAsync("job", Every(10));
        var (a, b) = (await EpochAsync("a"), await EpochAsync("b"));
        var other = (await OpenAsync())!;
        Claimed? taken = null;
        var claim = await HeldAsync(a, async () => taken = await other.ClaimAsync(Request(b, 1), None));

        Assert.Single(taken!.Runs);
        Assert.Empty((await claim).Runs);
        Assert.Equal(1, (await JobAsync("job")).Running);
    }

    [Fact]
    public async Task A_plan_is_not_written_over_a_pause_that_was_answered()
    {
        await AddAsync("job", Every(10));
        var a = await EpochAsync("a");
        var other = (await OpenAsync())!;
        var claim = await HeldAsync(a, () => other.ChangeAsync(new() { Jobs = [JobEdits.Pause(Id("job"))] }, None));

        Assert.Empty((await claim).Runs);
        Assert.Equal(0, (await JobAsync("job")).Running);
    }

    [Fact]
    public async Task A_claim_that_waits_for_its_epoch_holds_no_job()
    {
        await AddAsync("job", Every(10));
        var a = await EpochAsync("a");

        // SQL does not promise that the epoch's row comes first: the statement is written so that it does.
        var claim = await HeldAsync(a, $"select from {Schema}.due for update nowait");

        Assert.Single((await claim).Runs);
    }

    [Fact]
    public async Task A_claim_that_cannot_get_its_own_epoch_gives_up()
    {
        await AddAsync("job", Every(10));
        var a = await EpochAsync("a");
        await using (await HoldAsync($"select from {{0}}.epoch where number = {a.Number} for update"))
            await Assert.ThrowsAsync<StoreUnavailableException>(() => Store.ClaimAsync(Request(a, 1), None));

        Assert.Single((await Store.ClaimAsync(Request(a, 2) with { Unanswered = 1 }, None)).Runs);
    }

    [Fact]
    public async Task Two_ends_of_a_job_in_one_batch_free_two_places()
    {
        await AddAsync("job", null, Options(maxInstances: 2));
        var a = await EpochAsync("a");
        for (var i = 0; i < 4; i++) await EnqueueAsync("job");
        var runs = (await Store.ClaimAsync(Request(a, 1), None)).Runs;
        Assert.Equal(2, runs.Count);
        Assert.Empty((await Store.ClaimAsync(Request(a, 2), None)).Runs);

        Assert.Equal(0, await Store.RecordAsync([.. runs.Select(run => Ended(run, a))]));

        Assert.Equal(0, (await JobAsync("job")).Running);
        Assert.Equal(2, (await Store.ClaimAsync(Request(a, 3), None)).Runs.Count);
    }

    [Fact]
    public async Task A_waiting_run_is_not_blocked_behind_a_run_that_ended_meanwhile()
    {
        await AddAsync("job", null, Options(maxInstances: 1));
        var a = await EpochAsync("a");
        await EnqueueAsync("job");
        var first = Assert.Single((await Store.ClaimAsync(Request(a, 1), None)).Runs);
        await EnqueueAsync("job");
        var other = (await OpenAsync())!;

        var claim = await HeldAsync(a, async () => Assert.Equal(0, await other.RecordAsync([Ended(first, a)])), number: 2);

        Assert.Empty((await claim).Runs);
        Assert.Single((await Store.ClaimAsync(Request(a, 3), None)).Runs);
    }

    [Fact]
    public async Task A_heartbeat_that_waits_for_the_end_of_its_epoch_is_refused()
    {
        var (a, b) = (await EpochAsync("a"), await EpochAsync("b"));
        var hold = await HoldAsync($"select from {{0}}.epoch where number = {a.Number} for update");
        var beat = Store.LookAsync(new Sign.Heartbeat("a", a.Number), None);
        await WaitingAsync();
        await hold.ExecuteAsync($"update {Schema}.epoch set ended = 0, how = 3 where number = {a.Number}");
        await hold.CommitAsync();
        await hold.DisposeAsync();

        Assert.Equal([b.Number], (await beat).Living.Select(epoch => epoch.Number));
    }

    [Fact]
    public async Task A_counter_at_its_maximum_goes_on_with_each_heartbeat()
    {
        var a = await EpochAsync("a");
        await ExecuteAsync($"update {Schema}.epoch set beat = {long.MaxValue} where number = {a.Number}");

        var first = (await Store.LookAsync(new Sign.Heartbeat("a", a.Number), None)).Living[0];
        var second = (await Store.LookAsync(new Sign.Heartbeat("a", a.Number), None)).Living[0];

        Assert.Equal([0, 1], [first.Heartbeat, second.Heartbeat]);
    }

    [Fact]
    public async Task The_run_of_an_unfinished_claim_by_hand_sets_its_job_aside_alone()
    {
        var odd = await AddAsync("odd", Every(10));
        await AddAsync("job", Every(10));
        var a = await EpochAsync("a");
        await ExecuteAsync($"""
            insert into {Schema}.running(job, fire_time, number, epoch, claim, token, attempt, claimed_at)
            values ({odd.Number}, {Start.ToMicros()}, 0, {a.Number}, 0, 0, 1, 0)
            """);

        var claimed = await Store.ClaimAsync(Request(a, 1), None);

        Assert.Equal("job", Assert.Single(claimed.Runs).Job.Id.Value);
        Assert.Equal(Id("odd"), Assert.Single(claimed.SetAside).Job);
    }

    [Fact]
    public async Task The_sessions_of_a_lost_node_that_hold_its_rows_are_ended()
    {
        var (a, b) = (await EpochAsync("a"), await EpochAsync("b"));
        await using var stuck = NpgsqlDataSource.Create(Server.Current.ConnectionString);
        await using var connection = await stuck.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand(
            $"select set_config('application_name', 'escapement a', false) from {Schema}.epoch where number = {a.Number} for update", connection))
        {
            await hold.ExecuteNonQueryAsync();
        }

        var ended = await Store.ChangeEpochsAsync(
            new() { By = ("b", b.Number), Ends = [(EpochSeen.Of(a), EpochEnd.LeaseOver)] }, None);

        Assert.True(ended.Done);
    }

    /// <summary>Holds the row of an epoch until its claim waits for the row, lets something happen, and lets the claim go on.</summary>
    Task<Task<Claimed>> HeldAsync(Epoch epoch, string meanwhile) => HeldAsync(epoch, null, meanwhile, 1);

    Task<Task<Claimed>> HeldAsync(Epoch epoch, Func<Task> meanwhile, long number = 1) => HeldAsync(epoch, meanwhile, null, number);

    async Task<Task<Claimed>> HeldAsync(Epoch epoch, Func<Task>? meanwhile, string? statement, long number)
    {
        var hold = await HoldAsync($"select from {{0}}.epoch where number = {epoch.Number} for update");
        var claim = Store.ClaimAsync(Request(epoch, number), None);
        await WaitingAsync();
        if (meanwhile is not null) await meanwhile();
        if (statement is not null) await hold.ExecuteAsync(statement);
        await hold.CommitAsync();
        await hold.DisposeAsync();
        await claim.WaitAsync(Limit, TimeProvider.System);
        return claim;
    }

    /// <summary>Waits until a session of the schema waits for a lock.</summary>
    async Task WaitingAsync()
    {
        while (await ScalarAsync("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%' || '"
            + Schema + "'||'\".%'") == 0)
        {
            await Task.Yield();
        }
    }

    async Task<Held> HoldAsync(string statement)
    {
        Held hold = new(await Server.Current.Database.OpenConnectionAsync());
        await hold.BeginAsync();
        await hold.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, statement, Schema));
        return hold;
    }

    static Task ExecuteAsync(string sql) => Server.Current.ExecuteAsync(sql);

    static async Task<long> ScalarAsync(string sql)
    {
        await using var command = Server.Current.Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    async Task<Epoch> EpochAsync(string node) => (await LookAsync()).Living.Single(epoch => epoch.Node.Id == node);

    Finished Ended(ClaimedRun run, Epoch epoch) => new()
    {
        Id = run.Id,
        Node = epoch.Node.Id,
        Epoch = epoch.Number,
        Attempt = run.Attempt,
        StartedAt = run.FireTime,
        FinishedAt = Clock.GetUtcNow(),
        Outcome = Outcome.Succeeded,
    };

    /// <summary>Another session with an open transaction.</summary>
    sealed class Held(NpgsqlConnection connection) : IAsyncDisposable
    {
        NpgsqlTransaction? transaction;

        public async Task BeginAsync() => transaction = await connection.BeginTransactionAsync();

        public async Task ExecuteAsync(string statement)
        {
            await using var command = new NpgsqlCommand(statement, connection, transaction);
            await command.ExecuteNonQueryAsync();
        }

        public Task CommitAsync() => transaction!.CommitAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction!.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
