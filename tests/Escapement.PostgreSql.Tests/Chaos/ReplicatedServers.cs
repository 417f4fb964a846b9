using System.Globalization;
using Escapement.TestProcesses;
using Npgsql;

namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>A primary server with a replica, which can lack the last commits when the replica is promoted.</summary>
sealed class ReplicatedServers : IAsyncDisposable
{
    readonly Server primary, replica;

    ReplicatedServers(Server primary, Server replica) => (this.primary, this.replica) = (primary, replica);

    /// <summary>The connection string with both servers. A server that was down or a replica is asked again at once.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture,
        $"Host=127.0.0.1:{primary.Port},127.0.0.1:{replica.Port};Username=postgres;Database=postgres;Timeout=5;Target Session Attributes=primary;Host Recheck Seconds=0");

    /// <summary>Starts both servers.</summary>
    public static async Task<ReplicatedServers> StartAsync()
    {
        Server primary = new("-primary");
        try
        {
            await primary.InitializeAsync();
            return new(primary, await primary.ReplicateAsync("-replica"));
        }
        catch
        {
            await primary.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the replica has all commits, and cuts the replica off.</summary>
    public async Task LoseAllThatFollowsAsync()
    {
        await using var there = NpgsqlDataSource.Create(replica.ConnectionString);
        await using var here = NpgsqlDataSource.Create(primary.ConnectionString);
        await using var written = here.CreateCommand("select pg_current_wal_lsn()::text");
        var last = (string)(await written.ExecuteScalarAsync())!;
        await using var has = there.CreateCommand($"select pg_last_wal_replay_lsn() >= '{last}'::pg_lsn");
        using CancellationTokenSource limit = new(NodeProcess.Limit);
        while (await has.ExecuteScalarAsync(limit.Token) is not true) await Task.Delay(20, limit.Token);
        await replica.ExecuteAsync("alter system set primary_conninfo = ''");
        await replica.ExecuteAsync("select pg_reload_conf()");
        await using var receiving = there.CreateCommand("select count(*) from pg_stat_wal_receiver");
        while (await receiving.ExecuteScalarAsync(limit.Token) is not 0L) await Task.Delay(20, limit.Token);
    }

    /// <summary>Kills the primary server, and promotes the replica.</summary>
    public async Task FailOverAsync()
    {
        await primary.KillAsync();
        await replica.PromoteAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await replica.DisposeAsync();
        await primary.DisposeAsync();
    }
}
