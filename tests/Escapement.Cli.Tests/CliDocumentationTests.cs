using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>docs/cli.md names what there is.</summary>
public sealed partial class CliDocumentationTests
{
    [GeneratedRegex(@"run\.Warn\([^""]*?""([a-z-]+)""")]
    private static partial Regex Warning { get; }

    [GeneratedRegex(@"^\| `([a-z]+(?:-[a-z]+)+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row { get; }

    [Fact]
    public void Every_warning_has_its_row()
    {
        var source = Directory.EnumerateFiles(Path.Combine(Root(), "src/Escapement.Cli/Lint"), "*.cs").Select(File.ReadAllText);
        var warnings = source.SelectMany(text => Warning.Matches(text)).Select(match => match.Groups[1].Value).Distinct().Order().ToList();
        Assert.True(warnings.Count >= 9);
        Assert.Equal(warnings, Row.Matches(File.ReadAllText(Path.Combine(Root(), "docs/cli.md"))).Select(match => match.Groups[1].Value)
            .Order());
    }

    static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));
}
