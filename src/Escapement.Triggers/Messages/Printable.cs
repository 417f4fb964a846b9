using System.Buffers;
using System.Globalization;
using System.Text;

namespace Escapement.Triggers;

/// <summary>
/// Decides which characters a name may hold, and quotes texts from outside in messages and log lines.
/// </summary>
/// <remarks>
/// Control and format characters, line separators and halves of surrogate pairs are not printable: a terminal obeys the
/// characters, or shows a text that differs from the compared text.
/// </remarks>
public static class Printable
{
    /// <summary>The number of characters of a text that a message quotes.</summary>
    public const int MaxShown = 60;

    /// <summary>
    /// Returns the first character of a text that is not printable, written as <c>U+202E</c>, or null if all characters
    /// are printable.
    /// </summary>
    public static string? FirstHidden(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (text[i] is >= ' ' and <= '~')
            {
                i++;
                continue;
            }

            if (IsHidden(text.AsSpan(i), out var length))
            {
                return length == 2 ? $"U+{char.ConvertToUtf32(text[i], text[i + 1]):X}" : $"U+{(int)text[i]:X4}";
            }

            i += length;
        }

        return null;
    }

    /// <summary>Returns the text if each of its characters is printable.</summary>
    /// <param name="what">The name of the field or setting, for the message.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">A character is not printable. The message names the character.</exception>
    public static string Checked(string what, string text) => FirstHidden(text) is not { } hidden
        ? text
        : throw new FormatException($"{what} is '{Shown(text)}', with the character {hidden}; printable characters are allowed.");

    /// <summary>
    /// Returns a text as messages and log lines quote it: at most <paramref name="max"/> characters, and <c>\u202E</c>
    /// in place of a character that is not printable.
    /// </summary>
    public static string Shown(string text, int max = MaxShown)
    {
        if (text.Length <= max && FirstHidden(text) is null) return text;
        var shown = new StringBuilder(max + 1);
        for (var i = 0; i < text.Length;)
        {
            var isHidden = IsHidden(text.AsSpan(i), out var length);
            var piece = isHidden ? string.Concat(text.Substring(i, length).Select(c => $"\\u{(int)c:X4}")) : text.Substring(i, length);
            if (shown.Length + piece.Length > max) return shown.Append('…').ToString();
            shown.Append(piece);
            i += length;
        }

        return shown.ToString();
    }

    /// <summary>
    /// Returns a text of the same length, with a space in place of each character that is not printable.
    /// </summary>
    public static string Blanked(string text)
    {
        if (FirstHidden(text) is null) return text;
        var blanked = text.ToCharArray();
        for (var i = 0; i < text.Length;)
        {
            if (IsHidden(text.AsSpan(i), out var length)) blanked.AsSpan(i, length).Fill(' ');
            i += length;
        }

        return new(blanked);
    }

    static bool IsHidden(ReadOnlySpan<char> text, out int length) =>
        Rune.DecodeFromUtf16(text, out var rune, out length) != OperationStatus.Done
        || Rune.GetUnicodeCategory(
            rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
