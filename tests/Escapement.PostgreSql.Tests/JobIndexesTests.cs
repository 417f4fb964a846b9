using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>The history of a past day has an index by job.</summary>
public sealed class JobIndexesTests : IAsyncLifetime
{
    static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly PostgreSqlUnderTest source = new();
    readonly FakeTimeProvider clock = new(Begin);
    PostgreSqlStore store = null!;

    public async ValueTask InitializeAsync()
    {
        store = source.Store(clock, minIndexed: 0);
        await store.OpenAsync("test", default);
    }

    [Fact]
    public async Task A_day_gets_its_index_after_its_end()
    {
        await TrimAsync();
        Assert.Empty(await IndexesAsync());
        clock.Advance(TimeSpan.FromDays(1));
        await TrimAsync();
        Assert.Equal(["run_20300101_by_job"], await IndexesAsync());
        clock.Advance(TimeSpan.FromDays(2));
        await TrimAsync();
        Assert.Equal(["run_20300101_by_job", "run_20300102_by_job", "run_20300103_by_job"], await IndexesAsync());
    }

    [Fact]
    public async Task An_index_that_was_left_unfinished_is_added_anew()
    {
        clock.Advance(TimeSpan.FromDays(1));
        await TrimAsync();
        await Server.Current.ExecuteAsync(
            $"update pg_index set indisvalid = false where indexrelid = '{source.Schema}.run_20300101_by_job'::regclass");
        Assert.Empty(await IndexesAsync());
        await TrimAsync();
        Assert.Equal(["run_20300101_by_job"], await IndexesAsync());
    }

    [Fact]
    public async Task One_process_adds_indexes_at_a_time()
    {
        clock.Advance(TimeSpan.FromDays(1));
        await using (var other = await Server.Current.Database.OpenConnectionAsync())
        {
            await using NpgsqlCommand hold = new(
                $"select pg_advisory_lock(hashtextextended('escapement indexes \"{source.Schema}\".', 0))", other);
            await hold.ExecuteNonQueryAsync();
            await TrimAsync();
            Assert.Empty(await IndexesAsync());
            hold.CommandText = "select pg_advisory_unlock_all()";
            await hold.ExecuteNonQueryAsync();
        }

        await TrimAsync();
        Assert.Equal(["run_20300101_by_job"], await IndexesAsync());
    }

    [Fact]
    public async Task A_small_day_has_no_index()
    {
        await using var usual = source.Store(clock);
        await usual.OpenAsync("test", default);
        clock.Advance(TimeSpan.FromDays(1));
        while (await usual.TrimAsync(Begin, default)) { }

        Assert.Empty(await IndexesAsync());
    }

    async Task TrimAsync()
    {
        while (await store.TrimAsync(Begin, default)) { }
    }

    async Task<List<string>> IndexesAsync()
    {
        await using var command = Server.Current.Database.CreateCommand($"""
            select c.relname from pg_index x join pg_class c on c.oid = x.indexrelid
            where c.relnamespace = '{source.Schema}'::regnamespace and c.relname like 'run%by_job' and x.indisvalid order by 1
            """);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> names = [];
        while (await reader.ReadAsync()) names.Add(reader.GetString(0));
        return names;
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        await source.DisposeAsync();
    }
}
