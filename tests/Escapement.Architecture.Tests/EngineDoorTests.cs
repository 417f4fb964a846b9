using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>REST reads and changes the store, and reads of the engine only the status of its own node.</summary>
/// <remarks>Every process of a program then gives the same answers.</remarks>
public sealed class EngineDoorTests
{
    /// <summary>The types of the engine that REST names, each with the reason.</summary>
    static readonly Dictionary<string, string> Reasons = new()
    {
        ["Escapement.Engine.NodeState"] = "GET /node and the health check describe the state of this node.",
        ["Escapement.Engine.NodeState+Standby"] = "An answer on standby names the process that holds the lock.",
        ["Escapement.Engine.NodeState+Refused"] = "An answer of a refused node gives the reason.",
    };

    [Fact]
    public void Rest_reads_of_the_engine_only_the_status_of_its_node() => Faults.AssertNone(Faults.Differences(
        EngineTypes(Products.Graphs.Single(graph => graph.Project == "Escapement.AspNetCore"), Products.Core), Reasons.Keys));

    [Fact]
    public void A_type_of_the_engine_is_found_in_any_namespace()
    {
        var core = Planted.Project("Escapement.Core", [],
            ("Engine/Executor.cs", "namespace Escapement; public class Executor { public static void Start() { } }"),
            ("Hosting/JobInfo.cs", "namespace Escapement; public class JobInfo;"));
        var rest = Planted.Project("Escapement.AspNetCore", [core],
            ("Routes.cs", "class Routes { static void Run(Escapement.JobInfo job) => Escapement.Executor.Start(); }"));
        Assert.Equal(["Escapement.Executor"], EngineTypes(rest.Graph, core.Graph));
    }

    /// <summary>Returns the types in the folder <c>Engine</c> of the core that another assembly names.</summary>
    static IEnumerable<string> EngineTypes(AssemblyGraph from, AssemblyGraph core)
    {
        var engine = core.Types.Where(type => type.File is { } file && AssemblyGraph.FolderOf(file) == "Engine")
            .Select(type => type.Name).ToHashSet();
        return from.References.Select(reference => reference.To).Where(engine.Contains).Select(type => type.Name).Distinct();
    }
}
