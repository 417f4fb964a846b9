namespace Escapement.Triggers;

/// <summary>
/// The rule in a TZ string of POSIX as RFC 9636 extends it, for example
/// <c>&lt;-02&gt;2&lt;-01&gt;,M3.5.0/-1,M10.5.0/0</c>: hours from -167 to 167.
/// </summary>
/// <param name="Standard">Seconds east of UTC outside of daylight saving time.</param>
/// <param name="Daylight">
/// Seconds east of UTC during daylight saving time. May be smaller than <paramref name="Standard"/> (Dublin).
/// </param>
/// <param name="Start">
/// The beginning of daylight saving time by the standard clock, or null without daylight saving time.
/// </param>
/// <param name="End">
/// The end of daylight saving time by the daylight saving clock, or null without daylight saving time.
/// </param>
sealed record PosixRule(int Standard, int Daylight, PosixRule.Change? Start, PosixRule.Change? End)
{
    /// <summary>A moment in each year.</summary>
    /// <param name="Form">J: day 1 to 365 without 29 February. n: day 0 to 365. M: month, week, weekday.</param>
    /// <param name="Month">For M.</param>
    /// <param name="Week">For M. 5 stands for the last week.</param>
    /// <param name="Day">The weekday (0 is Sunday), or the day of the year.</param>
    /// <param name="Time">Seconds from midnight. May be negative or longer than a day.</param>
    internal sealed record Change(char Form, int Month, int Week, int Day, int Time)
    {
        /// <summary>Returns the change in a year, in seconds since 1970 on the wall.</summary>
        public long In(int year)
        {
            var day = Form switch
            {
                'J' => CivilDay.From(year, 1, 1) + Day - (Day < 60 || !DateTime.IsLeapYear(year) ? 1 : 0),
                'n' => CivilDay.From(year, 1, 1) + Day,
                _ => OfMonth(year),
            };
            return (day * 86_400L) + Time;
        }

        int OfMonth(int year)
        {
            var first = CivilDay.From(year, Month, 1);
            var day = (Day - CivilDay.Weekday(first) + 7) % 7 + (7 * (Week - 1));
            return first + (day < DateTime.DaysInMonth(year, Month) ? day : day - 7);
        }
    }

    /// <exception cref="FormatException">The text is not such a rule.</exception>
    public static PosixRule Parse(string text)
    {
        var reader = new Reader(text);
        reader.Name();
        var standard = -reader.Time();
        if (reader.AtEnd) return new(standard, standard, null, null);
        reader.Name();
        var daylight = reader.AtEnd || reader.Next == ',' ? standard + 3600 : -reader.Time();
        // Without dates the rule of the United States applies, by convention.
        if (reader.AtEnd) reader = new Reader(",M3.2.0,M11.1.0");
        var start = reader.Change();
        var end = reader.Change();
        return reader.AtEnd ? new(standard, daylight, start, end) : throw new FormatException($"'{text}' is not a TZ rule.");
    }

    /// <summary>Adds the changes after the last known change.</summary>
    /// <returns>True if there are changes. They repeat after 400 years.</returns>
    public bool AddChanges(List<(long At, int Offset)> changes, long after, int firstYear, int lastYear)
    {
        if (Start is null || End is null)
        {
            // The footer's offset applies after the last change, also if the file has no change at all.
            if (changes.Count == 0) changes.Add((after, Standard));
            return false;
        }

        var added = new List<(long At, int Offset)>();
        for (var year = firstYear; year <= lastYear; year++)
        {
            added.Add((End.In(year) - Daylight, Standard));
            added.Add((Start.In(year) - Standard, Daylight));
        }

        // If daylight saving time ends at the instant at which it begins again (all year long), the beginning wins as
        // the later entry.
        var ordered = added.Where(change => change.At > after).OrderBy(change => change.At).ThenBy(change => change.Offset == Daylight)
            .ToList();
        for (var i = 0; i < ordered.Count; i++)
        {
            if (i + 1 < ordered.Count && ordered[i + 1].At == ordered[i].At) continue;
            changes.Add(ordered[i]);
        }

        return true;
    }

    ref struct Reader(string text)
    {
        int at;

        public readonly bool AtEnd => at == text.Length;

        public readonly char Next => at < text.Length ? text[at] : '\0';

        public void Name()
        {
            var start = at;
            if (Next == '<')
            {
                at = text.IndexOf('>', at) + 1;
                if (at == 0) throw Wrong();
                return;
            }

            while (char.IsAsciiLetter(Next)) at++;
            if (at == start) throw Wrong();
        }

        public int Time()
        {
            var sign = Next == '-' ? -1 : 1;
            if (Next is '-' or '+') at++;
            var seconds = Number() * 3600;
            if (Next == ':')
            {
                at++;
                seconds += Number() * 60;
            }

            if (Next == ':')
            {
                at++;
                seconds += Number();
            }

            return sign * seconds;
        }

        public Change Change()
        {
            Skip(',');
            int month = 0, week = 0, day;
            var form = Next switch { 'M' => 'M', 'J' => 'J', _ => 'n' };
            if (form != 'n') at++;
            if (form == 'M')
            {
                month = Number();
                Skip('.');
                week = Number();
                Skip('.');
                day = Number();
                if (month is < 1 or > 12 || week is < 1 or > 5 || day > 6) throw Wrong();
            }
            else
            {
                day = Number();
            }

            if (Next != '/') return new(form, month, week, day, 7200);
            at++;
            return new(form, month, week, day, Time());
        }

        int Number()
        {
            var start = at;
            var number = 0;
            while (char.IsAsciiDigit(Next) && at - start < 4) number = (number * 10) + text[at++] - '0';
            return at > start ? number : throw Wrong();
        }

        void Skip(char expected)
        {
            if (Next != expected) throw Wrong();
            at++;
        }

        readonly FormatException Wrong() => new($"'{text}' is not a TZ rule: see place {at}.");
    }
}
