using Escapement.Testing.Simulation;

namespace Escapement.Simulation.Tests;

/// <summary>Takes each rule away in turn, and says which seed or scenario shows the harm.</summary>
static class Table
{
    const int Seeds = 2000;

    public static int Print()
    {
        var missing = 0;
        Console.WriteLine($"{"rule",-7}{"harm",-52}found by");
        foreach (var rule in ProtocolRules.All)
        {
            var found = Find(rule);
            if (found is null) missing++;
            Console.WriteLine($"{rule.Letter,-7}{rule.Harm,-52}{(found is null ? "NOBODY" : $"{found.Name}: {found.Failure}")}");
        }
        return missing == 0 ? 0 : 1;
    }

    /// <summary>The first order of the rule's scenario that shows its harm, or the first seed where it has none.</summary>
    public static Verdict? Find(Without rule) => Soak.First(1, Seeds, number => rule.Scenario?.Run(number, rule) ?? SimulationRun.Of(new Seed(number, 3, 4), rule), rule);
}
