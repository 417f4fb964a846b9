using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>REST reads and changes the store, and names no type of the engine.</summary>
/// <remarks>Every process of a program then gives the same answers.</remarks>
public sealed class EngineDoorTests
{
    [Fact]
    public void Rest_names_no_type_of_the_engine() => Faults.AssertNone(
        EngineTypes(Products.Graphs.Single(graph => graph.Project == "Escapement.AspNetCore"), Products.Core));

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
