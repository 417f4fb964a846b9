using Escapement.Architecture.Tests.Graph;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Escapement.Architecture.Tests;

/// <summary>An assembly compiled from a few lines, with a fault that a rule must find.</summary>
sealed class Planted
{
    static readonly IReadOnlyList<MetadataReference> Runtime =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "System.Private.CoreLib.dll" or "System.Runtime.dll")
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    readonly byte[] image;

    Planted(AssemblyGraph graph, byte[] image) => (Graph, this.image) = (graph, image);

    public AssemblyGraph Graph { get; }

    /// <summary>Compiles files of a project <c>Planted</c>.</summary>
    /// <param name="files">Pairs of a path relative to the project, and the source.</param>
    public static AssemblyGraph Compile(params (string Path, string Source)[] files) => Project("Planted", [], files).Graph;

    /// <summary>Compiles a project that refers to other compiled projects.</summary>
    public static Planted Project(string name, Planted[] references, params (string Path, string Source)[] files)
    {
        var trees = files.Select(file => CSharpSyntaxTree.ParseText(
            SourceText.From(file.Source, System.Text.Encoding.UTF8), path: $"/planted/src/{name}/{file.Path}"));
        var compilation = CSharpCompilation.Create(name, trees,
            [.. Runtime, .. references.Select(reference => MetadataReference.CreateFromImage(reference.image))],
            new(OutputKind.DynamicallyLinkedLibrary));
        using MemoryStream assembly = new(), symbols = new();
        EmitOptions options = new(debugInformationFormat: DebugInformationFormat.PortablePdb);
        var result = compilation.Emit(assembly, symbols, options: options);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        var image = assembly.ToArray();
        return new(AssemblyGraph.Of(name, new MemoryStream(image), new MemoryStream(symbols.ToArray())), image);
    }
}
