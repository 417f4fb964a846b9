using System.Reflection;

namespace Escapement.Documentation.Tests;

/// <summary>Finds the files of the repository and of the tool under test.</summary>
static class Repository
{
    public static string Root { get; } = Metadata("Root");

    public static string Tool { get; } = Path.GetFullPath(Metadata("Tool"));

    public static string Project { get; } = Path.Combine(Root, "tests", "Escapement.Documentation.Tests");

    /// <summary>Returns README, <c>docs/</c> and the README of each package, by path from the root.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        .. Directory.EnumerateFiles(Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md"))
            .Concat(Directory.EnumerateDirectories(Path.Combine(Root, "src")).Select(project => Path.Combine(project, "README.md")))
            .Where(File.Exists).Select(page => Path.GetRelativePath(Root, page).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;
}
