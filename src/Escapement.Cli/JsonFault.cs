using System.Text;
using System.Text.Json;

namespace Escapement.Cli;

/// <summary>Explains JSON syntax errors in the tool's own words, because the parser's messages are for
/// programmers.</summary>
static class JsonFault
{
    /// <summary>The message for half a surrogate pair.</summary>
    public const string HalfACharacter = "a text in it holds half a character (a lone surrogate); give whole characters";

    const string Value = "a value is expected: an object, a list, a text in double quotes, a number, true, false or null";

    const int UsualDepth = 64;

    /// <summary>Returns the message for an invalid text, without the place.</summary>
    /// <param name="text">The invalid text.</param>
    /// <param name="failure">The parser's exception.</param>
    /// <param name="isEmbedded">True if the text is the value of a string in another document, whose position does not
    /// locate the error.</param>
    public static string Sentence(string text, JsonException failure, bool isEmbedded = false)
    {
        if (string.IsNullOrWhiteSpace(text)) return "This is not JSON: it is empty.";
        var where = isEmbedded ? $" At character {Offset(text, failure) + 1} of it." : "";
        return $"This is not JSON: {Problem(text, failure)}.{where}";
    }

    /// <summary>Returns the error as a part of a sentence.</summary>
    /// <param name="text">The invalid text.</param>
    /// <param name="failure">The parser's exception.</param>
    /// <param name="depth">The maximum nesting depth.</param>
    public static string Problem(string text, JsonException failure, int depth = UsualDepth)
    {
        var (at, said) = (Offset(text, failure), failure.Message);
        if (said == HalfACharacter) return said;
        if (Says("maximum configured depth")) return $"it is nested deeper than {depth} levels";
        if (string.IsNullOrWhiteSpace(text[at..])) return "it ends too early";
        if (text[at] is '\r' or '\n') return @"a text has no end on its line; a line break in it is written \n";
        if (text[at] < ' ')
        {
            return $"the control character U+{(int)text[at]:X4} cannot stand in a text; it is written \\u{(int)text[at]:x4}";
        }

        var found = Rune.TryGetRuneAt(text, at, out var rune) ? rune : Rune.ReplacementChar;
        var shown = $"'{found}' cannot stand here";
        return Says("escapable character") ? $@"\{found} is no escape; a backslash is written \\"
            : Says("leading zero") ? $"{shown}; a number has no zero in front"
            : Says("after a single JSON value") ? $"{shown}; the JSON has ended before it"
            : Says("after a value") ? $"{shown}; behind a value a comma or a closing bracket is expected"
            : Says("property name") && !Says("after a property name") ? $"{shown}; the name of a field in double quotes is expected"
            : Says("after a property name") ? $"{shown}; a colon is expected"
            : Says("start of a value") || Says("literal") ? $"{shown}; {Value}"
            : shown;

        bool Says(string part) => said.Contains(part, StringComparison.OrdinalIgnoreCase);
    }

    static int Offset(string text, JsonException failure)
    {
        var start = 0;
        for (var line = failure.LineNumber ?? 0; line > 0 && text.IndexOf('\n', start) is >= 0 and var end; line--) start = end + 1;
        var bytes = Encoding.UTF8.GetBytes(text[start..]);
        return start + Encoding.UTF8.GetCharCount(bytes, 0, (int)Math.Min(failure.BytePositionInLine ?? 0, bytes.Length));
    }
}
