using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite.Tests;

public sealed class JobTableTests
{
    static readonly CancellationToken None = CancellationToken.None;
    static readonly NodeName Node = new("node", 1, "here", DateTimeOffset.UnixEpoch, null);

    static Job Of(string id) => new()
    {
        Id = JobId.Parse(id),
        Name = id,
        Handler = "note",
        Options = new() { MisfireGrace = MisfireGrace.Unlimited },
        Trigger = new DateTrigger(DateTimeOffset.UnixEpoch, ZoneClock.Utc),
    };

    [Fact]
    public async Task It_harms_its_own_job_alone_and_stays_as_it_was_written()
    {
        await using var folder = new StoreFolder();
        var first = await folder.OpenAsync();
        await first.ChangeAsync(new() { Jobs = [JobEdits.Add(Of("good")), JobEdits.Add(Of("bad"))] }, None);
        using (var connection = new SqliteConnection($"Data Source={folder.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "update job set definition = '{\"from\": \"the future\"}' where id = 'bad'";
            command.ExecuteNonQuery();
        }

        var store = await folder.OpenAsync();
        var jobs = (await store.JobsAsync(JobQuery.All, None)).Jobs;
        Assert.Contains("bad", jobs.Single(job => job.Job.Id.Value == "bad").Job.Name, StringComparison.Ordinal);
        var epoch = (await store.ChangeEpochsAsync(new() { Begin = Node, WithLock = true, Newest = default(EpochSeen) }, None)).Begun!;
        var claimed = await store.ClaimAsync(
            new()
            {
                Node = Node.Id,
                Epoch = epoch.Number,
                Handlers = new HashSet<string> { "note" },
                FreePlaces = new Dictionary<string,
                int>
                { ["default"] = 10 },
                GraceLimit = TimeSpan.FromHours(1)
            }, None);
        Assert.Equal("good", Assert.Single(claimed.Runs).Job.Id.Value);
        Assert.Null(claimed.NextDue);
        var (aside, why) = Assert.Single(claimed.SetAside);
        Assert.Equal("bad", aside.Value);
        Assert.Contains("cannot be read", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_kept_as_it_was_written_when_its_job_is_paused_and_stands_once_in_what_is_due_when_it_is_declared_again()
    {
        await using var folder = new StoreFolder();
        var store = await folder.OpenAsync();
        var trigger = new IntervalTrigger(TimeSpan.FromSeconds(10), DateTimeOffset.UnixEpoch, ZoneClock.Utc);
        var declared = Of("bad") with
        {
            Trigger = trigger,
            Origin = JobOrigin.Code,
            DeclaredHash = "1",
            Options = new() { Executor = "mail" }
        };
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(Of("good")), JobEdits.Declare(declared)] }, None);
        const string newer = "{\"from\": \"the future\"}";
        Execute(folder, $"update job set definition = '{newer}' where id = 'bad'");

        var other = await folder.OpenAsync();
        await other.ChangeAsync(new() { Jobs = [JobEdits.Pause(JobId.Parse("bad"), why: "looks odd")] }, None);
        Assert.Equal(newer, Text(folder, "select definition from job where id = 'bad'"));
        await other.ChangeAsync(new() { Jobs = [JobEdits.Resume(JobId.Parse("bad"))] }, None);
        Assert.Equal(newer, Text(folder, "select definition from job where id = 'bad'"));
        await other.ChangeAsync(new() { Jobs = [JobEdits.Declare(declared with { DeclaredHash = "2" })] }, None);

        Assert.Equal("1", Text(folder, "select count(*) from due where job = 2"));
        var bad = (await other.JobsAsync(new() { Id = JobId.Parse("bad") }, None)).Jobs.Single();
        Assert.Null(bad.Job.Error);
        Assert.NotNull(bad.Next);
    }

    static void Execute(StoreFolder folder, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={folder.Path};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    static string? Text(StoreFolder folder, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={folder.Path};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
