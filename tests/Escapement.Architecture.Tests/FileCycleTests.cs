using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>The files of a folder can be read in an order in which each names only files before it.</summary>
public sealed class FileCycleTests
{
    [Fact]
    public void Files_of_a_folder_have_no_cycle() => Faults.AssertNone(Products.Graphs.SelectMany(FileCycles));

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
    public void Files_with_parts_of_two_types_are_no_cycle() =>
        Assert.Empty(FileCycles(Planted.Compile(
            ("Jobs/A.cs", "partial class A { B? b; }"),
            ("Jobs/B.cs", "partial class B { A? a; }"),
            ("Jobs/Table.cs", "partial class A { } partial class B { }"))));

    /// <summary>Returns the cycles between files of the same folder.</summary>
    /// <remarks>The parts of a partial type count as a single file, together with the parts of other types in these
    /// files.</remarks>
    static IEnumerable<string> FileCycles(AssemblyGraph graph)
    {
        Dictionary<string, string> whole = [];
        foreach (var type in graph.Types.Where(type => type.Files.Count > 1))
        {
            foreach (var part in type.Files.Where(part => Path.GetDirectoryName(part) == Path.GetDirectoryName(type.File)))
            {
                var (before, after) = (whole.GetValueOrDefault(part, part), whole.GetValueOrDefault(type.File!, type.File!));
                foreach (var file in whole.Keys.Where(file => whole[file] == before).Append(part).ToList()) whole[file] = after;
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
