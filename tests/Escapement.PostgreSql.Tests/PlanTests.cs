using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Escapement.PostgreSql.Tests;

/// <summary>The plans of the statements for many runs stay right with the statistics of empty tables, as vacuum leaves them between two
/// batches: each run is found by its key, and no run is compared with all others.</summary>
public sealed class PlanTests : IAsyncLifetime
{
    readonly PostgreSqlUnderTest source = new();
    PostgreSqlStore store = null!;

    public async ValueTask InitializeAsync()
    {
        store = source.Store(new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        await store.OpenAsync("test", default);
        foreach (var table in (string[])["running", "waiting"])
            await Server.Current.ExecuteAsync($"vacuum analyze {source.Schema}.{table}");
    }

    [Fact]
    public async Task A_record_finds_each_run_by_its_key() => Assert.Contains("Tid Scan on running r", await PlanAsync(PlainEnds.Write, 14,
        "bigint, text, bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], bigint[]"),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_claim_finds_each_waiting_run_by_its_key() => Assert.Contains("Tid Scan on waiting w", await PlanAsync(
        ClaimWriting.Write, 30,
        """
        bigint, bigint, bigint, text, bigint, bigint, bigint, bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], boolean[], bigint[],
        bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], boolean[], bigint[], text[], text[], boolean[],
        boolean[], bigint[]
        """), StringComparison.Ordinal);

    [Theory]
    [InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public async Task Runs_of_a_batch_are_found_by_their_keys(int statement)
    {
        Sql[] all = [RunTable.RunningOf, RunTable.DeleteRunning, WaitingTable.Delete, WaitingTable.BlockRuns];
        Assert.Matches(@"Index Cond: .*k\.fire_time.*k\.number", await PlanAsync(all[statement], 3, "bigint[], bigint[], bigint[]"));
    }

    /// <summary>Returns the plan that a session of the store uses for any arguments.</summary>
    async Task<string> PlanAsync(Sql sql, int parameters, string types)
    {
        await using SessionPool sessions = new(new(Server.Current.Database, TimeSpan.FromSeconds(15)), $"\"{source.Schema}\"",
            new("the server", NullLogger.Instance));
        await using var session = await sessions.OpenAsync("plan", default);
        // The next user of the connection may have the statement too.
        var name = $"plan_{source.Schema}";
        await session.ExecuteAsync($"prepare {name}({types}) as {sql.Of(session.Schema)}");
        await using var explain = session.CommandOf(
            $"explain execute {name}({string.Join(", ", Enumerable.Repeat("null", parameters))})");
        await using var reader = await explain.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        await source.DisposeAsync();
    }
}
