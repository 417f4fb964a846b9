using Escapement.Engine;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>What is told of transactions that fail, and until when.</summary>
public sealed class StoreTroubleTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);
    static readonly StoreUnavailableException Away = new("The store is away.");
    static readonly InvalidOperationException Broken = new("It broke.");

    readonly FakeTimeProvider clock = new(Start);
    readonly List<string> lines = [];
    readonly List<string?> shown = [];
    readonly StoreTrouble trouble;

    public StoreTroubleTests() => trouble = new(clock, new ListLogger(lines), shown.Add);

    [Fact]
    public void An_outage_is_told_once_and_marked_once()
    {
        Pass(Away, Away, Away);
        trouble.Over(Written.Claim);
        Assert.Equal([new(Reason.StoreUnavailable, Start, DateTimeOffset.MaxValue)], trouble.Causes());
        trouble.Over(Written.Heartbeat);

        Assert.Equal(["Claims stopped: The store is away. They go on as soon as the store is back.", "Claims go on."], lines);
        Assert.Equal([(Start, Start.AddSeconds(3))], trouble.TakeOutages());
        Assert.Empty(trouble.TakeOutages());
        Assert.Null(shown[^1]);
    }

    [Fact]
    public void Claims_that_fail_are_not_over_with_a_heartbeat()
    {
        trouble.Met(Written.Claim, Broken);
        trouble.Over(Written.Heartbeat);
        trouble.Met(Written.Claim, Broken);
        trouble.Over(Written.Heartbeat);

        Assert.Equal(["A transaction of the active process failed: It broke. It is tried again, and jobs that come due meanwhile may start later."], lines);
        Assert.Equal("It broke.", shown[^1]);

        trouble.Over(Written.Claim);
        Assert.Equal("Claims go on.", lines[^1]);
    }

    [Fact]
    public void A_failure_that_is_no_outage_leaves_no_mark_of_an_outage()
    {
        trouble.Met(Written.Claim, Broken);
        trouble.Met(Written.Settlement, Broken);
        Assert.Empty(trouble.Causes());
        trouble.Over(Written.Claim);
        trouble.Over(Written.Settlement);

        Assert.Empty(trouble.TakeOutages());
        Assert.Empty(trouble.Causes());
        Assert.Equal(2, lines.Count);
    }

    [Fact]
    public void A_claim_that_found_nothing_due_does_not_end_an_outage_of_the_heartbeats()
    {
        trouble.Met(Written.Heartbeat, Away);
        trouble.Over(Written.Claim);

        Assert.Single(lines);
        Assert.Equal("The store is away.", Assert.Single(shown));
    }

    [Fact]
    public void An_outage_lasts_only_as_long_as_the_store_is_away()
    {
        trouble.Met(Written.Claim, Broken);
        clock.Advance(TimeSpan.FromHours(5));
        trouble.Met(Written.Heartbeat, Away);
        clock.Advance(TimeSpan.FromSeconds(10));
        trouble.Over(Written.Heartbeat);
        clock.Advance(TimeSpan.FromHours(5));
        trouble.Met(Written.Claim, Broken);

        Assert.Equal([(Start.AddHours(5), Start.AddHours(5).AddSeconds(10))], trouble.TakeOutages());
        Assert.Equal([new(Reason.StoreUnavailable, Start.AddHours(5), Start.AddHours(5).AddSeconds(10))], trouble.Causes());
        Assert.Equal("It broke.", shown[^1]);
    }

    void Pass(Exception heartbeat, Exception claim, Exception again)
    {
        trouble.Met(Written.Heartbeat, heartbeat);
        trouble.Met(Written.Claim, claim);
        clock.Advance(TimeSpan.FromSeconds(3));
        trouble.Met(Written.Heartbeat, again);
    }
}
