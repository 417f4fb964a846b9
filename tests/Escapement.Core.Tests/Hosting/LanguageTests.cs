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

    /// <summary>Pages above the goal, with their ceilings in percent. A ceiling may only be lowered.</summary>
    static readonly Dictionary<string, double> PageCeilings = new()
    {
        ["docs/cli.md"] = 7,
    };

    /// <summary>
    /// Projects with comments above the goal, with their ceilings in percent. A ceiling may only be lowered.
    /// </summary>
    static readonly Dictionary<string, double> CommentCeilings = new()
    {
        ["src/Escapement.Triggers"] = 7.5,
    };

    /// <summary>
    /// Phrases to avoid, with the largest number of lines in <c>src/</c>. A number may only be lowered.
    /// </summary>
    static readonly Dictionary<string, int> PhraseCeilings = new()
    {
        ["the original"] = 5,
        ["as asked"] = 0,
        ["lets go"] = 1,
        ["holds the lock since"] = 0,
    };

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
        [.. Directory.EnumerateFiles(Path.Combine(Root(), "docs"), "*.md").Select(Name).Append("README.md").Order(StringComparer.Ordinal)];

    public static TheoryData<string> Projects =>
    [
        .. new[] { "src", "tests" }.SelectMany(folder => Directory.EnumerateDirectories(Path.Combine(Root(), folder)))
            .Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any()).Select(Name).Order(StringComparer.Ordinal),
    ];

    [Theory, MemberData(nameof(Pages))]
    public void A_page_names_things_again(string page)
    {
        var prose = CodeOrTarget.Replace(CodeBlock.Replace(Text(page), ""), " ");
        AssertShare(page, prose, PageCeilings.GetValueOrDefault(page, Goal));
    }

    [Theory, MemberData(nameof(Projects))]
    public void The_comments_of_a_project_name_things_again(string project)
    {
        var comments = Sources(project, "*.cs").SelectMany(file => Comment.Matches(File.ReadAllText(file)))
            .Select(comment => Markup.Replace(comment.Groups[1].Value, " "));
        AssertShare(project, string.Join('\n', comments), CommentCeilings.GetValueOrDefault(project, Goal));
    }

    public static TheoryData<string> Phrases => [.. PhraseCeilings.Keys];

    [Theory, MemberData(nameof(Phrases))]
    public void A_phrase_is_avoided(string phrase)
    {
        var pattern = new Regex($@"\b{phrase}\b", RegexOptions.IgnoreCase);
        string[] pages = [.. Sources("docs", "*.md"), .. Directory.EnumerateFiles(Root(), "README*")];
        Assert.Empty(pages.SelectMany(Found));
        string[] found = [.. Sources("src", "*.cs").Concat(Sources("src", "*.resx")).SelectMany(Found)];
        Assert.True(found.Length <= PhraseCeilings[phrase],
            $"'{phrase}' stands in {found.Length} lines of src/, and {PhraseCeilings[phrase]} are allowed:\n{string.Join('\n', found)}");

        IEnumerable<string> Found(string file) => File.ReadLines(file).Select((line, index) => (line, index))
            .Where(at => pattern.IsMatch(at.line)).Select(at => $"{Name(file)}:{at.index + 1}: {at.line.Trim()}");
    }

    [Fact]
    public void A_ceiling_names_a_page_or_a_project_that_exists()
    {
        Assert.All(PageCeilings.Keys, page => Assert.True(File.Exists(Path.Combine(Root(), page)), page));
        Assert.All(CommentCeilings.Keys, project => Assert.True(Directory.Exists(Path.Combine(Root(), project)), project));
    }

    static void AssertShare(string name, string prose, double ceiling)
    {
        string[] words = [.. Word.Matches(prose).Select(word => word.Value)];
        var referring = words.Where(word => Referring.IsMatch(word)).ToList();
        var share = words.Length == 0 ? 0 : 100.0 * referring.Count / words.Length;
        var counts = referring.CountBy(word => word.ToLowerInvariant()).OrderByDescending(count => count.Value)
            .Select(count => $"{count.Key} {count.Value}");
        var found = string.Join(", ", counts);
        Assert.True(share <= ceiling, string.Create(CultureInfo.InvariantCulture,
            $"{name}: {share:0.00} % of {words.Length} words refer back (goal {Goal} %, ceiling {ceiling} %): {found}."));
    }

    static IEnumerable<string> Sources(string below, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root(), below), pattern, SearchOption.AllDirectories)
            .Where(file => !Name(file).Split('/').Any(part => part is "obj" or "bin"));

    static string Text(string page) => File.ReadAllText(Path.Combine(Root(), page));

    static string Name(string path) => Path.GetRelativePath(Root(), path).Replace('\\', '/');

    static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
}
