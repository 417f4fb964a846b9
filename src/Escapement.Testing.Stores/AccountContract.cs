using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of the answers of why and audit over the ledger of a store.</summary>
public abstract class AccountContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Fire_times_without_an_active_node_name_the_processes()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync("a");
        await WorkAsync(0, 10, 20);
        MoveTo(22);
        await HeartbeatAsync();
        MoveTo(52);
        await BeginAsync("b");
        await WorkAsync(52, 60);

        var why = await WhyAsync("j", At(0), At(65));

        Assert.Equal("7 due = 4 ran + 0 running + 0 skipped + 3 missed. Balanced.", why.Account.Sentence);
        var item = Assert.Single(why.Items);
        Assert.Equal((At(30), At(50), 3, Reason.NoActiveNode, ItemKind.Missed, true),
            (item.First, item.Last, item.Count, item.Reason, item.Kind, item.IsDecided));
        Assert.Equal(
            "00:00:30 to 00:00:50 did not run (3 fire times): no process was active from 00:00:22 (process 4711 on web-1 was killed) to 00:00:52 (process 4711 on web-1 became active).",
            item.Sentence);
        Assert.Equal([EpochEnd.ProcessGone, null], why.Activations.Select(activation => activation.How));
        Assert.Equal([null, TimeSpan.FromSeconds(30)], why.Activations.Select(activation => activation.Gap));
        Assert.Equal(why.Account.Sentence, (await AuditAsync(At(0), At(65))).Account.Sentence);
    }

    [Fact]
    public async Task A_span_must_begin_before_it_ends()
    {
        await AddAsync("j", Every(10));
        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => WhyAsync("j", At(10), At(0)));
        Assert.StartsWith("The span begins at 2030-01-01 00:00:10Z and ends at 2030-01-01 00:00:00Z.", refused.Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<JobNotFoundException>(() => WhyAsync("nobody", At(0), At(10)));
    }

    /// <summary>Asks both handles of the store why fire times of a job did not run. The answers are the same.</summary>
    protected async Task<WhyReport> WhyAsync(string job, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        var why = await Store.WhyAsync(Id(job), from, to, Language.English, None);
        var other = await (await SecondAsync()).WhyAsync(Id(job), from, to, Language.English, None);
        Assert.Equal(why.Account, other.Account);
        Assert.Equal(why.Items, other.Items);
        return why;
    }

    /// <summary>Returns the audit of a span.</summary>
    protected Task<AuditReport> AuditAsync(DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        Store.AuditAsync(from, to, Language.English, None);
}
