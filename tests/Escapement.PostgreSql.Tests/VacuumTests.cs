using Escapement.Stores;
using Escapement.Testing.Stores;
using Escapement.TestProcesses;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>A busy store removes the dead rows of its claims.</summary>
public sealed class VacuumTests : StoreContract<BusyPostgreSqlUnderTest>
{
    string Schema => Store.Place.Name.Split(' ')[^1];

    [Fact]
    public async Task Claims_remove_their_dead_rows()
    {
        await BeginAsync();
        await AddAsync("job", Every(10));
        await VacuumedAsync("due", "running");
        await AssertBalancedAsync();
    }

    [Fact]
    public async Task A_table_that_an_operator_holds_delays_nothing()
    {
        await BeginAsync();
        await AddAsync("job", Every(10));
        await using (var connection = await Server.Current.Database.OpenConnectionAsync(None))
        {
            await using var transaction = await connection.BeginTransactionAsync(None);
            await using NpgsqlCommand hold = new($"lock table {Schema}.due in share update exclusive mode", connection);
            await hold.ExecuteNonQueryAsync(None);
            await VacuumedAsync("running");
        }

        await VacuumedAsync("due");
    }

    [Fact]
    public async Task A_role_that_may_not_vacuum_is_told_once()
    {
        await BeginAsync();
        await AddAsync("job", Every(10));
        var role = $"{Schema}_guest";
        await Server.Current.ExecuteAsync($"""
            create role {role} login; grant usage on schema {Schema} to {role}; grant all on all tables in schema {Schema} to {role};
            grant all on all sequences in schema {Schema} to {role}
            """);
        await using var source = NpgsqlDataSource.Create(Server.Current.For("postgres", role));
        using CollectedLog log = new();
        await using PostgreSqlStore guest = new(new(source, TimeSpan.FromSeconds(15))
        {
            Schema = Schema,
            UsesClockOfProgram = true,
            VacuumAfter = 1,
        }, Clock, log);
        await guest.OpenAsync(Application, None);
        using CancellationTokenSource limit = new(NodeProcess.Limit);
        while (!log.Lines.Any(IsTold)) await WorkAsync();
        for (var i = 0; i < 5; i++) await WorkAsync();

        var told = Assert.Single(log.Lines, IsTold);
        Assert.Contains($"alter table \"{Schema}\".due owner to \"{role}\"", told, StringComparison.Ordinal);

        async Task WorkAsync()
        {
            limit.Token.ThrowIfCancellationRequested();
            Clock.Move(TimeSpan.FromSeconds(10));
            foreach (var run in (await guest.ClaimAsync(Request(), None)).Runs) await FinishAsync(run);
        }

        static bool IsTold(string line) => line.Contains("may not vacuum", StringComparison.Ordinal);
    }

    /// <summary>Works until tables were vacuumed once more.</summary>
    async Task VacuumedAsync(params string[] tables)
    {
        var before = await CountsAsync();
        using CancellationTokenSource limit = new(NodeProcess.Limit);
        while ((await CountsAsync()).Zip(before).Any(each => each.First == each.Second))
        {
            limit.Token.ThrowIfCancellationRequested();
            Clock.Move(TimeSpan.FromSeconds(10));
            foreach (var run in (await ClaimAsync()).Runs) await FinishAsync(run);
        }

        async Task<List<long>> CountsAsync()
        {
            List<long> counts = [];
            foreach (var table in tables)
            {
                await using var command = Server.Current.Database.CreateCommand(
                    $"select vacuum_count from pg_stat_user_tables where relid = '{Schema}.{table}'::regclass");
                counts.Add((long)(await command.ExecuteScalarAsync(None))!);
            }

            return counts;
        }
    }
}

/// <summary>A schema of its own, whose stores vacuum after each few runs.</summary>
public sealed class BusyPostgreSqlUnderTest : IStoreUnderTest
{
    readonly PostgreSqlUnderTest source = new();

    public IJobStore Handle(TimeProvider clock) => source.Store(clock, vacuumAfter: 3);

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
