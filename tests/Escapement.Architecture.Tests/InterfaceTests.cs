using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>An interface has several implementations, or users implement it.</summary>
public sealed class InterfaceTests
{
    /// <summary>Interfaces with a single implementation in <c>src</c>, each with the reason.</summary>
    static readonly Dictionary<string, string> Reasons = new()
    {
        ["Escapement.IScheduler"] = "Programs depend on the interface and replace it in their tests.",
        ["Escapement.Stores.IWarmUp"] = "A store of a user implements the interface if its first transactions are slow.",
        ["Escapement.Leadership.IStoreLocks"] = "The hosted service asks any store for locks of its own, without naming the memory store.",
        ["Escapement.Leadership.ILifeLockStore"] = "A store of a user implements the interface if its database has locks of sessions.",
        ["Escapement.Leadership.ILifeLocks"] = "The locks of such a store.",
    };

    [Fact]
    public void No_interface_has_a_single_implementation() =>
        Faults.AssertNone(Faults.Differences(SingleImplementations(Products.Graphs), Reasons.Keys));

    [Fact]
    public void An_interface_with_a_single_implementation_is_found_across_assemblies()
    {
        var core = Planted.Project("Escapement.Core", [], ("A.cs", """
            public interface ISingle;
            public interface IGeneric<T>;
            public interface ITwice : ISingle;
            class A : IGeneric<int>, ITwice;
            """), ("IAlone.cs", "public interface IAlone;"));
        var sqlite = Planted.Project("Escapement.Sqlite", [core], ("B.cs", "class B : ITwice; class C : IAlone;"));
        Assert.Equal(["IGeneric`1", "IAlone"], SingleImplementations([core.Graph, sqlite.Graph]));
    }

    /// <summary>Returns the interfaces that exactly one class or structure implements.</summary>
    static IEnumerable<string> SingleImplementations(IReadOnlyList<AssemblyGraph> graphs)
    {
        var counts = graphs.SelectMany(graph => graph.Types).Where(type => !type.IsInterface).SelectMany(type => type.Interfaces.Distinct())
            .CountBy(implemented => implemented).ToDictionary();
        return graphs.SelectMany(graph => graph.Types).Where(type => type.IsInterface && counts.GetValueOrDefault(type.Name) == 1)
            .Select(type => type.Name.Name);
    }
}
