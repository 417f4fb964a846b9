using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>A constructor has at most six parameters: values that travel together are a record of their own.</summary>
public sealed class ConstructorTests
{
    const int MaxParameters = 6;

    /// <summary>The longer constructors, with their parameters. A shorter constructor leaves the table.</summary>
    static readonly string[] KnownLong =
    [
        "Escapement.Cli.Lint.StepRule+Steps: 7",
        "Escapement.Engine.NodeContext: 7",
        "Escapement.Engine.Raise: 7",
        "Escapement.Hosting.HostContext: 7",
        "Escapement.Leadership.GateFacts: 7",
        "Escapement.Triggers.CronFormatException: 7",
    ];

    [Fact]
    public void No_new_constructor_has_more_than_six_parameters() =>
        Faults.AssertNone(Faults.Differences(Products.Graphs.SelectMany(LongConstructors), KnownLong));

    [Fact]
    public void A_long_constructor_is_found_in_classes_and_records() =>
        Assert.Equal(["Rules.A: 7", "Rules.B: 8", "Rules.A+Part: 7"], LongConstructors(Planted.Compile(("Rules/A.cs", """
            namespace Rules;
            class A(int a, int b, int c, int d, int e, int f, int g)
            {
                class Part { Part(int a, int b, int c, int d, int e, int f, int g) { } }
            }
            record B(int A, int B1, int C, int D, int E, int F, int G, int H);
            record struct Six(int A, int B, int C, int D, int E, int F);
            """))));

    /// <summary>Returns the types with a constructor of more than six parameters.</summary>
    static IEnumerable<string> LongConstructors(AssemblyGraph graph) => graph.Types
        .Where(type => type.IsWritten && type.ConstructorParameters > MaxParameters)
        .Select(type => $"{type.Name}: {type.ConstructorParameters}");
}
