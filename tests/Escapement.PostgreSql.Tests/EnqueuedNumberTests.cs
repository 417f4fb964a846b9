using Escapement.Testing.Stores;

namespace Escapement.PostgreSql.Tests;

/// <summary>The numbers of enqueued runs come from a sequence.</summary>
public sealed class EnqueuedNumberTests : StoreContract<PostgreSqlUnderTest>
{
    [Fact]
    public async Task A_sequence_that_was_set_back_loses_no_run()
    {
        await AddAsync("job", null);
        var first = (await EnqueueAsync("job")).Run;
        await Server.Current.ExecuteAsync($"alter sequence {Store.Place.Name.Split(' ')[^1]}.enqueued restart");

        var second = (await EnqueueAsync("job")).Run;

        Assert.NotEqual(first, second);
        await BeginAsync();
        Assert.Equal(first, Assert.Single((await ClaimAsync()).Runs).Id);
    }
}
