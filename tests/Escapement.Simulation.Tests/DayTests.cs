using Escapement.Stores;
using Xunit;

namespace Escapement.Simulation.Tests;

/// <summary>Days of 50 jobs and three nodes with faults, each of which ends with an audit that balances.</summary>
public sealed class DayTests
{
    [Theory]
    [InlineData(ActiveNodes.One)]
    [InlineData(ActiveNodes.Each)]
    public void Two_hundred_days_with_faults_keep_all_laws_and_balance(ActiveNodes actives)
    {
        var broken = Soak.First(1, 200, number => Soak.Day(number, actives));
        Assert.True(broken is null, $"{broken?.Name}: {broken?.Failure}");
    }
}
