using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>A folder names only folders to its left.</summary>
public sealed class FolderArrowTests
{
    /// <summary>The folders of Core, and the folders that each may name.</summary>
    /// <remarks>
    /// The empty name stands for files beside the project file. A store opens locks of its own, so <c>Stores</c> is
    /// to the right of <c>Leadership</c>.
    /// </remarks>
    static readonly Dictionary<string, string[]> OfCore = new()
    {
        ["Jobs"] = [],
        ["Ledger"] = ["Jobs"],
        [""] = ["Jobs", "Ledger"],
        ["Rules"] = ["Jobs", "Ledger"],
        ["Leadership"] = ["", "Jobs", "Ledger", "Rules"],
        ["Stores"] = ["", "Jobs", "Ledger", "Rules", "Leadership"],
        ["Engine"] = ["", "Jobs", "Ledger", "Rules", "Leadership", "Stores"],
        ["Settings"] = ["", "Jobs", "Ledger", "Rules"],
        ["Hosting"] = ["", "Jobs", "Ledger", "Rules", "Leadership", "Stores", "Engine", "Settings"],
    };

    /// <summary>Arrows of Core that point to the right, each with the reason.</summary>
    static readonly Dictionary<string, string> Reasons = new()
    {
        ["Jobs/JobOptionTable.cs names Escapement.JobBuilder of Hosting/JobBuilder.cs"] =
            "A new option is a change of a single file: the properties of JobBuilder for the options are in the file of the options.",
    };

    /// <summary>Folders of a project other than Core that name each other.</summary>
    static readonly string[] KnownCycles = [];

    [Fact]
    public void A_folder_of_the_core_names_only_folders_to_its_left() =>
        Faults.AssertNone(Faults.Differences(WrongArrows(Products.Core, OfCore), Reasons.Keys));

    [Fact]
    public void Folders_of_a_project_do_not_name_each_other() =>
        Faults.AssertNone(Faults.Differences(
            Products.Graphs.Where(graph => graph.Project != "Escapement.Core").SelectMany(FolderCycles), KnownCycles));

    [Theory]
    [InlineData("class Wrong { static object Make() => Node.Make(); }", "method body")]
    [InlineData("class Wrong { Func<Node?> make = () => null; }", "field and lambda")]
    [InlineData("interface IWrong { List<Node[]> Nodes { get; } }", "signature")]
    [InlineData("class Wrong : List<Node>;", "base type")]
    [InlineData("class Kind(Type type) : Attribute; [Kind(typeof(Node))] enum Wrong { A }", "attribute")]
    [InlineData("class Wrong<T> where T : Node;", "constraint")]
    [InlineData("class Wrong { bool Is(object node) { try { return false; } catch (Node) { return true; } } }", "catch")]
    public void An_arrow_to_the_right_is_found(string source, string where)
    {
        var wrong = WrongArrows(
            Planted.Compile(
                ("Rules/Wrong.cs", $"using System; using System.Collections.Generic; namespace P; {source}"),
                ("Engine/Node.cs", "namespace P; class Node : System.Exception { public static Node Make() => new(); }")), OfCore);
        Assert.True(wrong is ["Rules/Wrong.cs names P.Node of Engine/Node.cs"], $"{where}: {string.Join(", ", wrong)}");
    }

    [Fact]
    public void An_arrow_to_the_left_is_allowed() =>
        Assert.Empty(WrongArrows(
            Planted.Compile(("Engine/Node.cs", "class Node { Rule? rule; }"), ("Rules/Rule.cs", "class Rule;")), OfCore));

    [Fact]
    public void A_folder_without_a_row_is_found() =>
        Assert.Equal(["Common has no row in the table of folders"],
            WrongArrows(Planted.Compile(("Common/Text.cs", "class Text;")), OfCore));

    [Fact]
    public void Folders_that_name_each_other_are_found() =>
        Assert.Equal(["Planted: Kinds, Text"], FolderCycles(Planted.Compile(
            ("Kinds/Kind.cs", "class Kind { Text? text; }"),
            ("Text/Text.cs", "class Text { Kind? kind; }"),
            ("Zones/Zone.cs", "class Zone;"))));

    /// <summary>Returns the references outside the row of the naming folder, and the folders without a row.</summary>
    static List<string> WrongArrows(AssemblyGraph graph, IReadOnlyDictionary<string, string[]> mayName) =>
    [
        .. graph.Types.SelectMany(type => type.Files).Select(AssemblyGraph.FolderOf).Distinct()
            .Where(folder => !mayName.ContainsKey(folder)).Select(folder => $"{folder} has no row in the table of folders"),
        .. graph.References.Where(reference => reference.ToFile is { } to
                && AssemblyGraph.FolderOf(reference.File) is var from && AssemblyGraph.FolderOf(to) is var target && from != target
                && !mayName.GetValueOrDefault(from, []).Contains(target))
            .Select(reference => $"{reference.File} names {reference.To} of {reference.ToFile}").Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Returns the sets of folders that name each other.</summary>
    /// <remarks>Files beside the project file use all folders and do not count.</remarks>
    static IEnumerable<string> FolderCycles(AssemblyGraph graph) =>
        Cycles.Of(graph.References.Where(reference => reference.ToFile is not null)
                .Select(reference => (AssemblyGraph.FolderOf(reference.File), AssemblyGraph.FolderOf(reference.ToFile!)))
                .Where(edge => edge.Item1 != "" && edge.Item2 != ""))
            .Select(cycle => $"{graph.Project}: {string.Join(", ", cycle)}");
}
