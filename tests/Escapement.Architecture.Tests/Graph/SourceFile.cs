using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Escapement.Architecture.Tests.Graph;

/// <summary>A source file with its length.</summary>
/// <param name="Project">The name of the project, which is its folder in <c>src</c>.</param>
/// <param name="Path">The path relative to the project.</param>
/// <param name="Lines">All lines.</param>
/// <param name="CodeLines">The lines with code. Blank lines and lines that hold comments alone do not count.</param>
sealed record SourceFile(string Project, string Path, int Lines, int CodeLines)
{
    public static SourceFile Of(string project, string path, string text)
    {
        var tree = CSharpSyntaxTree.ParseText(text, new(documentationMode: DocumentationMode.None));
        var source = tree.GetText();
        var code = new bool[source.Lines.Count];
        foreach (var token in tree.GetRoot().DescendantTokens().Where(token => token.Span.Length > 0))
        {
            var span = source.Lines.GetLinePositionSpan(token.Span);
            Array.Fill(code, true, span.Start.Line, span.End.Line - span.Start.Line + 1);
        }

        // The text after the last line break is a line only if it is not empty.
        var lines = source.Lines.Count - (source.Lines[^1].Span.IsEmpty ? 1 : 0);
        return new(project, path, lines, code.Count(line => line));
    }
}
