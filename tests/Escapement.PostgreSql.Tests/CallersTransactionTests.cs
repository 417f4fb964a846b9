using Escapement.Jobs;
using Escapement.Rules;
using Escapement.Triggers;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

public sealed class CallersTransactionTests : IAsyncLifetime
{
    readonly PostgreSqlUnderTest source = new();
    readonly NpgsqlDataSource database = Server.Current.Database;
    PostgreSqlStore store = null!;

    public async ValueTask InitializeAsync()
    {
        store = source.Store(new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        await store.OpenAsync("test", default);
        await Server.Current.ExecuteAsync($"create table {source.Schema}.orders(number bigint)");
    }

    [Fact]
    public async Task A_run_exists_exactly_if_the_callers_commit_does()
    {
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(NewJob("mail"))] }, default);
        var (lost, kept) = (await OrderAsync(commits: false), await OrderAsync(commits: true));

        Assert.Empty((await store.RunsAsync(new() { Id = lost }, default)).Runs);
        Assert.Single((await store.RunsAsync(new() { Id = kept }, default)).Runs);
    }

    [Fact]
    public async Task The_commit_rings()
    {
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(NewJob("mail"))] }, default);
        TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Notifier.Subscribe(notification =>
        {
            if (notification.Signal == StoreSignal.Work) heard.TrySetResult();
        });

        await OrderAsync(commits: true);

        await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
    }

    [Fact]
    public async Task A_rejected_change_leaves_the_callers_transaction_usable()
    {
        await using var connection = await database.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await ExecuteAsync(connection, $"insert into {source.Schema}.orders values (1)");
            await Assert.ThrowsAsync<JobNotFoundException>(() =>
                store.In(transaction).EnqueueAsync([new() { Job = JobId.Parse("nothing") }], default));
            await store.In(transaction).ChangeAsync(new() { Jobs = [JobEdits.Add(NewJob("later"))] }, default);
            await transaction.CommitAsync();
        }

        Assert.Single((await store.JobsAsync(new() { Id = JobId.Parse("later") }, default)).Jobs);
        await using var count = database.CreateCommand($"select count(*) from {source.Schema}.orders");
        Assert.Equal(1L, await count.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Another_kind_of_transaction_is_refused()
    {
        await using var connection = await database.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await transaction.CommitAsync();
        Assert.Contains("NpgsqlTransaction", Assert.Throws<NotSupportedException>(() => store.In(null!)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_not_read_the_identity_of_the_database_is_not_refused()
    {
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(NewJob("mail"))] }, default);
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, $"""
            revoke execute on function pg_catalog.pg_control_system() from public;
            create role {source.Schema}_guest;
            grant usage on schema {source.Schema} to {source.Schema}_guest;
            grant all on all tables in schema {source.Schema} to {source.Schema}_guest;
            grant all on all sequences in schema {source.Schema} to {source.Schema}_guest;
            set local role {source.Schema}_guest
            """);

        Assert.Single(await store.In(transaction).EnqueueAsync([new() { Job = JobId.Parse("mail") }], default));
    }

    async Task<RunId> OrderAsync(bool commits)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, $"insert into {source.Schema}.orders values (2)");
        var run = Assert.Single(await store.In(transaction).EnqueueAsync([new() { Job = JobId.Parse("mail") }], default)).Run;
        if (commits) await transaction.CommitAsync();
        else await transaction.RollbackAsync();
        return run;
    }

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    static Job NewJob(string id) => new()
    {
        Id = JobId.Parse(id),
        Name = id,
        Handler = "work",
        Trigger = id == "later" ? new DateTrigger(new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero), ZoneClock.Utc) : null,
        Options = new(),
    };

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        await source.DisposeAsync();
    }
}
