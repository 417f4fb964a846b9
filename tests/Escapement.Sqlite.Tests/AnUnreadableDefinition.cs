using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite.Tests;

public sealed class AnUnreadableDefinition
{
    static readonly CancellationToken None = CancellationToken.None;
    static readonly NodeName Node = new("node", 1, "here", DateTimeOffset.UnixEpoch, null);

    static Job Of(string id) => new()
    {
        Id = JobId.Parse(id), Name = id, Handler = "note", Options = new() { Grace = Grace.Unlimited }, Trigger = new DateTrigger(DateTimeOffset.UnixEpoch, ZoneClock.Utc),
    };

    [Fact]
    public async Task It_harms_its_own_job_alone_and_stays_as_it_was_written()
    {
        await using var folder = new StoreFolder();
        var first = await folder.OpenAsync();
        await first.ChangeAsync([JobEdits.Add(Of("good")), JobEdits.Add(Of("bad"))], None);
        using (var connection = new SqliteConnection($"Data Source={folder.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "update job set definition = '{\"from\": \"the future\"}' where id = 'bad'";
            command.ExecuteNonQuery();
        }

        var store = await folder.OpenAsync();
        var jobs = await store.JobsAsync(null, ended: false, None);
        Assert.Contains("bad", jobs.Single(job => job.Job.Id.Value == "bad").Job.Name, StringComparison.Ordinal);
        var epoch = (await store.RaiseAsync(new(Node, default, true, EpochEnd.ProcessGone, [], 0), None)).Epoch!;
        var claimed = await store.ClaimAsync(
            new(Node.Id, epoch.Number, new HashSet<string> { "note" }, new Dictionary<string, int> { ["default"] = 10 }, TimeSpan.FromHours(1)), None);
        Assert.Equal("good", Assert.Single(claimed.Runs).Job.Id.Value);
        Assert.Null(claimed.NextDue);
    }
}
