using Escapement.Jobs;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite.Tests;

public sealed class CallersTransactionTests
{
    static readonly CancellationToken None = CancellationToken.None;

    static Job Of(string id) => new() { Id = JobId.Parse(id), Name = id, Handler = "work", Trigger = null };

    [Fact]
    public async Task Holds_nothing_of_a_call_that_was_refused()
    {
        await using var folder = new StoreFolder();
        var store = await folder.OpenAsync();
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(Of("j"))] }, None);
        using var connection = new SqliteConnection($"Data Source={folder.Path};Pooling=False");
        connection.Open();
        using (var transaction = connection.BeginTransaction())
        {
            await Assert.ThrowsAsync<JobNotFoundException>(() =>
                store.In(transaction).EnqueueAsync([new() { Job = JobId.Parse("j") }, new() { Job = JobId.Parse("none") }], None));
            await Assert.ThrowsAsync<JobExistsException>(() =>
                store.In(transaction).ChangeAsync(new() { Jobs = [JobEdits.Add(Of("k")), JobEdits.Add(Of("j"))] }, None));
            await store.In(transaction).ChangeAsync(new() { Jobs = [JobEdits.Add(Of("l"))] }, None);
            transaction.Commit();
        }

        Assert.Empty((await store.RunsAsync(new(), None)).Runs);
        Assert.Equal(["j", "l"], (await store.JobsAsync(JobQuery.All, None)).Jobs.Select(job => job.Job.Id.Value).Order());
    }
}
