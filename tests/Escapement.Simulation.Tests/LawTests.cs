using Escapement.Stores;
using Xunit;

namespace Escapement.Simulation.Tests;

/// <summary>Tests of laws 1, 2, 3 and 5 under every order of events.</summary>
public sealed class LawTests
{
    public static TheoryData<string> Scenarios => [.. Scenario.All.Select(scenario => scenario.Name)];

    public static TheoryData<string> Letters => [.. ProtocolRules.All.Select(rule => rule.Letter)];

    public static TheoryData<string> RulesOfEach => [.. EveryNodeRules.All.Select(rule => rule.Letter)];

    [Fact]
    public void Two_thousand_seeds_of_three_nodes_with_up_to_four_faults_keep_all_laws()
    {
        var broken = Soak.First(1, 2000, number => SimulationRun.Of(new Seed(number, 3, 4)));
        Assert.True(broken is null, broken is null ? "" : Replay.Text(Seed.Parse(broken.Name)));
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_scenario_keeps_all_laws_in_any_order(string name)
    {
        var scenario = Scenario.Of(name);
        var broken = Soak.First(1, scenario.Plan(1).Actives == ActiveNodes.Each ? 40 : 200, number => scenario.Run(number));
        Assert.True(broken is null, $"{broken?.Name}: {broken?.Failure}");
    }

    [Theory]
    [MemberData(nameof(Letters))]
    public void Without_a_rule_its_harm_is_found(string letter) => Assert.NotNull(Table.Find(ProtocolRules.Of(letter)));

    [Fact]
    public void Two_thousand_seeds_of_three_nodes_that_are_all_active_keep_all_laws()
    {
        var broken = Soak.First(1, 2000, number => SimulationRun.OfEach(new Seed(number, 3, 4)));
        Assert.True(broken is null, broken is null ? "" : Replay.Text(Seed.Parse(broken.Name), each: true));
    }

    [Theory]
    [MemberData(nameof(RulesOfEach))]
    public void Where_every_node_is_active_the_harm_of_a_rule_that_is_missing_is_found(string name) =>
        Assert.NotNull(Table.FindOfEach(EveryNodeRules.Of(name)));

    [Fact]
    public void A_standby_that_rehearses_keeps_all_laws()
    {
        var seed = Seed.Parse("12-3n-4f");
        var verdict = SimulationRun.Of(seed.ToString(), Plan.Of(seed) with { WarmUps = 2 }, seed.Number);
        Assert.True(verdict.Failure is null, verdict.Failure?.Text);
    }
}
