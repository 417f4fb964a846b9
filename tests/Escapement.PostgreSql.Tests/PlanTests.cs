using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Escapement.PostgreSql.Tests;

/// <summary>The plans of the statements for many runs stay right with the statistics of empty tables, as vacuum leaves them between two
/// batches: each run is found by its key, and no run is compared with all others.</summary>
public sealed class PlanTests : IAsyncLifetime
{
    readonly PostgreSqlUnderTest source = new();
    readonly FakeTimeProvider clock = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    PostgreSqlStore store = null!;
    int plans;

    public async ValueTask InitializeAsync()
    {
        store = source.Store(clock, minIndexed: 0);
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

    const string Types = "bigint, bigint, bigint, bigint, bigint, bigint";

    [Fact]
    public async Task The_runs_of_a_job_on_past_days_are_read_by_their_index()
    {
        await Server.Current.ExecuteAsync($"""
            insert into {source.Schema}.run(fire_time, job, number, attempt, finished_at, outcome)
            select {clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000} + i, i % 1000, 0, 1, 0, 1 from generate_series(1, 10000) i;
            analyze {source.Schema}.run
            """);
        clock.Advance(TimeSpan.FromDays(1));
        while (await store.TrimAsync(clock.GetUtcNow().AddDays(-30), default)) { }

        foreach (var sql in (Sql[])[RunReading.NewestOfJob, RunReading.NewestOfJobSince])
        {
            var plan = await PlanAsync(sql, 6, Types, $"0, {long.MaxValue}, 0, 0, 100, 3");
            Assert.Contains("Index Scan Backward using run_20300101_by_job", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Sort  (", plan, StringComparison.Ordinal);
        }

        // Days before the beginning are not read.
        var later = (clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000) + 1;
        Assert.DoesNotContain("run_20300101", await PlanAsync(RunReading.NewestOfJobSince, 6, Types, $"{later}, {long.MaxValue}, 0, 0, 100, 3"),
            StringComparison.Ordinal);
    }

    /// <summary>Returns the plan that a session of the store uses for any arguments. The arguments, null by default, decide about the
    /// partitions alone.</summary>
    async Task<string> PlanAsync(Sql sql, int parameters, string types, string? args = null)
    {
        await using SessionPool sessions = new(new(Server.Current.Database, TimeSpan.FromSeconds(15)), $"\"{source.Schema}\"",
            new("the server", NullLogger.Instance));
        await using var session = await sessions.OpenAsync("plan", default);
        // The next user of the connection may have the statement too.
        var name = $"plan_{source.Schema}_{plans++}";
        await session.ExecuteAsync($"prepare {name}({types}) as {sql.Of(session.Schema)}");
        await using var explain = session.CommandOf(
            $"explain execute {name}({args ?? string.Join(", ", Enumerable.Repeat("null", parameters))})");
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
