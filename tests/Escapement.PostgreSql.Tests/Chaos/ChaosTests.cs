using Escapement.Ledger;
using Escapement.TestProcesses;
using Npgsql;

namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>Real processes over a real server, in trouble. After each trouble the ledger balances, and no fire time has run
/// twice.</summary>
[Collection(ChaosServer.Name)]
public sealed class ChaosTests
{
    const int Load = 50;

    [Fact]
    public async Task Four_nodes_run_twenty_thousand_due_fire_times_once_each()
    {
        await using var cluster = await Cluster.OpenAsync();
        await cluster.BacklogAsync(jobs: 200, seconds: 100);
        for (var i = 0; i < 4; i++) cluster.Start(load: 0);
        await cluster.AccountIsAsync(account => account.Ran == 20_000);

        var audit = await cluster.CheckAsync("due-");

        Assert.Equal((20_000, 20_000, 0L), (audit.Account.Due, audit.Account.Ran, audit.Account.Missed));
        Assert.Equal(4, audit.Activations.Count);
    }

    [Fact]
    public async Task Nodes_that_are_killed_again_and_again_lose_nothing()
    {
        await using var cluster = await Cluster.OpenAsync();
        for (var i = 0; i < 3; i++) await cluster.AddAsync(Load);
        for (var i = 0; i < 3; i++)
        {
            await cluster.RunsGoOnAsync();
            cluster.Kill(cluster.Nodes[0]);
            await cluster.AddAsync(Load);
        }

        await cluster.RunsGoOnAsync();
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task A_server_that_is_stopped_and_started_loses_nothing()
    {
        await using var cluster = await Cluster.OpenAsync();
        for (var i = 0; i < 3; i++) await cluster.AddAsync(Load);
        await cluster.RunsGoOnAsync();
        await ChaosServer.Current.RestartAsync("immediate");
        await cluster.RunsGoOnAsync();
        await ChaosServer.Current.RestartAsync("fast");
        await cluster.RunsGoOnAsync();
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task Sessions_that_the_server_ends_many_times_a_second_lose_no_answer()
    {
        await using var cluster = await Cluster.OpenAsync();
        for (var i = 0; i < 3; i++) await cluster.AddAsync(Load);
        await cluster.RunsGoOnAsync();
        await using var source = NpgsqlDataSource.Create(ChaosServer.Current.ConnectionString);
        for (var i = 0; i < 150; i++)
        {
            await using var command = source.CreateCommand("""
                select pg_terminate_backend(pid) from pg_stat_activity
                where application_name like 'escapement %' and application_name <> 'escapement session' order by random() limit 1
                """);
            await command.ExecuteNonQueryAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(25));
        }

        await cluster.RunsGoOnAsync();
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task A_node_that_is_stopped_past_its_lease_is_settled_and_comes_back()
    {
        await using var cluster = await Cluster.OpenAsync();
        var stopped = await cluster.AddAsync(Load);
        await cluster.AddAsync(Load);
        await cluster.RunsGoOnAsync();
        stopped.Signal(NodeProcess.Stop);
        await cluster.UntilAsync(async () => (await cluster.AuditAsync()).Activations.Any(epoch => epoch.How == EpochEnd.LeaseOver) ? "" : null);
        stopped.Signal(NodeProcess.Continue);
        await stopped.SaysAsync(LogEvent.Fenced);
        await cluster.RunsGoOnAsync();
        await cluster.CheckAsync();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_node_that_is_cut_off_is_settled_and_comes_back(bool requests, bool answers)
    {
        await using var cluster = await Cluster.OpenAsync();
        await using TcpRelay relay = new(ChaosServer.Current.Port);
        var away = await cluster.AddAsync(Load, relay.Port);
        await cluster.AddAsync(Load);
        await cluster.RunsGoOnAsync();
        relay.Cut(requests, answers);
        await cluster.UntilAsync(async () => (await cluster.AuditAsync()).Activations.Any(epoch => epoch.How is EpochEnd.LeaseOver or EpochEnd.ProcessGone)
            ? "" : null);
        await cluster.RunsGoOnAsync();
        relay.Mend();
        await away.SaysAsync(LogEvent.Fenced);
        await cluster.RunsGoOnAsync();
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task A_server_without_a_free_connection_stops_nothing_for_good()
    {
        await using var cluster = await Cluster.OpenAsync();
        for (var i = 0; i < 2; i++) await cluster.AddAsync(Load);
        await cluster.RunsGoOnAsync();
        List<NpgsqlConnection> idle = [];
        try
        {
            while (idle.Count < 300)
            {
                NpgsqlConnection connection = new(ChaosServer.Current.ConnectionString + ";Pooling=false");
                await connection.OpenAsync();
                idle.Add(connection);
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            // Every place is taken.
        }

        await ChaosServer.Current.ExecuteAsync("select 1").ContinueWith(_ => { }, TaskScheduler.Default);
        await cluster.RunsGoOnAsync();
        foreach (var connection in idle) await connection.DisposeAsync();
        await cluster.RunsGoOnAsync();
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task A_node_whose_clock_is_minutes_ahead_runs_no_fire_time_early()
    {
        await using var cluster = await Cluster.OpenAsync();
        await cluster.AddAsync(Load);
        var orders = Path.Combine(Path.GetTempPath(), $"escapement-orders-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(orders, "off 300");
        try
        {
            await cluster.AddAsync(Load, null, "--orders", orders);
            await cluster.RunsGoOnAsync(200);
            var audit = await cluster.CheckAsync();
            Assert.All((await cluster.Store.RunsAsync(new() { Limit = 1000 }, CancellationToken.None)).Runs,
                run => Assert.True(run.ClaimedAt >= run.FireTime, $"{run.Id} was claimed at {run.ClaimedAt:O}"));
            Assert.Equal(2, audit.Activations.Count);
        }
        finally
        {
            File.Delete(orders);
        }
    }
}
