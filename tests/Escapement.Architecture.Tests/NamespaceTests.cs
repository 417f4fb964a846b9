using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>A namespace is its folder, except for types that users write, which are in <c>Escapement</c>.</summary>
public sealed class NamespaceTests
{
    const string ForUsers = "Escapement";

    /// <summary>The folders whose public types may be in <c>Escapement</c>, because users write the types.</summary>
    static readonly string[] FoldersForUsers =
    [
        "Escapement.Triggers/Text", "Escapement.Core/Jobs", "Escapement.Core/Hosting",
        "Escapement/", "Escapement.PostgreSql/", "Escapement.AspNetCore/", "Escapement.AspNetCore/Workers",
    ];

    /// <summary>Types outside the namespace of their folder, each with the reason.</summary>
    static readonly Dictionary<string, string> Reasons = new()
    {
        ["Escapement.RunQuery in Escapement.Core/Ledger/RunQuery.cs"] = "A program writes the query for IScheduler.",
        ["Escapement.RunInfo in Escapement.Core/Ledger/RunInfo.cs"] = "A program reads the answer of IScheduler.",
        ["Escapement.RunInfoPage in Escapement.Core/Ledger/RunInfo.cs"] = "A program reads the answer of IScheduler.",
        ["Escapement.ActionQuery in Escapement.Core/Ledger/ActionQuery.cs"] = "A program writes the query for IScheduler.",
        ["Escapement.ActionPage in Escapement.Core/Ledger/ActionQuery.cs"] = "A program reads the answer of IScheduler.",
        ["Escapement.ChangeAuthor in Escapement.Core/Ledger/ChangeAuthor.cs"] = "A program writes the author for IScheduler.",
        ["Escapement.RunRequest in Escapement.Core/Rules/RunRequest.cs"] = "A program writes the request for IScheduler.",
        ["Escapement.NodeInfo in Escapement.Core/Stores/NodeInfo.cs"] = "A program reads the answer of IScheduler.",
        ["Escapement.JobOptionTable in Escapement.Core/Jobs/JobOptionTable.cs"] =
            "The file also has a part of JobBuilder, which users write.",
        ["Escapement.StoreScheduler in Escapement.Core/Hosting/StoreScheduler.cs"] = "The class stands beside IScheduler.",
        ["Escapement.StoreScheduler in Escapement.Core/Hosting/StoreScheduler.Pauses.cs"] = "The class stands beside IScheduler.",
        ["Program in Escapement.Cli/Program.cs"] = "Statements at the top of a program have no namespace.",
    };

    [Fact]
    public void A_namespace_is_its_folder() =>
        Faults.AssertNone(Faults.Differences(Products.Graphs.SelectMany(WrongNamespaces), Reasons.Keys));

    [Fact]
    public void Every_written_type_has_a_source_file() =>
        Faults.AssertNone(Products.Graphs.SelectMany(graph => graph.Types)
            .Where(type => type.IsWritten && type.Files.Count == 0).Select(type => type.Name.Name));

    [Theory]
    [InlineData("Rules/Lease.cs", "namespace Escapement.Engine; class Lease;", "Escapement.Engine.Lease in Escapement.Core/Rules/Lease.cs")]
    [InlineData("Rules/Decide.cs", "namespace Escapement; public class Decide;", "Escapement.Decide in Escapement.Core/Rules/Decide.cs")]
    [InlineData("Hosting/Parts.cs", "namespace Escapement; class Parts;", "Escapement.Parts in Escapement.Core/Hosting/Parts.cs")]
    [InlineData("Rules/Kind.cs", "enum Kind { A }", "Kind in Escapement.Core/Rules/Kind.cs")]
    public void A_namespace_that_is_not_its_folder_is_found(string path, string source, string found) =>
        Assert.Equal([found], WrongNamespaces(Planted.Project("Escapement.Core", [], (path, source)).Graph));

    [Theory]
    [InlineData("Rules/Decide.cs", "namespace Escapement.Rules; class Decide { class Part; }")]
    [InlineData("Hosting/JobInfo.cs", "namespace Escapement; public record JobInfo(string Id);")]
    [InlineData("Log.cs", "namespace Escapement; static class Log;")]
    public void A_namespace_that_is_its_folder_is_allowed(string path, string source) =>
        Assert.Empty(WrongNamespaces(Planted.Project("Escapement.Core", [], (path, source)).Graph));

    /// <summary>Returns the types whose namespace is neither the one of their folder nor the one for users.</summary>
    static IEnumerable<string> WrongNamespaces(AssemblyGraph graph) => graph.Types
        .Where(type => type.IsWritten && !type.Name.Name.Contains('+', StringComparison.Ordinal))
        .SelectMany(type => type.Files.Where(file => !IsAllowed(type, graph.Project, file))
            .Select(file => $"{type.Name} in {graph.Project}/{file}"));

    static bool IsAllowed(CodeType type, string project, string file)
    {
        // Core is the heart of the product: its folders have the names Escapement.Rules and not Escapement.Core.Rules.
        var root = project == "Escapement.Core" ? "Escapement" : project;
        var folder = Path.GetDirectoryName(file)!.Replace('\\', '/');
        var expected = folder == "" ? root : $"{root}.{folder.Replace('/', '.')}";
        return type.Name.Namespace == expected
            // The package Escapement.Triggers is small: a program needs a single using for all its folders.
            || (project == "Escapement.Triggers" && type.Name.Namespace == project)
            || (type.IsPublic && type.Name.Namespace == ForUsers && FoldersForUsers.Contains($"{project}/{AssemblyGraph.FolderOf(file)}"));
    }
}
