using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>Triggers, ledger and rules are functions of their arguments: time is an argument.</summary>
public sealed class PureFolderTests
{
    static readonly string[] PureFoldersOfCore = ["Ledger", "Rules"];

    static readonly string[] Effects =
        ["System.TimeProvider", "System.Diagnostics.Stopwatch", "System.Runtime.CompilerServices.IAsyncStateMachine"];

    [Fact]
    public void Triggers_ledger_and_rules_have_no_clock_no_logger_and_do_not_wait() =>
        Faults.AssertNone(Products.Graphs.SelectMany(Impurities));

    [Theory]
    [InlineData("static long Now(System.TimeProvider clock) => clock.GetTimestamp();", "System.TimeProvider")]
    [InlineData("static long Now() => System.Diagnostics.Stopwatch.GetTimestamp();", "System.Diagnostics.Stopwatch")]
    [InlineData("async void Wait() => await System.Threading.Tasks.Task.Yield();", "System.Runtime.CompilerServices.IAsyncStateMachine")]
    [InlineData("static Microsoft.Extensions.Logging.ILogger? Log() => null;", "Microsoft.Extensions.Logging.ILogger")]
    public void A_clock_a_logger_and_a_wait_are_found(string member, string found) =>
        Assert.Contains($"Escapement.Core/Rules/Rule.cs names {found}", Impurities(Planted.Project("Escapement.Core", [],
            ("Rules/Rule.cs", $"class Rule {{ {member} }}"),
            ("Hosting/ILogger.cs", "namespace Microsoft.Extensions.Logging; interface ILogger;")).Graph));

    [Fact]
    public void Everything_in_the_package_of_triggers_is_pure() =>
        Assert.Equal(["Escapement.Triggers/Kinds/Kind.cs names System.TimeProvider"], Impurities(Planted.Project("Escapement.Triggers", [],
            ("Kinds/Kind.cs", "class Kind { System.TimeProvider? clock; }")).Graph));

    [Fact]
    public void The_engine_may_wait() =>
        Assert.Empty(Impurities(Planted.Project("Escapement.Core", [],
            ("Engine/Node.cs", "class Node { async void Wait() => await System.Threading.Tasks.Task.Yield(); }")).Graph));

    /// <summary>Returns the pure files with a clock, a logger, or the state machine of <c>async</c>.</summary>
    static IEnumerable<string> Impurities(AssemblyGraph graph) => graph.References
        .Where(reference => IsPure(graph.Project, reference.File))
        .Where(reference => Effects.Contains(reference.To.Name)
            || reference.To.Namespace.StartsWith("Microsoft.Extensions.Logging", StringComparison.Ordinal))
        .Select(reference => $"{graph.Project}/{reference.File} names {reference.To}").Distinct();

    static bool IsPure(string project, string file) => project == "Escapement.Triggers"
        || (project == "Escapement.Core" && PureFoldersOfCore.Contains(AssemblyGraph.FolderOf(file)));
}
