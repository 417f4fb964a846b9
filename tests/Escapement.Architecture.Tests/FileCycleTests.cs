using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>The files of a folder can be read in an order in which each names only files before it.</summary>
public sealed class FileCycleTests
{
    /// <summary>The known cycles. A mended cycle leaves the table, and a new cycle fails the test.</summary>
    static readonly string[] KnownCycles =
    [
        "Escapement.Core/Jobs: Job.cs, JobOption.cs, JobOptionValues.cs, JobOptions.cs, JobPolicies.cs",
        "Escapement.Sqlite: EndTransaction.cs, EpochTable.cs, JobCache.cs, JobTable.cs, LedgerTable.cs, RunTable.cs, "
            + "StateTable.cs, Transaction.cs, WaitingTable.cs",
    ];

    [Fact]
    public void Files_of_a_folder_have_no_new_cycle() =>
        Faults.AssertNone(Faults.Differences(Products.Graphs.SelectMany(FileCycles), KnownCycles));

    [Fact]
    public void A_cycle_is_found_through_method_bodies_and_interfaces() =>
        Assert.Equal(["Planted/Engine: A.cs, B.cs, IC.cs"], FileCycles(Planted.Compile(
            ("Engine/A.cs", "class A { static object Next() => new B(); }"),
            ("Engine/B.cs", "class B { static object Next() => default(IC)!; void Use(IC c) => c.Back(null); }"),
            ("Engine/IC.cs", "interface IC { void Back(A? a); }"),
            ("Engine/D.cs", "class D { A? a; }"))));

    [Fact]
    public void A_cycle_through_the_parts_of_a_type_is_found() =>
        Assert.Equal(["Planted/Engine: Node.cs, State.cs"], FileCycles(Planted.Compile(
            ("Engine/Node.cs", "partial class Node { void A() { } }"),
            ("Engine/Node.Faults.cs", "partial class Node { State? B() => null; }"),
            ("Engine/State.cs", "class State { Node? node; }"))));

    [Fact]
    public void The_parts_of_a_type_and_the_way_through_another_folder_are_no_cycle() =>
        Assert.Empty(FileCycles(Planted.Compile(
            ("Engine/Node.cs", "partial class Node { void A() => B(); Rule? rule; }"),
            ("Engine/Node.Faults.cs", "partial class Node { void B() => A(); }"),
            ("Rules/Rule.cs", "class Rule { Node? node; }"))));

    [Fact]
    public void A_new_cycle_and_a_row_without_a_cycle_differ_from_the_table() =>
        Assert.Equal(["New: Engine: A.cs, B.cs", "Mended, so remove the row from the table: Engine: C.cs, D.cs"],
            Faults.Differences(["Engine: A.cs, B.cs", "Engine: E.cs, F.cs"], ["Engine: C.cs, D.cs", "Engine: E.cs, F.cs"]));

    /// <summary>Returns the cycles between files of the same folder.</summary>
    /// <remarks>The parts of a partial type count as a single file.</remarks>
    static IEnumerable<string> FileCycles(AssemblyGraph graph)
    {
        Dictionary<string, string> whole = [];
        foreach (var type in graph.Types.Where(type => type.Files.Count > 1))
        {
            foreach (var part in type.Files.Where(part => Path.GetDirectoryName(part) == Path.GetDirectoryName(type.File)))
            {
                whole.TryAdd(part, type.File!);
            }
        }

        return Cycles.Of(graph.References.Where(reference => reference.ToFile is not null)
                .Select(reference => (From: whole.GetValueOrDefault(reference.File, reference.File),
                    To: whole.GetValueOrDefault(reference.ToFile!, reference.ToFile!)))
                .Where(edge => Path.GetDirectoryName(edge.From) == Path.GetDirectoryName(edge.To)))
            .Select(cycle => $"{FolderOf(graph, cycle[0])}: {string.Join(", ", cycle.Select(Path.GetFileName))}");
    }

    static string FolderOf(AssemblyGraph graph, string file) => $"{graph.Project}/{Path.GetDirectoryName(file)}".TrimEnd('/');
}
