namespace Escapement.Cli.Lint;

/// <summary>A text that is looked at: a file, standard input, or an argument; with its lines.</summary>
sealed record Source(string Name, string Text)
{
    /// <summary>The lines without their ends.</summary>
    public IReadOnlyList<string> Lines { get; } = Text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
}

/// <summary>A place in a source: what the carets stand under.</summary>
/// <param name="Source">Where.</param>
/// <param name="Line">From 0.</param>
/// <param name="Start">The index of the first character in the line.</param>
/// <param name="Length">How many characters; at least one caret is shown.</param>
readonly record struct Place(Source Source, int Line, int Start, int Length)
{
    /// <summary>A part of what stands here.</summary>
    public Place Part(int start, int length) => this with { Start = Start + start, Length = length };

    /// <summary><c>file:line:column</c>, both from 1; the column counts characters and not bytes.</summary>
    public override string ToString() => $"{Source.Name}:{Line + 1}:{Column}";

    /// <summary>From 1: how many characters of any script stand before, and one.</summary>
    public int Column => Source.Lines[Line][..Math.Min(Start, Source.Lines[Line].Length)].EnumerateRunes().Count() + 1;
}

/// <summary>Something that is wrong or surprises people.</summary>
/// <param name="Place">Where.</param>
/// <param name="Warning">The warning's stable name; null for an error.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Advice">What to do; null where the message says it.</param>
sealed record Finding(Place Place, string? Warning, string Message, string? Advice);
