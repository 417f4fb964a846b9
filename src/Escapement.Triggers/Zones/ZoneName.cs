namespace Escapement.Triggers;

/// <summary>Reads and corrects names of time zones. No other code interprets such names.</summary>
public static class ZoneName
{
    /// <summary>Returns the IANA name for a text, as written in the zone data.</summary>
    /// <param name="text">An IANA name in any case, or a Windows name such as <c>China Standard Time</c>.</param>
    /// <param name="remark">A sentence on the correction, or null if the name was right.</param>
    /// <exception cref="ZoneNameException">
    /// No zone has this name, or the name has a different meaning on each machine (<c>localtime</c>, <c>posix/…</c>,
    /// <c>right/…</c>).
    /// </exception>
    public static string Parse(string? text, out string? remark)
    {
        remark = null;
        if (string.IsNullOrWhiteSpace(text)) throw new ZoneNameException(text ?? "", "is not a time zone", null);
        if (string.Equals(text, "UTC", StringComparison.Ordinal)) return text;

        // .NET reads a Windows name up to its first null character, so a name with more text behind the null would be
        // found.
        if (Printable.FirstHidden(text) is { } hidden)
        {
            throw new ZoneNameException(text, $"is not a time zone: it holds the character {hidden}", null);
        }

        var first = text.Split('/')[0];
        if (ZoneFiles.NotZones.Contains(first, StringComparer.OrdinalIgnoreCase))
        {
            throw new ZoneNameException(text, "is not accepted: it does not mean the same zone everywhere, or counts leap seconds",
                text.Contains('/', StringComparison.Ordinal) ? Known(text[(first.Length + 1)..]) : null);
        }

        if (Known(text) is { } known)
        {
            if (known != text) remark = $"The time zone '{Printable.Shown(text)}' is written {known}.";
            return known;
        }

        if (TimeZoneInfo.TryConvertWindowsIdToIanaId(text, out var iana) && Known(iana) is { } converted)
        {
            remark = $"The time zone '{Printable.Shown(text)}' is a Windows name; its IANA name is {converted}.";
            return converted;
        }

        if (MissingData is { } missing) throw new ZoneNameException(text, "is not known", null, missing);
        if (ZoneAbbreviations.Find(text) is var (problem, zones, advice))
        {
            throw new ZoneNameException(text, problem, zones is [var only] ? only : null, advice);
        }

        throw text.EndsWith('/') || AllNames().Any(name => name.StartsWith(text + "/", StringComparison.OrdinalIgnoreCase))
            ? new ZoneNameException(text, "is a folder of time zones and not a zone",
                Suggestion.Nearest(text.TrimEnd('/') + "/", AllNames(), 12))
            : new ZoneNameException(text, "is not a time zone that this machine knows", Nearest(text));
    }

    // The letters of a short name may be near to a zone with a different offset. A city is therefore compared as a
    // whole, and a longer name must be within two letters.
    static string? Nearest(string text)
    {
        if (ZoneAbbreviations.OfCity(text) is { } zone) return Known(zone);
        var city = text.Replace(' ', '_');
        if (AllNames().FirstOrDefault(name => name.EndsWith("/" + city, StringComparison.OrdinalIgnoreCase)
            || string.Equals(name, city, StringComparison.OrdinalIgnoreCase)) is { } whole)
        {
            return whole;
        }

        return text.Contains('/', StringComparison.Ordinal) && !text.Any(char.IsAsciiDigit) ? Suggestion.Within(city, AllNames(), 2) : null;
    }

    /// <summary>Advice for a machine without zone data, or null if the machine has zone data.</summary>
    public static string? MissingData =>
        ZoneFiles.Exist && ZoneFiles.All.Count > 0 || OperatingSystem.IsWindows() || SystemNames().Skip(1).Any()
        ? null
        : "This machine has no time zone data, so only UTC is known. Install the package tzdata (apt-get install tzdata, apk add tzdata, dnf install tzdata), or let TZDIR name a folder that holds them.";

    static string? Known(string text)
    {
        if (!ZoneFiles.IsWellFormed(text)) return null;
        if (string.Equals(text, "UTC", StringComparison.OrdinalIgnoreCase)) return "UTC";
        if (ZoneFiles.Exist) return ZoneFiles.Find(text);
        // Without files, .NET has its own names. .NET corrects the case only of zones that are already loaded, so the
        // case is corrected here.
        return SystemNames().FirstOrDefault(name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase))
            ?? (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone) && zone.HasIanaId ? zone.Id : null);
    }

    static IEnumerable<string> AllNames() => ZoneFiles.Exist ? ZoneFiles.All : SystemNames();

    static IEnumerable<string> SystemNames()
    {
        foreach (var zone in TimeZoneInfo.GetSystemTimeZones())
        {
            if (zone.HasIanaId) yield return zone.Id;
            else if (TimeZoneInfo.TryConvertWindowsIdToIanaId(zone.Id, out var iana)) yield return iana;
        }
    }
}
