using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;

[assembly: AssemblyFixture(typeof(Escapement.Packages.Tests.PackedFolder))]

namespace Escapement.Packages.Tests;

/// <summary>All packages, packed once into a temporary folder from what the test command has built.</summary>
public sealed class PackedFolder : IAsyncLifetime
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("escapement-packages-");

    /// <summary>Ids of all packages.</summary>
    public static IReadOnlyList<string> Ids { get; } =
    [
        "Escapement", "Escapement.AspNetCore", "Escapement.Cli", "Escapement.Core", "Escapement.PostgreSql", "Escapement.Sqlite",
        "Escapement.Testing", "Escapement.Testing.Stores", "Escapement.Templates", "Escapement.Triggers",
    ];

    /// <summary>The version of this run's packages. Not a preview, which <c>dotnet add package</c> would skip.</summary>
    public string Version { get; } = $"0.0.{Random.Shared.Next(1, int.MaxValue)}";

    /// <summary>The folder below which third-party packages come also from the package sources of the machine.</summary>
    public const string WithRegistries = "registries";

    /// <summary>The repository's root.</summary>
    public static string Root { get; } = Metadata("Root");

    /// <summary>The folder of the packages.</summary>
    public string Packages => Path.Combine(folder.FullName, "packages");

    /// <summary>A package cache that is empty when the tests begin.</summary>
    public string Cache => Path.Combine(folder.FullName, "cache");

    /// <summary>Creates a folder outside the repository.</summary>
    public string Folder(string name) => folder.CreateSubdirectory(name).FullName;

    public async ValueTask InitializeAsync()
    {
        // The repository's own cache holds the third-party packages, so packing needs no source.
        await Dotnet.RunAsync("dotnet", Root, GlobalCache, "pack", "Escapement.slnx", "--no-build", "-c", Metadata("Configuration"), "-o",
            Packages, $"-p:PackageVersion={Version}", "-v", "quiet");
        await WriteSourcesAsync(folder.FullName, []);
        var sources = await Dotnet.RunAsync("dotnet", Root, GlobalCache, "nuget", "list", "source", "--format", "short");
        await WriteSourcesAsync(Folder(WithRegistries), [.. sources.Split('\n', StringSplitOptions.TrimEntries)
            .Where(line => line.StartsWith('E')).Select(line => line.Split(' ')[^1])]);
    }

    /// <summary>Writes the package sources for a folder: the packed packages, the machine's cache, and registries.</summary>
    async Task WriteSourcesAsync(string below, string[] registries)
    {
        var names = registries.Select((_, number) => $"escapement-registry-{number}").ToList();
        await File.WriteAllTextAsync(Path.Combine(below, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="escapement-packed" value="{Packages}" />
                <add key="escapement-offline" value="{GlobalCache}" />
                {string.Join('\n', names.Zip(registries, (name, source) => $"<add key=\"{name}\" value=\"{source}\" />"))}
              </packageSources>
              <fallbackPackageFolders>
                <add key="escapement-cache" value="{GlobalCache}" />
              </fallbackPackageFolders>
              <packageSourceMapping>
                <clear />
                <packageSource key="escapement-packed"><package pattern="Escapement" /><package pattern="Escapement.*" /></packageSource>
                {string.Concat(names.Prepend("escapement-offline").Select(name =>
                    $"<packageSource key=\"{name}\"><package pattern=\"*\" /></packageSource>"))}
              </packageSourceMapping>
            </configuration>
            """);
    }

    public ValueTask DisposeAsync()
    {
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Opens a package.</summary>
    internal ZipArchive Open(string id, string extension = "nupkg") =>
        ZipFile.OpenRead(Path.Combine(Packages, $"{id}.{Version}.{extension}"));

    /// <summary>Reads a package's manifest.</summary>
    internal XElement Manifest(string id)
    {
        using var package = Open(id);
        using var stream = package.GetEntry($"{id}.nuspec")!.Open();
        return XElement.Load(stream).Elements().Single(element => element.Name.LocalName == "metadata");
    }

    static string GlobalCache => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
        ? set
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    static string Metadata(string key) =>
        typeof(PackedFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
