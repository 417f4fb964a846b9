using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Reads the beginning or the end of a time span, in requests and on the command line.</summary>
public static class PointInTime
{
    /// <summary>The allowed forms, for messages.</summary>
    public const string Allowed =
        "write it as a duration back from now, such as 10m, 24h or 7d, as a date such as 2041-05-06, or as an instant such as 2041-05-06T07:08:09+08:00";

    /// <summary>Reads an instant, a date, or a duration back from now.</summary>
    /// <param name="text">The text.</param>
    /// <param name="now">The instant from which durations count back.</param>
    /// <param name="zone">The zone of a date and of a time without an offset.</param>
    /// <param name="instant">The instant. A duration that reaches back beyond the year 1 gives the smallest instant.</param>
    /// <returns>False if the text has none of the <see cref="Allowed"/> forms.</returns>
    public static bool TryParse(string? text, DateTimeOffset now, ZoneClock zone, out DateTimeOffset instant)
    {
        instant = default;
        text = text?.Trim();
        if (text is not { Length: > 1 }) return false;
        if (char.IsAsciiLetterLower(text[^1]) && !text.Contains(':', StringComparison.Ordinal))
        {
            if (!DurationText.TryParse(text, out var back)) return false;
            instant = back.Ticks > now.UtcTicks ? DateTimeOffset.MinValue : now.ToUniversalTime() - back;
            return true;
        }

        // A plus in an address is a space unless it is written as %2B.
        if (text.Length > 19 && text[^6] == ' ' && text[^3] == ':') text = text[..^6] + "+" + text[^5..];
        return IsoTime.TryParse(IsoTime.Typed(text), zone, out instant, out _);
    }
}
