using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>A product opens its internals to tests alone.</summary>
/// <remarks>A store written by a stranger can then do everything that the stores of this repository do.</remarks>
public sealed class FriendTests
{
    [Fact]
    public void No_product_opens_its_internals_to_another_product() =>
        Faults.AssertNone(Doors(Products.Graphs));

    [Fact]
    public void An_open_door_is_found()
    {
        var core = Planted.Project("Escapement.Core", [], ("Doors.cs", """
            [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Escapement.Sqlite")]
            [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Escapement.Core.Tests")]
            """));
        Assert.Equal(["Escapement.Core -> Escapement.Sqlite"], Doors([core.Graph, Planted.Project("Escapement.Sqlite", []).Graph]));
    }

    /// <summary>Returns the pairs of products of which the first opens its internals to the second.</summary>
    static IEnumerable<string> Doors(IReadOnlyList<AssemblyGraph> graphs) => graphs.SelectMany(graph => graph.Friends
        .Where(friend => graphs.Any(other => other.Name == friend || other.Project == friend))
        .Select(friend => $"{graph.Project} -> {friend}"));
}
