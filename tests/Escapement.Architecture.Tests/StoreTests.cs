using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>A store decides nothing: a store reads rows, hands them to a plan, and writes its decisions.</summary>
public sealed class StoreTests
{
    const string Waist = "Escapement.Stores.IJobStore";

    /// <summary>Types of <c>Rules</c> that plans alone may name.</summary>
    static readonly string[] OfPlansAlone =
    [
        "Escapement.Rules.Decide", "Escapement.Rules.Decision", "Escapement.Rules.Jitter", "Escapement.Rules.ClaimContext",
        "Escapement.Rules.Skipped",
    ];

    [Fact]
    public void No_file_of_a_store_names_a_type_that_plans_alone_may_name() => Faults.AssertNone(Products.Graphs.SelectMany(Decisions));

    [Fact]
    public void The_types_that_plans_alone_may_name_exist() =>
        Faults.AssertNone(OfPlansAlone.Except(Products.Core.Types.Select(type => type.Name.Name)));

    [Fact]
    public void The_waist_has_twelve_methods_and_three_properties() => Assert.Equal((12, 3), WaistOf(Products.Core));

    [Theory]
    [InlineData("Escapement.Core", "Stores/MemoryStore.cs")]
    [InlineData("Escapement.Sqlite", "ClaimTransaction.cs")]
    [InlineData("Escapement.PostgreSql", "Claims/ClaimTransaction.cs")]
    public void A_decision_in_a_store_is_found(string project, string path) =>
        Assert.Equal([$"{project}/{path} names Escapement.Rules.Decide"], Decisions(Planted.Project(project, [],
            (path, "class Store { static bool Claim() => Escapement.Rules.Decide.Runs(); }"),
            ("Rules/Decide.cs", "namespace Escapement.Rules; static class Decide { public static bool Runs() => true; }")).Graph));

    [Fact]
    public void Inherited_members_of_the_waist_count() =>
        Assert.Equal((2, 1), WaistOf(Planted.Compile(("Stores/IJobStore.cs", """
            namespace Escapement.Stores;
            interface IChanges { void Change(); }
            interface IJobStore : IChanges, System.IAsyncDisposable { void Claim(); int Place { get; } }
            """))));

    /// <summary>Returns the files of stores that name types of plans.</summary>
    static IEnumerable<string> Decisions(AssemblyGraph graph) => graph.References
        .Where(reference => IsStore(graph.Project, reference.File) && OfPlansAlone.Contains(reference.To.Name.Split('+')[0]))
        .Select(reference => $"{graph.Project}/{reference.File} names {reference.To}").Distinct();

    static bool IsStore(string project, string file) => project is "Escapement.Sqlite" or "Escapement.PostgreSql"
        ? AssemblyGraph.FolderOf(file) != "Rules"
        : project == "Escapement.Core" && AssemblyGraph.FolderOf(file) == "Stores";

    /// <summary>Returns the numbers of methods and properties of a store, without <c>DisposeAsync</c>.</summary>
    static (int Methods, int Properties) WaistOf(AssemblyGraph graph)
    {
        var waist = graph.Types.Single(type => type.Name.Name == Waist);
        var parts = graph.Types.Where(type => waist.Interfaces.Contains(type.Name)).Append(waist).ToList();
        return (parts.Sum(type => type.Methods.Count), parts.Sum(type => type.Properties.Count));
    }
}
