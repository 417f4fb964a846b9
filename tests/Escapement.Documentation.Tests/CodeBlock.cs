namespace Escapement.Documentation.Tests;

/// <summary>A fenced block of a page.</summary>
/// <param name="Page">The page's path from the root of the repository.</param>
/// <param name="Line">The line of the opening fence, from 1.</param>
/// <param name="Language">The word behind the opening fence, or an empty text.</param>
/// <param name="Text">The lines of the block without the indentation of the fence.</param>
sealed record CodeBlock(string Page, int Line, string Language, string Text)
{
    public override string ToString() => $"{Page}:{Line}";

    /// <summary>Returns the blocks of all pages.</summary>
    public static IReadOnlyList<CodeBlock> All { get; } = [.. Repository.Pages.SelectMany(page =>
        Read(page, File.ReadAllLines(Path.Combine(Repository.Root, page))))];

    /// <summary>Returns the blocks of one page.</summary>
    /// <exception cref="FormatException">The last block has no closing fence.</exception>
    public static IEnumerable<CodeBlock> Read(string page, IReadOnlyList<string> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            var fence = lines[i].TrimStart();
            if (!fence.StartsWith("```", StringComparison.Ordinal)) continue;

            var (first, indent) = (i, lines[i].Length - fence.Length);
            List<string> text = [];
            while (++i < lines.Count && lines[i].Trim() != "```") text.Add(lines[i].Length > indent ? lines[i][indent..] : "");

            if (i == lines.Count) throw new FormatException($"{page}:{first + 1}: the block has no closing fence.");

            yield return new(page, first + 1, fence[3..].Trim(), string.Join('\n', text));
        }
    }
}
