using System.Globalization;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>Another transaction holds the row of a job in <c>due</c>. The ends of other jobs do not wait for it.</summary>
public sealed class LockedJobTests : StoreContract<PostgreSqlUnderTest>
{
    const int Jobs = 10;

    /// <summary>How often a node tries to record within the time in which the row is held.</summary>
    const int Tries = 3;

    static NpgsqlDataSource Database => Server.Current.Database;

    string Schema => Store.Place.Name.Split(' ')[^1];

    [Theory]
    [InlineData("a session"), InlineData("a caller's transaction")]
    public async Task The_ends_of_nine_jobs_are_recorded_while_the_row_of_the_tenth_is_held(string holder)
    {
        await BeginAsync();
        for (var i = 0; i < Jobs; i++) await AddAsync(NameOf(i), Every(10));
        var claimed = await ClaimAsync();
        Assert.Equal(Jobs, claimed.Runs.Count);
        Finished[] ends = [.. claimed.Runs.Select(run => End(run))];

        await using (var connection = await Database.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            if (holder == "a session") await HoldAsync(connection, NameOf(0));
            else await Store.In(transaction).EnqueueAsync([new() { Job = Id(NameOf(0)), DueAt = At(1000) }], None);

            for (var i = 0; i < Tries; i++) await TryRecordAsync(ends);

            Assert.Equal(Enumerable.Range(1, Jobs - 1).Select(NameOf), await EndedAsync());
            await transaction.RollbackAsync();
        }

        Assert.Equal(0, await Store.RecordAsync(ends));
        Assert.Equal(Enumerable.Range(0, Jobs).Select(NameOf), await EndedAsync());
        foreach (var job in Enumerable.Range(0, Jobs).Select(NameOf)) Assert.Equal(0, (await JobAsync(job)).Running);
        Assert.Equal(Jobs, (await ClaimAtAsync(10)).Runs.Count);
        await AssertBalancedAsync();
    }

    [Fact]
    public async Task The_only_end_of_a_batch_waits_for_the_row_of_its_job()
    {
        await BeginAsync();
        await AddAsync("held", Every(10));
        var end = End(Assert.Single((await ClaimAsync()).Runs));
        await using (var connection = await Database.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await HoldAsync(connection, "held");
            await Assert.ThrowsAsync<StoreUnavailableException>(() => Store.RecordAsync([end]));
        }

        Assert.Equal(0, await Store.RecordAsync([end]));
        await AssertBalancedAsync();
    }

    static string NameOf(int job) => string.Create(CultureInfo.InvariantCulture, $"job{job}");

    /// <summary>Records as a node does, which keeps the outcomes of a batch that could not be written.</summary>
    async Task TryRecordAsync(Finished[] ends)
    {
        try
        {
            Assert.Equal(0, await Store.RecordAsync(ends));
        }
        catch (StoreUnavailableException)
        {
            // A node tries again.
        }
    }

    async Task<IEnumerable<string>> EndedAsync() => (await RunsAsync(new())).Where(run => run.State == RunState.Ended)
        .Select(run => run.Job.Value).Order(StringComparer.Ordinal);

    Task<Claimed> ClaimAtAsync(double second)
    {
        MoveTo(second);
        return ClaimAsync();
    }

    async Task HoldAsync(NpgsqlConnection connection, string job)
    {
        await using var command = new NpgsqlCommand(
            $"select from {Schema}.due join {Schema}.job on number = due.job where id = '{job}' for update of due", connection);
        await command.ExecuteNonQueryAsync();
    }
}
