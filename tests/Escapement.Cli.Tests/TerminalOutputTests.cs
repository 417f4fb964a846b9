using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Tests of columns and line breaks.</summary>
public sealed class TerminalOutputTests
{
    [Theory]
    [InlineData("one two three", 8, "one two|three")]
    // The limit leaves room for punctuation, because a line must not begin with punctuation.
    [InlineData("周一至周五每五分钟。", 8, "周一至|周五每|五分钟。")]
    [InlineData("每天 09:00 和 18:00。", 12, "每天 09:00|和 18:00。")]
    [InlineData("unbreakable", 4, "unbreakable")]
    [InlineData("\u001b[1mone two\u001b[0m three", 8, "\u001b[1mone two\u001b[0m|three")]
    public void A_text_is_broken_at_spaces_and_between_Chinese_characters(string text, int width, string lines) =>
        Assert.Equal(lines.Split('|'), DisplayText.Wrap(text, width));

    [Theory]
    [InlineData("a\tb", "a       b", 8)]
    [InlineData("周b", "周b", 2)]
    [InlineData("e\u0301b", "e\u0301b", 1)]
    [InlineData("\u001bb", "\uFFFDb", 1)]
    [InlineData("\u202eb", "\uFFFDb", 1)]
    [InlineData("\u2028b", "\uFFFDb", 1)]
    [InlineData("\ud83d\ude00b", "\ud83d\ude00b", 2)]
    public void A_caret_finds_its_column(string line, string shown, int column)
    {
        var (text, columns) = DisplayText.Expand(line);
        Assert.Equal((shown, column), (text, columns[line.IndexOf('b', StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("0 9 * * mond\n        ^^^^", "0 9 * * mond\n        ^^^^")]
    [InlineData("what\n  0 9 * * 星期一\n          ^^^", "what\n  0 9 * * 星期一\n          ^^^^^^")]
    [InlineData("  every 星期 at x\n             ^", "  every 星期 at x\n               ^")]
    // The caret stands behind the end if something is missing.
    [InlineData("  every 周\n         ^", "  every 周\n          ^")]
    [InlineData("no\ncarets", "no\ncarets")]
    [InlineData("^", "^")]
    public void Carets_are_as_wide_as_their_place(string message, string shown) => Assert.Equal(shown, DisplayText.UnderPlace(message));

    [Theory]
    [InlineData("a\tb\nc", "", "a\\tb\\nc")]
    [InlineData("a\tb\nc", "\n", "a\\tb\nc")]
    [InlineData("li\u202eno", "", "li\\u202eno")]
    [InlineData("\u2029\u001b\udb40\udc01", "", "\\u2029\\u001b\\udb40\\udc01")]
    [InlineData("周 \ud83d\ude00", "", "周 \ud83d\ude00")]
    public void A_character_that_is_not_printable_is_escaped(string text, string kept, string escaped) =>
        Assert.Equal(escaped, DisplayText.Escaped(text, kept));

    [Fact]
    public void Half_a_character_is_shown_as_none() => Assert.Equal("\uFFFDb", DisplayText.Expand("\ud83d" + "b").Text);
}
