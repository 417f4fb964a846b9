namespace Escapement.Simulation.Tests;

/// <summary>Removes each rule in turn, and reports the seed or scenario that shows the harm.</summary>
static class Table
{
    const int Seeds = 2000;

    public static int Print(bool each = false, params string[] only)
    {
        var missing = 0;
        Console.WriteLine($"{"rule",-9}{"harm",-52}found by");
        foreach (var rule in (each ? EveryNodeRules.All : ProtocolRules.All).Where(rule => only.Length == 0 || only.Contains(rule.Letter)))
        {
            var found = each ? FindOfEach(rule) : Find(rule);
            if (found is null) missing++;
            Console.WriteLine($"{rule.Letter,-9}{rule.Harm,-52}{(found is null ? "NOBODY" : $"{found.Name}: {found.Failure}")}");
        }

        return missing == 0 ? 0 : 1;
    }

    /// <summary>
    /// Returns the first order of the rule's scenario that shows the harm, or the first seed without a scenario.
    /// </summary>
    public static Verdict? Find(Without rule) =>
        Soak.First(1, Seeds, number => rule.Scenario?.Run(number, rule) ?? SimulationRun.Of(new Seed(number, 3, 4), rule), rule);

    /// <summary>Returns the first seed that shows the harm of a rule if every node is active.</summary>
    public static Verdict? FindOfEach(Without rule) =>
        Soak.First(1, Seeds, number => rule.Scenario?.Run(number, rule) ?? SimulationRun.OfEach(new Seed(number, 3, 4), rule), rule);
}
