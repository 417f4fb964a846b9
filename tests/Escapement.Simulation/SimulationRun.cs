namespace Escapement.Simulation;

/// <summary>What came of a simulation.</summary>
/// <param name="Name">Its seed, or the scenario.</param>
/// <param name="Failure">The law that was broken; null when all held.</param>
/// <param name="Story">What happened, if it was asked for.</param>
/// <param name="Claims">How many claims were checked.</param>
/// <param name="Epochs">How many epochs began.</param>
/// <param name="Steps">How many steps were made.</param>
sealed record Verdict(string Name, Failure? Failure, IReadOnlyList<string> Story, int Claims, int Epochs, int Steps);

/// <summary>Runs one simulation from its start to its account.</summary>
static class SimulationRun
{
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>The simulation that follows from a seed.</summary>
    public static Verdict Of(Seed seed, Without? without = null, bool traced = false) =>
        Of(seed.ToString(), Plan.Of(seed), seed.Number, without, traced);

    /// <summary>The simulation that follows from a seed, where every node is active.</summary>
    public static Verdict OfEach(Seed seed, Without? without = null, bool traced = false) =>
        Of(seed.ToString(), Plan.OfEach(seed), seed.Number, without, traced);

    /// <summary>A plan, in the order that a number gives.</summary>
    public static Verdict Of(string name, Plan plan, int order, Without? without = null, bool traced = false)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var world = new World(order, traced);
            var machine = new Machine(world, plan, without ?? Without.Nothing);
            foreach (var fault in plan.Faults) world.Tell($"planned: {fault}");
            Run(world, machine, plan);
            return new(name, world.Failure, world.Story, machine.Checker.Claims, machine.Checker.Epochs, world.Steps);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    static void Run(World world, Machine machine, Plan plan)
    {
        foreach (var start in plan.Starts)
        {
            world.In(start, () =>
        {
            machine.Checker.Disturbed();
            machine.StartNode();
        });
        }

        machine.Faults.Begin();
        world.RunUntil(() => world.Nodes.Count >= plan.Starts.Count && machine.Faults.AreOver, Longest);

        // Who is stopped inside a transaction is ended, as the sentence that every node says asks for; nobody sends SIGCONT to the others.
        machine.Checker.Disturbed();
        machine.Store.Stuck?.Kill();
        if (!world.Nodes.Exists(node => node.IsWell && !node.IsEnding)) machine.StartNode();
        Pass(world, machine.Settings.Lease * 2);

        world.Tell("all go on");
        machine.Checker.Disturbed();
        foreach (var node in world.Nodes) node.GoOn();
        Pass(world, machine.EveryNodeIsActive ? machine.Settings.Lease : machine.Settings.Lease * 2);

        EndAll(world, machine);
        machine.Checker.Disturbed();
        machine.StartNode();
        Pass(world, machine.Settings.Lease);
        EndAll(world, machine);
        if (world.Failure is null) machine.Checker.Balance();
    }

    static void EndAll(World world, Machine machine)
    {
        foreach (var node in world.Nodes) node.End();
        if (!world.RunUntil(() => world.Nodes.TrueForAll(node => node.IsGone), world.Now + machine.Settings.Drain + machine.Settings.Lease))
            world.Fail(Law.NodesEnd, $"not all nodes have ended: {string.Join(", ", world.Nodes.Where(node => !node.IsGone))}");
    }

    static void Pass(World world, TimeSpan time) => world.RunUntil(() => false, world.Now + time);
}
