namespace Escapement.Cli.Lint;

/// <summary>Reads a list with the text of a trigger in each line.</summary>
static class ListReader
{
    /// <remarks>Empty lines and comments, which begin with a # at the beginning of a word, are skipped.</remarks>
    public static IReadOnlyList<LintedTrigger> Read(Source source, LintRun run)
    {
        List<LintedTrigger> triggers = [];
        foreach (var line in source.Content())
        {
            var tokens = LintedTrigger.Tokens(source.Lines[line]).TakeWhile(token => source.Lines[line][token.Start] != '#').ToList();
            var (start, end) = (tokens[0].Start, tokens[^1].End);
            if (run.Text(source.Lines[line][start..end], new(source, line, start, end - start)) is { } linted) triggers.Add(linted);
        }

        return triggers;
    }
}
