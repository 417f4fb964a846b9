using System.Globalization;
using System.Resources;
using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Formats the sentences of the ledger in the language and the time zone of a query.</summary>
/// <param name="language">The language.</param>
/// <param name="zone">The zone of the instants.</param>
/// <param name="today">An instant of the day whose instants are shown without a date.</param>
sealed class LedgerText(Language language, ZoneClock zone, DateTimeOffset today)
{
    static readonly ResourceManager English = new("Escapement.Ledger.LedgerText", typeof(LedgerText).Assembly);
    static readonly ResourceManager Chinese = new("Escapement.Ledger.LedgerTextChinese", typeof(LedgerText).Assembly);

    readonly DateTimeOffset day = zone.ToZone(today);

    public Language Language => language;

    public ZoneClock Zone => zone;

    /// <summary>Returns a text of the resource file, or null if there is no text with this name.</summary>
    public static string? Find(Language language, string name) =>
        (language == Language.Chinese ? Chinese : English).GetString(name, CultureInfo.InvariantCulture);

    /// <summary>Formats a text of the resource file.</summary>
    public static string Say(Language language, string name, params object[] values) => Format(
        Find(language, name) ?? throw new MissingManifestResourceException($"There is no sentence for {name}."), values);

    /// <summary>Formats a text. Characters of the values that are not printable are escaped, because a value may come from a row
    /// that was changed by hand.</summary>
    public static string Format(string text, object[] values) => string.Format(CultureInfo.InvariantCulture, text,
        Array.ConvertAll(values, value => value is string { Length: var length } given ? Printable.Shown(given, length * 6) : value));

    public string Say(string name, params object[] values) => Say(language, name, values);

    /// <inheritdoc cref="Time(DateTimeOffset)"/>
    public string Time(long micros) => Times(micros)[0];

    /// <summary>Returns an instant as a time of the day, with the date on another day.</summary>
    public string Time(DateTimeOffset instant) => Time(instant.ToMicros());

    /// <summary>Returns two instants of a sentence in the same form.</summary>
    public (string First, string Second) Times(DateTimeOffset first, DateTimeOffset second) =>
        Times(first.ToMicros(), second.ToMicros()) is [var from, var to] ? (from, to) : default;

    /// <summary>Returns instants of a sentence in the same form: all with the date if one is on another day, and with the
    /// year if one is in another year. The offset follows a time that the clocks of the zone show twice. Fractions of a
    /// second appear only if different instants would otherwise look the same.</summary>
    /// <param name="micros">The instants, in microseconds since 1970-01-01 UTC.</param>
    public string[] Times(params long[] micros)
    {
        var instants = Array.ConvertAll(micros, instant => zone.ToZone(Instant.FromMicros(instant)));
        var date = Array.TrueForAll(instants, at => at.Date == day.Date) ? "" : Date(Array.TrueForAll(instants, at => at.Year == day.Year));
        string[] times = [];
        foreach (var fraction in new[] { "", "'.'fff", "'.'ffffff" })
        {
            times = Array.ConvertAll(instants, at => at.ToString(date + Clock(at, fraction), CultureInfo.InvariantCulture));
            if (times.Distinct().Count() == micros.Distinct().Count()) break;
        }

        return times;
    }

    string Date(bool isThisYear) => (language, isThisYear) switch
    {
        (Language.Chinese, true) => "M'月'd'日 '",
        (Language.Chinese, false) => "yyyy'年'M'月'd'日 '",
        (_, true) => "d MMM' '",
        _ => "d MMM yyyy' '",
    };

    string Clock(DateTimeOffset at, string fraction)
    {
        var time = fraction.Length > 0 ? "HH':'mm':'ss" + fraction : at.TimeOfDay.Ticks % TimeSpan.TicksPerMinute == 0 ? "HH':'mm" : "HH':'mm':'ss";
        return zone.FromWall(at.DateTime).Kind == WallTimeKind.Repeated ? time + "' 'zzz" : time;
    }

    /// <summary>Returns a time span in the two largest units, rounded to the smaller unit.</summary>
    public static string Span(TimeSpan span)
    {
        var shown = span.TotalDays >= 1 ? TimeSpan.FromHours(1) : span.TotalHours >= 1 ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(1);
        if (span.TotalMilliseconds < 999.5)
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(span.TotalMilliseconds, 0):0} ms");
        if (span < TimeSpan.MaxValue - shown) span = Math.Round(span / shown, MidpointRounding.AwayFromZero) * shown;
        List<string> parts = [];
        foreach (var (count, unit) in new[] { (span.Days, "d"), (span.Hours, "h"), (span.Minutes, "min"), (span.Seconds, "s") })
            if (count > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {unit}"));
        return string.Join(' ', parts.Take(2));
    }

    /// <summary>Returns the author of a change, or an empty text.</summary>
    public string By(string? author) => author is null ? "" : Say("By", author);

    /// <summary>Returns the explanation of a change, or an empty text.</summary>
    public string Note(string? why) => why is null ? "" : Say("Note", why);

    /// <summary>Returns the name of a text for a value, or of the text for unknown values. A store written by a newer version
    /// may contain unknown values.</summary>
    public static string Known(string prefix, object? value) =>
        Find(Language.English, $"{prefix}.{value}") is null ? $"{prefix}.Unknown" : $"{prefix}.{value}";

    /// <summary>Returns a text for a process, by the name of the text.</summary>
    public string Process(string name, NodeName node) => Say(name, node.Pid, node.Host);
}
