using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>Measures and wraps text for a terminal: a Chinese character takes two columns, a combining mark
/// none.</summary>
static partial class DisplayText
{
    const int TabStop = 8;
    const int Escape = 0x1B;

    // The wide ranges of Unicode's East Asian Width table, as far as terminals agree.
    static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF), (0xFE30, 0xFE6F),
        (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF), (0x20000, 0x3FFFD),
    ];

    [GeneratedRegex("\u001b[^m]*m")]
    private static partial Regex Colour { get; }

    public static int Width(Rune rune)
    {
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
        {
            return 0;
        }

        return Array.Exists(Wide, range => rune.Value >= range.First && rune.Value <= range.Last) ? 2 : 1;
    }

    static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Returns a text in which each character that is not printable is escaped as in JSON, such as
    /// <c>\u202e</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kept">Characters that stay as they are.</param>
    public static string Escaped(string text, string kept = "")
    {
        if (Printable.FirstHidden(text) is null) return text;
        StringBuilder escaped = new();
        for (var i = 0; i < text.Length;)
        {
            var isWhole = Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length) == System.Buffers.OperationStatus.Done;
            foreach (var c in text.AsSpan(i, length))
            {
                _ = c switch
                {
                    _ when (isWhole && !IsHidden(rune)) || kept.Contains(c, StringComparison.Ordinal) => escaped.Append(c),
                    '\t' => escaped.Append("\\t"),
                    '\n' => escaped.Append("\\n"),
                    '\r' => escaped.Append("\\r"),
                    _ => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                };
            }

            i += length;
        }

        return escaped.ToString();
    }

    public static int Width(string text) => text.EnumerateRunes().Sum(Width);

    /// <summary>Returns the text with tabs and characters that are not printable replaced, and the column of each character of the
    /// line.</summary>
    public static (string Text, int[] Columns) Expand(string line)
    {
        var text = new StringBuilder();
        var columns = new int[line.Length + 1];
        var column = 0;
        for (var i = 0; i < line.Length;)
        {
            if (Rune.DecodeFromUtf16(line.AsSpan(i), out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                rune = Rune.ReplacementChar;
            }

            for (var n = 0; n < length; n++) columns[i + n] = column;
            i += length;
            if (rune.Value == '\t')
            {
                var spaces = TabStop - (column % TabStop);
                text.Append(' ', spaces);
                column += spaces;
                continue;
            }

            // A control character could change the terminal's state, and a format character could turn the text around.
            if (IsHidden(rune)) rune = Rune.ReplacementChar;
            text.Append(rune);
            column += Width(rune);
        }

        columns[line.Length] = column;
        return (text.ToString(), columns);
    }

    /// <summary>Aligns the carets in the last line of a message with the marked characters in the line above, by their
    /// width on the terminal.</summary>
    public static string UnderPlace(string message)
    {
        var lines = message.Split('\n');
        if (lines.Length < 2) return message;
        var (shown, carets) = (lines[^2], lines[^1]);
        var first = carets.IndexOf('^', StringComparison.Ordinal);
        if (first < 0 || carets.AsSpan(0, first).ContainsAnyExcept(' ') || carets.AsSpan(first).ContainsAnyExcept('^')) return message;
        var columns = Expand(shown).Columns;
        int Column(int place) => columns[Math.Min(place, shown.Length)] + Math.Max(0, place - shown.Length);
        lines[^1] = new string(' ', Column(first)) + new string('^', Math.Max(1, Column(carets.Length) - Column(first)));
        return string.Join('\n', lines);
    }

    /// <summary>Wraps a text into lines of at most <paramref name="width"/> columns, at spaces and between Chinese
    /// characters. Colour codes take no columns.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        var line = new StringBuilder();
        var (column, breakAt, inColour) = (0, 0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            line.Append(rune);
            if (rune.Value == Escape) inColour = true;
            if (inColour)
            {
                inColour = rune.Value != 'm';
                continue;
            }

            column += Width(rune);
            if (column > width && breakAt > 0)
            {
                var rest = line.ToString(breakAt, line.Length - breakAt).TrimStart(' ');
                yield return line.ToString(0, breakAt).TrimEnd(' ');
                line.Clear().Append(rest);
                (column, breakAt) = (Width(Colour.Replace(rest, "")), 0);
            }

            // Punctuation stays with the preceding text.
            if (rune.Value == ' ' || (Width(rune) == 2 && Rune.IsLetter(rune) && column < width)) breakAt = line.Length;
        }

        yield return line.ToString();
    }
}
