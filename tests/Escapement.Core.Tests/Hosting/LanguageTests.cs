using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Tests of the language of pages and comments. Text repeats nouns and avoids calques.</summary>
public sealed partial class LanguageTests
{
    /// <summary>The largest share of referring words in percent, for pages and for the comments of a project.</summary>
    const double Goal = 5;

    /// <summary>Phrases to avoid in <c>src/</c> and in pages.</summary>
    static readonly string[] Avoided = ["the original", "as asked", "lets go", "holds the lock since"];

    [GeneratedRegex(@"^[ \t]*```.*?^[ \t]*```[ \t]*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock { get; }

    [GeneratedRegex(@"`[^`]*`|(?<=\])\([^)]*\)")]
    private static partial Regex CodeOrTarget { get; }

    // The space on both sides keeps addresses such as https://example.org out.
    [GeneratedRegex(@"(?:^|\s)///? (.*)$", RegexOptions.Multiline)]
    private static partial Regex Comment { get; }

    [GeneratedRegex(@"<c>.*?</c>|<code>.*?</code>|<[^>]*>")]
    private static partial Regex Markup { get; }

    [GeneratedRegex(@"[A-Za-z]+(?:'[a-z]+)?")]
    private static partial Regex Word { get; }

    [GeneratedRegex(@"^(?:one|it|that|what|which|those|who|other)$", RegexOptions.IgnoreCase)]
    private static partial Regex Referring { get; }

    public static TheoryData<string> Pages =>
    [
        .. Sources("docs", "*.md").Concat(Sources("src", "README.md")).Select(Name)
            .Concat(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> Projects =>
    [
        .. new[] { "src", "tests" }.SelectMany(folder => Directory.EnumerateDirectories(Path.Combine(Root(), folder)))
            .Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any()).Select(Name).Order(StringComparer.Ordinal),
    ];

    [Theory, MemberData(nameof(Pages))]
    public void A_page_names_things_again(string page)
    {
        var prose = CodeOrTarget.Replace(CodeBlock.Replace(Text(page), ""), " ");
        AssertShare(page, prose);
    }

    [Theory, MemberData(nameof(Projects))]
    public void The_comments_of_a_project_name_things_again(string project)
    {
        var comments = Sources(project, "*.cs").SelectMany(file => Comment.Matches(File.ReadAllText(file)))
            .Select(comment => Markup.Replace(comment.Groups[1].Value, " "));
        AssertShare(project, string.Join('\n', comments));
    }

    public static TheoryData<string> Phrases => [.. Avoided];

    [Theory, MemberData(nameof(Phrases))]
    public void A_phrase_is_avoided(string phrase)
    {
        var pattern = new Regex($@"\b{phrase}\b", RegexOptions.IgnoreCase);
        var files = Sources("docs", "*.md").Concat(Directory.EnumerateFiles(Root(), "README*")).Concat(Sources("src", "*.cs"))
            .Concat(Sources("src", "*.resx"));
        Assert.Empty(files.SelectMany(file => File.ReadLines(file).Where(line => pattern.IsMatch(line))
            .Select(line => $"{Name(file)}: {line.Trim()}")));
    }

    static void AssertShare(string name, string prose)
    {
        string[] words = [.. Word.Matches(prose).Select(word => word.Value)];
        var referring = words.Where(word => Referring.IsMatch(word)).ToList();
        var share = words.Length == 0 ? 0 : 100.0 * referring.Count / words.Length;
        var counts = referring.CountBy(word => word.ToLowerInvariant()).OrderByDescending(count => count.Value)
            .Select(count => $"{count.Key} {count.Value}");
        var found = string.Join(", ", counts);
        Assert.True(share < Goal, string.Create(CultureInfo.InvariantCulture,
            $"{name}: {share:0.00} % of {words.Length} words refer back (the limit is {Goal} %): {found}."));
    }

    static IEnumerable<string> Sources(string below, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root(), below), pattern, SearchOption.AllDirectories)
            .Where(file => !Name(file).Split('/').Any(part => part is "obj" or "bin"));

    static string Text(string page) => File.ReadAllText(Path.Combine(Root(), page));

    static string Name(string path) => Path.GetRelativePath(Root(), path).Replace('\\', '/');

    static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
}
