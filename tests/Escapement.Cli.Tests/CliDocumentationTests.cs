using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Compares docs/cli.md with the options and warnings of the tool.</summary>
public sealed partial class CliDocumentationTests
{
    [GeneratedRegex(@"run\.Warn\([^""]*?""([a-z-]+)""")]
    private static partial Regex Warning { get; }

    [GeneratedRegex(@"\b\w+\.Warn\(")]
    private static partial Regex Call { get; }

    [GeneratedRegex(@"^\| `([a-z]+(?:-[a-z]+)+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row { get; }

    [Fact]
    public void Every_warning_has_its_row()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Root(), "src/Escapement.Cli"), "*.cs", SearchOption.AllDirectories)
            .Select(file => (Name: Path.GetFileName(file), Text: File.ReadAllText(file))).ToList();

        // A call with an unreadable name would be a warning whose missing row nobody notices.
        Assert.All(sources, source =>
            Assert.Equal((source.Name, Call.Count(source.Text)), (source.Name, Warning.Count(source.Text))));

        var warnings = sources.SelectMany(source => Warning.Matches(source.Text)).Select(match => match.Groups[1].Value)
            .Distinct().Order().ToList();
        Assert.NotEmpty(warnings);
        Assert.Equal(warnings, Row.Matches(File.ReadAllText(Path.Combine(Root(), "docs/cli.md"))).Select(match => match.Groups[1].Value)
            .Order());
    }

    static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));
}
