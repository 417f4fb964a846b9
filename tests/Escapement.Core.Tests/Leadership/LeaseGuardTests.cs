using Escapement.Leadership;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Leadership;

public sealed class LeaseGuardTests
{
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    readonly FakeTimeProvider clock = new();

    [Fact]
    public void A_lease_counts_from_the_beginning_of_the_raise_however_long_that_took()
    {
        var begun = clock.GetTimestamp();
        clock.Advance(Lease);
        Assert.False(new LeaseGuard(clock, Lease, begun).Holds);
    }

    [Fact]
    public void A_beat_extends_it_from_its_own_beginning()
    {
        var guard = new LeaseGuard(clock, Lease, clock.GetTimestamp());
        clock.Advance(TimeSpan.FromSeconds(10));
        var begun = clock.GetTimestamp();
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(guard.Holds);
        guard.Accepted(begun);
        Assert.True(guard.Holds);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(guard.Holds);
    }
}
