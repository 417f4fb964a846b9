namespace Escapement.Cli.Lint;

/// <summary>A text to check, with its lines: a file, standard input, or an argument.</summary>
sealed record Source(string Name, string Text)
{
    /// <summary>Gets a value indicating whether the file begins with a byte order mark, which the text omits.</summary>
    public bool HasByteOrderMark { get; init; }

    /// <summary>Gets the lines without their line endings.</summary>
    public IReadOnlyList<string> Lines { get; } = Text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');

    /// <summary>Gets the indexes of the lines with the line ending of Windows.</summary>
    public IReadOnlyList<int> WindowsLines { get; } =
        [.. Text.Split('\n').Index().Where(line => line.Item is [.., '\r']).Select(line => line.Index)];

    /// <summary>Returns the indexes of the lines with content other than a comment.</summary>
    public IEnumerable<int> Content() => Enumerable.Range(0, Lines.Count)
        .Where(line => Lines[line].AsSpan().Trim() is var text && text.Length > 0 && text[0] != '#');
}

/// <summary>A place in a source, marked by carets in a report.</summary>
/// <param name="Source">The source.</param>
/// <param name="Line">The index of the line.</param>
/// <param name="Start">The index of the first character in the line.</param>
/// <param name="Length">The number of characters. At least one caret is shown.</param>
readonly record struct Place(Source Source, int Line, int Start, int Length)
{
    /// <summary>Returns the place of a part of the text at this place.</summary>
    public Place Part(int start, int length) => this with { Start = Start + start, Length = length };

    /// <summary>
    /// Returns <c>file:line:column</c>.
    /// Lines and columns count from 1, and the column counts characters instead of bytes.
    /// </summary>
    public override string ToString() => $"{Source.Name}:{Line + 1}:{Column}";

    /// <summary>Gets the column from 1: the number of characters of any script before the place, plus 1.</summary>
    public int Column => Source.Lines[Line][..Math.Min(Start, Source.Lines[Line].Length)].EnumerateRunes().Count() + 1;
}

/// <summary>An error or a surprising construct in an input.</summary>
/// <param name="Place">The place.</param>
/// <param name="Warning">The stable name of the warning, or null for an error.</param>
/// <param name="Message">The message, a sentence.</param>
/// <param name="Advice">The recommended action, or null if the message contains the action.</param>
sealed record Finding(Place Place, string? Warning, string Message, string? Advice);
