using Escapement.Testing.Simulation;

namespace Escapement.Simulation.Tests;

/// <summary>Takes each rule away in turn, and says which seed shows the harm.</summary>
static class Table
{
    const int Seeds = 2000;

    public static int Print()
    {
        foreach (var rule in ProtocolRules.All)
        {
            var caught = Soak.Seeds(1, Seeds, rule);
            Console.WriteLine($"{rule.Letter,-7}{rule.Harm,-55}{(caught is [var one, ..] ? $"{one.Name}: {one.Failure}" : "NOT CAUGHT")}");
        }
        return 0;
    }
}
