using Escapement.Engine;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>Tests of the reports about failing transactions, and of the end of the reports.</summary>
public sealed class StoreOutageTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);
    static readonly StoreUnavailableException Away = new("The store is away.");
    static readonly InvalidOperationException Broken = new("It broke.");

    readonly FakeTimeProvider clock = new(Start);
    readonly List<string> lines = [];
    readonly StoreOutage outage;

    public StoreOutageTests() => outage = new(clock, new ListLogger(lines));

    [Fact]
    public void An_outage_is_told_once_and_marked_once()
    {
        Pass(Away, Away, Away);
        outage.End(Written.Claim);
        Assert.Equal([new(Reason.StoreUnavailable, Start, DateTimeOffset.MaxValue)], outage.Causes());
        outage.End(Written.Heartbeat);

        Assert.Equal(["Claims stopped: The store is away. Claims resume when the store is available again.", "Claims resumed."], lines);
        Assert.Equal([(Start, Start.AddSeconds(3))], outage.TakeOutages());
        Assert.Empty(outage.TakeOutages());
        Assert.Null(outage.Message);
    }

    [Fact]
    public void Claims_that_fail_are_not_over_with_a_heartbeat()
    {
        outage.Begin(Written.Claim, Broken);
        outage.End(Written.Heartbeat);
        outage.Begin(Written.Claim, Broken);
        outage.End(Written.Heartbeat);

        Assert.Equal(["A transaction of the active process failed: It broke. The transaction is retried, and jobs due in the meantime may start late."], lines);
        Assert.Equal("It broke.", outage.Message);

        outage.End(Written.Claim);
        Assert.Equal("Claims resumed.", lines[^1]);
    }

    [Fact]
    public void A_failure_that_is_no_outage_leaves_no_mark_of_an_outage()
    {
        outage.Begin(Written.Claim, Broken);
        outage.Begin(Written.Upkeep, Broken);
        Assert.Empty(outage.Causes());
        outage.End(Written.Claim);
        outage.End(Written.Upkeep);

        Assert.Empty(outage.TakeOutages());
        Assert.Empty(outage.Causes());
        Assert.Equal(2, lines.Count);
    }

    [Fact]
    public void A_claim_that_found_nothing_due_does_not_end_an_outage_of_the_heartbeats()
    {
        outage.Begin(Written.Heartbeat, Away);
        outage.End(Written.Claim);

        Assert.Single(lines);
        Assert.Equal("The store is away.", outage.Message);
    }

    [Fact]
    public void An_outage_lasts_only_as_long_as_the_store_is_away()
    {
        outage.Begin(Written.Claim, Broken);
        clock.Advance(TimeSpan.FromHours(5));
        outage.Begin(Written.Heartbeat, Away);
        clock.Advance(TimeSpan.FromSeconds(10));
        outage.End(Written.Heartbeat);
        clock.Advance(TimeSpan.FromHours(5));
        outage.Begin(Written.Claim, Broken);

        Assert.Equal([(Start.AddHours(5), Start.AddHours(5).AddSeconds(10))], outage.TakeOutages());
        Assert.Equal([new(Reason.StoreUnavailable, Start.AddHours(5), Start.AddHours(5).AddSeconds(10))], outage.Causes());
        Assert.Equal("It broke.", outage.Message);
    }

    void Pass(Exception heartbeat, Exception claim, Exception again)
    {
        outage.Begin(Written.Heartbeat, heartbeat);
        outage.Begin(Written.Claim, claim);
        clock.Advance(TimeSpan.FromSeconds(3));
        outage.Begin(Written.Heartbeat, again);
    }
}
