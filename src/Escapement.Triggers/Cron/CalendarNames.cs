namespace Escapement.Triggers;

/// <summary>Holds the names of months and days of the week, in full and in other languages.</summary>
/// <remarks>
/// Names with similar letters may mean different days: <c>lun</c> is Monday and shares two letters with <c>sun</c>.
/// </remarks>
static class CalendarNames
{
    static readonly string[] Days = { "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday" };

    static readonly string[] Months =
    {
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    };

    // A line for each day, starting with Sunday. Names that mean two days in two languages are left out.
    static readonly string[] OtherDays =
    {
        "sonntag son domingo dom domenica dimanche dim zondag zo zon niedziela niedz nd ndz söndag sön søndag søn sunnuntai pazar paz воскресенье вс вск 周日 星期日 星期天 日 日曜日 일요일",
        "montag mo lunes lun lunedì lunedi lundi segunda segunda-feira seg maandag maa poniedziałek pon pn måndag mån mandag man maanantai pazartesi pzt понедельник пн пнд 周一 星期一 月曜日 월요일",
        "dienstag die martes mardi mar martedì martedi terça terça-feira terca ter dinsdag din wtorek wto wt tisdag tis tirsdag tir tiistai salı sal вторник вт втр 周二 星期二 火曜日 화요일 tues",
        "mittwoch mi mit miércoles miercoles mié mie mercredi mer mercoledì mercoledi quarta quarta-feira qua woensdag wo woe środa sroda śro sro śr onsdag ons keskiviikko çarşamba çar среда ср срд 周三 星期三 水曜日 수요일 weds",
        "donnerstag don jueves jue jeudi jeu giovedì giovedi gio quinta quinta-feira qui donderdag czwartek czw torsdag tor torstai perşembe per четверг чт чтв 周四 星期四 木曜日 목요일 thur thurs",
        "freitag fr fre viernes vie vendredi ven venerdì venerdi sexta sexta-feira sex vrijdag vr vri piątek piatek pią pia pt fredag perjantai cuma cum пятница пт птн 周五 星期五 金曜日 금요일",
        "samstag sa sam sonnabend sábado sabado sáb sab sabato samedi zaterdag za zat sobota sob lördag lör lørdag lør lauantai cumartesi cmt суббота сб сбт 周六 星期六 土曜日 토요일",
    };

    // A line for each month, starting with January.
    static readonly string[] OtherMonths =
    {
        "januar jän jänner enero ene janvier janv gennaio gen janeiro januari styczeń sty tammikuu ocak oca январь янв 一月",
        "februar febrero février fevrier fév févr fev febbraio fevereiro februari luty lut helmikuu şubat şub февраль фев 二月",
        "märz maerz mär mrz marzo mars março marco maart mrt marzec maaliskuu mart март мар 三月",
        "abril abr avril avr aprile april kwiecień kwi huhtikuu nisan nis апрель апр 四月",
        "mai mayo maggio mag maio mei maj toukokuu mayıs май мая 五月",
        "juni junio juin giugno giu junho juni czerwiec cze kesäkuu haziran haz июнь июн 六月",
        "juli julio juillet juil luglio lug julho lipiec heinäkuu temmuz tem июль июл 七月",
        "august agosto ago août aout aoû aou augustus sierpień sie elokuu ağustos ağu август авг 八月",
        "septiembre setiembre septembre settembre set setembro sept wrzesień wrz syyskuu eylül eyl сентябрь сен 九月",
        "oktober okt octubre octobre ottobre ott outubro out październik paź lokakuu ekim eki октябрь окт 十月",
        "noviembre novembre novembro marraskuu kasım kas ноябрь ноя 十一月",
        "dezember dez diciembre dic décembre decembre déc dicembre dezembro desember grudzień gru joulukuu aralık ara декабрь дек 十二月",
    };

    static readonly Dictionary<string, int> KnownDays = Table(Days, OtherDays);

    static readonly Dictionary<string, int> KnownMonths = Table(Months, OtherMonths);

    /// <summary>Returns the name that was meant, or null if the text may mean another day or month.</summary>
    /// <param name="text">The text as written.</param>
    /// <param name="field">The field of the text. A field without names for its values has no suggestion.</param>
    public static string? Suggest(string text, CronField field)
    {
        if (field.Names.Count == 0) return null;
        var isMonth = field == CronField.Month;
        var word = text.Trim('.').ToLowerInvariant();
        var index = (isMonth ? KnownMonths : KnownDays).TryGetValue(word, out var known) ? known : Mistyped(word, isMonth ? Months : Days);
        if (index < 0) return null;
        return field.Names[field == CronField.DayOfWeek ? (index + 6) % 7 : index];
    }

    static Dictionary<string, int> Table(string[] english, string[] others)
    {
        Dictionary<string, int> table = new(StringComparer.Ordinal);
        for (var i = 0; i < english.Length; i++)
        {
            table[english[i]] = i;
            foreach (var name in others[i].Split(' ')) table[name.Trim('.')] = i;
        }

        return table;
    }

    // Matches a short name with two letters exchanged or one more at its end, the beginning of a full name, or a
    // full name with at most two wrong letters.
    static int Mistyped(string word, string[] names)
    {
        for (var i = 0; i < names.Length; i++)
        {
            var name = names[i].Substring(0, 3);
            var isNear = word.Length == 3
                ? word == $"{name[1]}{name[0]}{name[2]}" || word == $"{name[0]}{name[2]}{name[1]}"
                : word.Length > 3 && (names[i].StartsWith(word, StringComparison.Ordinal)
                    || (word.Length == 4 && word.StartsWith(name, StringComparison.Ordinal)));
            if (isNear) return i;
        }

        if (word.Length < 5 || Suggestion.Within(word, names, 2) is not { } nearest || nearest[0] != word[0]) return -1;
        return Array.IndexOf(names, nearest);
    }
}
