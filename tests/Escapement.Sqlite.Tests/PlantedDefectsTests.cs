using Escapement.Ledger;
using Escapement.Planted;

namespace Escapement.Sqlite.Tests;

public sealed class PlantedDefectsTests : PlantedDefectsContract<SqlitePlantedLedger>
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_reading_of_the_ledger_ends_with_its_token_and_leaves_places_for_short_reads()
    {
        await PrepareAsync();
        using CancellationTokenSource left = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.LedgerAsync(new() { Then = Leave }, left.Token));

        using ManualResetEventSlim go = new();
        using CountdownEvent reading = new(2);
        var inside = 0;
        List<Task<LedgerPart>> all = [.. Enumerable.Range(0, 6).Select(_ => Task.Run(() => Store.LedgerAsync(new() { Then = Hold }, None)))];
        Assert.True(reading.Wait(TimeSpan.FromSeconds(30)));
        Assert.NotEmpty((await Store.RunsAsync(new(), None).WaitAsync(TimeSpan.FromSeconds(30))).Runs);
        Assert.Equal(2, Volatile.Read(ref inside));
        go.Set();
        await Task.WhenAll(all).WaitAsync(TimeSpan.FromSeconds(30));

        RunReads? Leave(LedgerPart part)
        {
            left.Cancel();
            return new() { Counts = [new(1, 0, long.MaxValue)] };
        }

        RunReads? Hold(LedgerPart part)
        {
            Interlocked.Increment(ref inside);
            if (!reading.IsSet) reading.Signal();
            go.Wait(TimeSpan.FromSeconds(60));
            return null;
        }
    }
}
