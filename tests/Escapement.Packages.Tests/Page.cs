using System.Text.RegularExpressions;

namespace Escapement.Packages.Tests;

/// <summary>A fenced block of a page.</summary>
/// <param name="Language">The word behind the opening fence.</param>
/// <param name="Text">The lines of the block.</param>
/// <param name="File">The last source file named in the prose before the block, or an empty text.</param>
sealed record Step(string Language, string Text, string File = "");

/// <summary>Reads the steps of a page that a reader is to follow.</summary>
static partial class Page
{
    /// <summary>Returns the blocks of a section, in their order.</summary>
    /// <param name="page">The path from the root of the repository.</param>
    /// <param name="heading">The heading of the section, without its marks.</param>
    public static IReadOnlyList<Step> Steps(string page, string heading)
    {
        List<Step> steps = [];
        var file = "";
        using var lines = File.ReadLines(Path.Combine(PackedFolder.Root, page))
            .SkipWhile(line => line != $"## {heading}").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .GetEnumerator();
        while (lines.MoveNext())
        {
            if (SourceFile.Match(lines.Current) is { Success: true } named) file = named.Groups[1].Value;
            if (!lines.Current.StartsWith("```", StringComparison.Ordinal)) continue;

            var language = lines.Current[3..];
            List<string> text = [];
            while (lines.MoveNext() && lines.Current != "```") text.Add(lines.Current);
            steps.Add(new(language, string.Join('\n', text), file));
        }

        return steps;
    }

    [GeneratedRegex(@"`([\w./]+\.(?:cs|csproj|json))`")]
    private static partial Regex SourceFile { get; }
}
