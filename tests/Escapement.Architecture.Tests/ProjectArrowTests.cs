namespace Escapement.Architecture.Tests;

/// <summary>Projects refer to each other in a single direction.</summary>
public sealed class ProjectArrowTests
{
    /// <summary>The projects of <c>src</c>, and the projects that each may name.</summary>
    static readonly Dictionary<string, string[]> MayName = new()
    {
        ["Escapement.Triggers"] = [],
        ["Escapement.Core"] = ["Escapement.Triggers"],
        ["Escapement.Sqlite"] = ["Escapement.Triggers", "Escapement.Core"],
        ["Escapement.PostgreSql"] = ["Escapement.Triggers", "Escapement.Core"],
        ["Escapement.Testing"] = ["Escapement.Triggers", "Escapement.Core"],
        ["Escapement.Testing.Stores"] = ["Escapement.Triggers", "Escapement.Core"],
        ["Escapement"] = ["Escapement.Triggers", "Escapement.Core", "Escapement.Sqlite"],
        ["Escapement.AspNetCore"] = ["Escapement.Triggers", "Escapement.Core", "Escapement.Sqlite", "Escapement"],
        ["Escapement.Cli"] = ["Escapement.Triggers", "Escapement.Core", "Escapement.Sqlite", "Escapement.PostgreSql"],
    };

    [Fact]
    public void A_project_names_only_projects_to_its_left() => Faults.AssertNone(WrongArrows(Products.All));

    [Fact]
    public void The_triggers_need_nothing_and_the_core_brings_only_abstractions() =>
        Faults.AssertNone(Products.All.SelectMany(ForeignPackages));

    [Fact]
    public void An_arrow_to_the_right_is_found_in_a_project_file() =>
        Assert.Equal(["Escapement.Core refers to Escapement.Sqlite"],
            WrongArrows([Empty("Escapement.Core", references: ["Escapement.Triggers", "Escapement.Sqlite"])]));

    [Fact]
    public void An_arrow_to_the_right_is_found_in_an_assembly()
    {
        var sqlite = Planted.Project("Escapement.Sqlite", [], ("Store.cs", "public class Store;"));
        var core = Planted.Project("Escapement.Core", [sqlite], ("Engine.cs", "class Engine { Store? store; }"));
        Assert.Equal(["Escapement.Core refers to Escapement.Sqlite"],
            WrongArrows([new("Escapement.Core", [], [], core.Graph), new("Escapement.Sqlite", [], [], sqlite.Graph)]));
    }

    [Fact]
    public void A_project_without_a_row_is_found() =>
        Assert.Equal(["Escapement.Common has no row in the table of projects"], WrongArrows([Empty("Escapement.Common")]));

    [Fact]
    public void A_package_that_is_no_abstraction_is_found() =>
        Assert.Equal(["Escapement.Core needs Newtonsoft.Json"],
            ForeignPackages(Empty("Escapement.Core", packages: ["Newtonsoft.Json", "Microsoft.Extensions.Logging.Abstractions"])));

    [Fact]
    public void A_package_of_the_triggers_is_found() =>
        Assert.Equal(["Escapement.Triggers needs Microsoft.Extensions.Logging.Abstractions"],
            ForeignPackages(Empty("Escapement.Triggers", packages: ["Microsoft.Extensions.Logging.Abstractions"])));

    /// <summary>Returns the references outside the row of a project, in project files and in assemblies.</summary>
    static List<string> WrongArrows(IReadOnlyList<Product> products)
    {
        var names = products.ToDictionary(product => product.Graph.Name, product => product.Name);
        return
        [
            .. products.Where(product => !MayName.ContainsKey(product.Name))
                .Select(product => $"{product.Name} has no row in the table of projects"),
            .. products.Where(product => MayName.ContainsKey(product.Name)).SelectMany(product => product.References
                .Concat(product.Graph.Assemblies.Where(names.ContainsKey).Select(assembly => names[assembly])).Distinct()
                .Where(reference => !MayName[product.Name].Contains(reference))
                .Select(reference => $"{product.Name} refers to {reference}")),
        ];
    }

    /// <summary>Returns the packages of the triggers, and the packages of the core without abstractions.</summary>
    static IEnumerable<string> ForeignPackages(Product product) => product.Packages
        .Where(package => product.Name switch
        {
            "Escapement.Triggers" => true,
            "Escapement.Core" => !package.EndsWith(".Abstractions", StringComparison.Ordinal),
            _ => false,
        })
        .Select(package => $"{product.Name} needs {package}");

    static Product Empty(string name, string[]? references = null, string[]? packages = null) =>
        new(name, references ?? [], packages ?? [], Planted.Project(name, []).Graph);
}
