namespace Escapement.Architecture.Tests.Graph;

/// <summary>An assembly as a graph of source files and of the types that the files name.</summary>
/// <remarks>
/// The reader uses the compiled assembly and its portable PDB: signatures, fields, attributes, base types and method
/// bodies count, with or without a <c>using</c>. Constants and <c>nameof</c> leave no trace in an assembly.
/// </remarks>
sealed record AssemblyGraph
{
    /// <summary>The name of the project, which is its folder in <c>src</c>.</summary>
    public required string Project { get; init; }

    /// <summary>The name of the assembly.</summary>
    public required string Name { get; init; }

    public required IReadOnlyList<CodeType> Types { get; init; }

    public required IReadOnlyList<Reference> References { get; init; }

    /// <summary>The simple names of the assemblies that the assembly refers to.</summary>
    public required IReadOnlyList<string> Assemblies { get; init; }

    /// <summary>The simple names of the assemblies that see the internal types.</summary>
    public required IReadOnlyList<string> Friends { get; init; }

    /// <summary>Returns the first folder of a file, or an empty text for a file beside the project file.</summary>
    public static string FolderOf(string file) => file.IndexOf('/') is var slash and > 0 ? file[..slash] : "";

    /// <summary>Reads an assembly and the PDB beside it.</summary>
    /// <param name="project">The name of the project, which is the name of its folder in <c>src</c>.</param>
    /// <param name="path">The path of the assembly.</param>
    public static AssemblyGraph Of(string project, string path)
    {
        using var assembly = File.OpenRead(path);
        using var symbols = File.OpenRead(Path.ChangeExtension(path, ".pdb"));
        return Of(project, assembly, symbols);
    }

    /// <summary>Reads an assembly and its portable PDB.</summary>
    public static AssemblyGraph Of(string project, Stream assembly, Stream symbols)
    {
        using var reader = new AssemblyReader(project, assembly, symbols);
        return reader.Read();
    }
}
