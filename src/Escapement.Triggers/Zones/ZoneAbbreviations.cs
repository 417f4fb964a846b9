using System.Globalization;
using System.Text.RegularExpressions;

namespace Escapement.Triggers;

/// <summary>
/// Recognizes texts that people mistake for time zones: abbreviations, offsets, and cities that are not in the zone
/// data.
/// </summary>
static class ZoneAbbreviations
{
    // An abbreviation with several meanings in the world lists a zone for each meaning.
    const string Known = """
        PST PDT PT Pacific=America/Los_Angeles
        MDT MT Mountain=America/Denver
        CST=America/Chicago,Asia/Shanghai,America/Havana
        CDT CT Central=America/Chicago
        EDT ET Eastern=America/New_York
        AKST AKDT=America/Anchorage
        HDT HADT=America/Adak
        HAST=Pacific/Honolulu
        AST=America/Halifax,Asia/Riyadh
        ADT=America/Halifax
        NDT NT=America/St_Johns
        NST=America/St_Johns
        BRT=America/Sao_Paulo
        ART=America/Argentina/Buenos_Aires
        CLT CLST=America/Santiago
        COT=America/Bogota
        PET=America/Lima
        VET=America/Caracas
        BST=Europe/London,Asia/Dhaka
        IST=Asia/Kolkata,Europe/Dublin,Asia/Jerusalem
        IDT=Asia/Jerusalem
        CEST MEZ MESZ MEST=Europe/Berlin,Europe/Paris
        EEST=Europe/Helsinki,Europe/Athens
        WEST=Europe/Lisbon
        MSK MSD=Europe/Moscow
        TRT=Europe/Istanbul
        WAT=Africa/Lagos
        CAT=Africa/Maputo
        EAT=Africa/Nairobi
        SAST=Africa/Johannesburg
        GST=Asia/Dubai
        IRST IRDT=Asia/Tehran
        AFT=Asia/Kabul
        PKT=Asia/Karachi
        NPT=Asia/Kathmandu
        BDT=Asia/Dhaka
        MMT=Asia/Yangon
        ICT=Asia/Bangkok,Asia/Ho_Chi_Minh
        WIB=Asia/Jakarta
        WITA=Asia/Makassar
        WIT=Asia/Jayapura
        SGT=Asia/Singapore
        MYT=Asia/Kuala_Lumpur
        HKT=Asia/Hong_Kong
        PHT PHST=Asia/Manila
        BJT=Asia/Shanghai
        JST=Asia/Tokyo
        KST=Asia/Seoul
        AWST=Australia/Perth
        ACST=Australia/Darwin,Australia/Adelaide
        ACDT=Australia/Adelaide
        AEST=Australia/Brisbane,Australia/Sydney
        AEDT AET=Australia/Sydney
        NZST NZDT NZT=Pacific/Auckland
        CHST=Pacific/Guam
        SST=Pacific/Pago_Pago
        """;

    // Zones whose offset is the same all year.
    const string ByOffset = """
        -660 Pacific/Pago_Pago
        -600 Pacific/Honolulu
        -570 Pacific/Marquesas
        -420 America/Phoenix
        -360 America/Costa_Rica
        -300 America/Bogota
        -240 America/Puerto_Rico
        -180 America/Argentina/Buenos_Aires
        60 Africa/Lagos
        120 Africa/Johannesburg
        180 Europe/Moscow
        240 Asia/Dubai
        270 Asia/Kabul
        300 Asia/Karachi
        330 Asia/Kolkata
        345 Asia/Kathmandu
        360 Asia/Dhaka
        390 Asia/Yangon
        420 Asia/Bangkok
        480 Asia/Shanghai
        525 Australia/Eucla
        540 Asia/Tokyo
        570 Australia/Darwin
        600 Australia/Brisbane
        660 Pacific/Guadalcanal
        720 Pacific/Tarawa
        780 Pacific/Tongatapu
        840 Pacific/Kiritimati
        """;

