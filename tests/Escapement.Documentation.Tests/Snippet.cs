using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Escapement.Documentation.Tests;

/// <summary>A file with code for pages: a program in <c>Snippets/</c>, or a test in <c>tests/Escapement.Samples.Tests</c>. The
/// parts between <c>// snippet</c> and <c>// end</c> are shown in pages.</summary>
sealed class Snippet
{
    // What the Web SDK and ImplicitUsings give to a program.
    const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using System.Net.Http.Json;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        """;

    static readonly IReadOnlyList<MetadataReference> References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))];

    Snippet(string path)
    {
        Name = Path.GetFileName(path);
        Source = File.ReadAllText(path);
        Parts = [.. Read(Source)];
    }

    /// <summary>The programs in <c>Snippets/</c>, which a test compiles.</summary>
    public static IReadOnlyList<Snippet> Programs { get; } = Read("tests", "Escapement.Documentation.Tests", "Snippets");

    /// <summary>The programs, and the tests that the test command runs.</summary>
    public static IReadOnlyList<Snippet> All { get; } = [.. Programs, .. Read("tests", "Escapement.Samples.Tests")];

    public string Name { get; }

    public string Source { get; }

    /// <summary>The parts that pages show, without their common indentation.</summary>
    public IReadOnlyList<string> Parts { get; }

    /// <summary>Returns the errors of the compiler, or an empty list.</summary>
    public static IReadOnlyList<string> Compile(string source, string name)
    {
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp14);
        var compilation = CSharpCompilation.Create(
            "Snippet",
            [
                CSharpSyntaxTree.ParseText(SourceText.From(ImplicitUsings), options),
                CSharpSyntaxTree.ParseText(SourceText.From(source), options, name),
            ],
            References,
            new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        return [.. compilation.GetDiagnostics().Where(found => found.Severity is DiagnosticSeverity.Error).Select(found => $"{found}")];
    }

    static List<Snippet> Read(params string[] folder) =>
        [.. Directory.EnumerateFiles(Path.Combine([Repository.Root, .. folder]), "*.cs").Order(StringComparer.Ordinal)
            .Select(path => new Snippet(path))];

    static IEnumerable<string> Read(string source)
    {
        List<string>? part = null;
        foreach (var line in source.Split('\n'))
        {
            if (line.Trim() is "// snippet")
            {
                part = [];
            }
            else if (line.Trim() is "// end" && part is not null)
            {
                var indent = part.Where(text => text.Length > 0).Min(text => text.Length - text.TrimStart().Length);
                yield return string.Join('\n', part.Select(text => text.Length > indent ? text[indent..] : ""));
                part = null;
            }
            else
            {
                part?.Add(line);
            }
        }
    }
}
