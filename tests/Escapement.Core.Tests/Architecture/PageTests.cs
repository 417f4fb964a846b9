using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Escapement.Core.Tests.Architecture;

/// <summary>Tests of the documentation's links to files.</summary>
public sealed partial class PageTests
{
    [GeneratedRegex(@"\]\((?!https?:)([^)#\s]+)[^)]*\)")]
    private static partial Regex Link { get; }

    [GeneratedRegex(@"^\| \d+\. \[`\w+`\]\((?<file>[^)]+)\) \| (?<lines>\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Stop { get; }

    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root(), "docs"), "*.md").Concat(Directory.EnumerateFiles(Root(), "*.md"))
            .Select(page => Path.GetRelativePath(Root(), page).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    [Theory, MemberData(nameof(Pages))]
    public void A_link_leads_to_a_file_or_a_folder(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Root(), page))!;
        var dead = Link.Matches(File.ReadAllText(Path.Combine(Root(), page))).Select(link => link.Groups[1].Value)
            .Where(link => !Path.Exists(Path.Combine(folder, link)));
        Assert.Empty(dead);
    }

    [Fact]
    public void The_walk_by_hand_gives_line_counts_within_a_fifth()
    {
        var docs = Path.Combine(Root(), "docs");
        var stops = Stop.Matches(File.ReadAllText(Path.Combine(docs, "architecture.md")));
        Assert.NotEmpty(stops);
        Assert.All(stops, cancellationToken =>
        {
            var file = cancellationToken.Groups["file"].Value;
            var lines = File.ReadLines(Path.Combine(docs, file)).Count();
            var given = int.Parse(cancellationToken.Groups["lines"].Value, CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(lines - given) * 5 <= lines, $"{file} has {lines} lines, and docs/architecture.md says {given}.");
        });
    }

    static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
}