    const string Cities = """
        Beijing Peking Shenzhen Guangzhou Hangzhou Nanjing Chengdu Wuhan Tianjin=Asia/Shanghai
        Mumbai Bombay Delhi New_Delhi Bangalore Bengaluru Chennai Hyderabad=Asia/Kolkata
        Osaka Kyoto=Asia/Tokyo
        Busan=Asia/Seoul
        Hanoi=Asia/Bangkok
        Abu_Dhabi=Asia/Dubai
        Islamabad Lahore=Asia/Karachi
        Munich Frankfurt Hamburg Cologne=Europe/Berlin
        Geneva=Europe/Zurich
        Barcelona=Europe/Madrid
        Milan=Europe/Rome
        Edinburgh Manchester=Europe/London
        Saint_Petersburg St_Petersburg=Europe/Moscow
        San_Francisco Seattle Las_Vegas San_Diego Portland=America/Los_Angeles
        Boston Washington Miami Atlanta Philadelphia=America/New_York
        Dallas Houston Austin=America/Chicago
        Montreal Ottawa=America/Toronto
        Brasilia Rio_de_Janeiro=America/Sao_Paulo
        Wellington=Pacific/Auckland
        Cape_Town=Africa/Johannesburg
        """;

    static readonly Regex Offset = new(@"^(?:(?:Etc/)?UTC|GMT|Z)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    static readonly Dictionary<string, string[]> Zones = Table(Known);

    static readonly Dictionary<string, string[]> ZonesOfCities = Table(Cities);

    static readonly Dictionary<int, string> ZonesByOffset = ByOffset.Split('\n').Select(line => line.Trim().Split(' '))
        .ToDictionary(parts => int.Parse(parts[0], CultureInfo.InvariantCulture), parts => parts[1]);

    /// <summary>
    /// Returns the kind of a text, the zones that were probably meant, and a sentence that names the zones. Returns
    /// null if the text is neither an abbreviation nor an offset.
    /// </summary>
    public static (string Problem, IReadOnlyList<string> Zones, string Advice)? Find(string text)
    {
        var word = text.Trim();
        if (Zones.TryGetValue(word, out var zones))
        {
            return ("is an abbreviation and not a time zone", zones, zones.Length == 1
                ? $"A zone that uses it is {zones[0]}."
                : $"Zones that use it are {string.Join(", ", zones)}.");
        }

        return Offset.Match(word) is { Success: true } match ? AtOffset(match) : null;
    }

    /// <summary>Returns the zone of a city without a zone of its own name, or null for other texts.</summary>
    /// <param name="text">The city, or a name that ends with the city: <c>Asia/Beijing</c>.</param>
    public static string? OfCity(string text) =>
        ZonesOfCities.TryGetValue(text.Substring(text.LastIndexOf('/') + 1).Trim().Replace(' ', '_'), out var zones) ? zones[0] : null;

    static (string, IReadOnlyList<string>, string)? AtOffset(Match match)
    {
        var hours = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
        var minutes = match.Groups[3].Success ? int.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture) : 0;
        if (hours > 14 || minutes > 59) return null;
        var isWest = match.Groups[1].Value == "-";
        var offset = ((hours * 60) + minutes) * (isWest ? -1 : 1);
        List<string> zones = [];
        if (ZonesByOffset.TryGetValue(offset, out var zone)) zones.Add(zone);
        // These names have the sign of POSIX, which is reversed.
        if (offset == 0)
        {
            zones.Add("UTC");
        }
        else if (minutes == 0 && hours <= (isWest ? 12 : 14))
        {
            zones.Add(FormattableString.Invariant($"Etc/GMT{(isWest ? '+' : '-')}{hours}"));
        }

        return ("is an offset and not a time zone", zones, zones.Count == 0
            ? "Give a name as in the IANA time zone data, for example Europe/Berlin."
            : $"With this offset all year there {(zones.Count == 1 ? "is" : "are")} {string.Join(" and ", zones)}.");
    }

    static Dictionary<string, string[]> Table(string lines)
    {
        Dictionary<string, string[]> table = new(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Split('\n').Select(line => line.Trim().Split('=')))
        {
            foreach (var name in line[0].Split(' ')) table[name] = line[1].Split(',');
        }

        return table;
    }
}
