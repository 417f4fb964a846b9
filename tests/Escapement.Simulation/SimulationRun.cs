namespace Escapement.Simulation;

/// <summary>The result of a simulation.</summary>
/// <param name="Name">The seed or the scenario.</param>
/// <param name="Failure">The broken law, or null if all laws held.</param>
/// <param name="Story">The recorded events, if requested.</param>
/// <param name="Claims">The number of checked claims.</param>
/// <param name="Epochs">The number of epochs.</param>
/// <param name="Steps">The number of steps.</param>
sealed record Verdict(string Name, Failure? Failure, IReadOnlyList<string> Story, int Claims, int Epochs, int Steps);

/// <summary>Runs a simulation from its start to its account.</summary>
static class SimulationRun
{
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Runs the simulation of a seed.</summary>
    public static Verdict Of(Seed seed, Without? without = null, bool traced = false) =>
        Of(seed.ToString(), Plan.Of(seed), seed.Number, without, traced);

    /// <summary>Runs the simulation of a seed in a store in which every node is active.</summary>
    public static Verdict OfEach(Seed seed, Without? without = null, bool traced = false) =>
        Of(seed.ToString(), Plan.OfEach(seed), seed.Number, without, traced);

    /// <summary>Runs a plan in the order given by a number.</summary>
    public static Verdict Of(string name, Plan plan, int order, Without? without = null, bool traced = false)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var world = new World(order, traced) { MaxSteps = plan.Length > TimeSpan.Zero ? 50_000_000 : 1_000_000 };
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
        world.RunUntil(() => world.Nodes.Count >= plan.Starts.Count && machine.Faults.AreOver && world.Now >= plan.Length,
            Longest + (plan.Length * 2));

        // A node stopped inside a transaction is ended, as the status text of every node advises.
        // Nobody sends SIGCONT to the other nodes.
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
