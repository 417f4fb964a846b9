using System.Reflection;
using System.Xml.Linq;
using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>A project of <c>src</c>.</summary>
/// <param name="Name">The name of the project file.</param>
/// <param name="References">The names of the projects that the project file refers to.</param>
/// <param name="Packages">The ids of the packages that the project file refers to.</param>
/// <param name="Graph">The compiled assembly.</param>
sealed record Product(string Name, IReadOnlyList<string> References, IReadOnlyList<string> Packages, AssemblyGraph Graph);

/// <summary>The projects of <c>src</c>, read once for all tests.</summary>
static class Products
{
    static readonly Lazy<IReadOnlyList<Product>> Read = new(() =>
        [.. Projects().Select(ProductOf)]);

    static readonly Lazy<IReadOnlyList<SourceFile>> ReadSources = new(() =>
    [
        .. Projects().SelectMany(project => Sources(Path.GetDirectoryName(project)!)
            .Select(file => (Project: Path.GetFileNameWithoutExtension(project), Folder: Path.GetDirectoryName(project)!, File: file)))
            .Select(source => SourceFile.Of(source.Project, Relative(source.Folder, source.File), File.ReadAllText(source.File))),
    ]);

    public static IReadOnlyList<Product> All => Read.Value;

    public static IReadOnlyList<AssemblyGraph> Graphs => [.. All.Select(product => product.Graph)];

    public static AssemblyGraph Core => All.Single(product => product.Name == "Escapement.Core").Graph;

    /// <summary>The source files of all projects of <c>src</c>, without generated files.</summary>
    public static IReadOnlyList<SourceFile> Files => ReadSources.Value;

    static string Metadata(string key) => typeof(Products).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;

    static IEnumerable<string> Projects() => Directory.EnumerateDirectories(Path.Combine(Metadata("Root"), "src"))
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj")).Order(StringComparer.Ordinal);

    static Product ProductOf(string path)
    {
        var (name, folder, file) = (Path.GetFileNameWithoutExtension(path), Path.GetDirectoryName(path)!, XDocument.Load(path));
        var assembly = file.Descendants("AssemblyName").SingleOrDefault()?.Value ?? name;
        IEnumerable<string> Included(string element) => file.Descendants(element).Select(one => one.Attribute("Include")!.Value);
        return new(name,
            [.. Included("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Replace('\\', '/')))],
            [.. Included("PackageReference")],
            AssemblyGraph.Of(name, Path.Combine(folder, Metadata("Output"), assembly + ".dll")));
    }

    static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(file => Relative(folder, file).Split('/')[0] is not ("bin" or "obj"));

    static string Relative(string folder, string file) => Path.GetRelativePath(folder, file).Replace('\\', '/');
}
