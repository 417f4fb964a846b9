using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;

namespace Escapement.Packages.Tests;

/// <summary>All packages, packed once into a temporary folder from what the test command has built.</summary>
public sealed class PackedFolder : IAsyncLifetime
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("escapement-packages-");

    /// <summary>Ids of all packages.</summary>
    public static IReadOnlyList<string> Ids { get; } =
    [
        "Escapement", "Escapement.AspNetCore", "Escapement.Cli", "Escapement.Core", "Escapement.Sqlite", "Escapement.Testing.Stores",
        "Escapement.Triggers",
    ];

    /// <summary>The version of this run's packages, which no other run has.</summary>
    public string Version { get; } = $"0.0.1-test.{Guid.NewGuid():N}";

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
        foreach (var id in Ids)
        {
            await Dotnet.RunAsync("dotnet", Root, GlobalCache, "pack", $"src/{id}", "--no-build", "-c", Metadata("Configuration"), "-o",
                Packages,
                $"-p:PackageVersion={Version}", "-v", "quiet");
        }

        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <add key="escapement-packed" value="{Packages}" />
                <add key="escapement-offline" value="{GlobalCache}" />
              </packageSources>
              <packageSourceMapping>
                <clear />
                <packageSource key="escapement-packed"><package pattern="Escapement" /><package pattern="Escapement.*" /></packageSource>
                <packageSource key="escapement-offline"><package pattern="*" /></packageSource>
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
