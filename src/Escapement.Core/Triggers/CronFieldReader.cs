namespace Escapement.Triggers;

/// <summary>Reads the text of one field into the bit sets. Part of <see cref="CronParser"/>.</summary>
sealed class CronFieldReader(CronFields target, CronField cronField, string text, string? jobId, bool isExpression)
{
    // A hashed day exists in every month.
    const int LastHashedDay = 28;

    static readonly char[] Blank = { ' ' };

    // A trigger with one of these in its time of day fires in both passes of an overlap.
    static readonly char[] SeveralTimes = { '*', '?', '-', '/' };

    static readonly string[] Positions = { "1st", "2nd", "3rd", "4th", "5th", "last" };

    readonly List<(int First, int Last, int Step)> years = new();
    ulong bits;
    ulong weekdaysOfMonth;
    bool everyYear;

    /// <summary>Reads the list between two places of the text and adds it to the fields.</summary>
    public void Read(int start, int end)
    {
        for (var at = start; at <= end;)
        {
            var comma = text.IndexOf(',', at, end - at);
            var partEnd = comma < 0 ? end : comma;
            var (from, to) = (at, partEnd);
            while (from < to && text[from] == ' ') from++;
            while (to > from && text[to - 1] == ' ') to--;
            ReadPart(from, to);
            // H(0-29) is one value, whatever stands in its parentheses.
            var isHashed = IsHash(from, to) && text[to - 1] == ')';
            if (cronField.IsTimeOfDay && !isHashed && text.IndexOfAny(SeveralTimes, from, to - from) >= 0) target.FiresInBothPasses = true;
            at = partEnd + 1;
        }

        Store();
    }

    void Store()
    {
        if (cronField == CronField.Second) target.Seconds = bits;
        else if (cronField == CronField.Minute) target.Minutes = bits;
        else if (cronField == CronField.Hour) target.Hours = (uint)bits;
        else if (cronField == CronField.Month) target.Months = (uint)bits;
        else if (cronField == CronField.Week) target.Weeks = bits;
        else if (cronField == CronField.Year) target.Years = everyYear ? null : years;
        else if (cronField == CronField.Day) (target.Days, target.WeekdaysOfMonth) = ((uint)bits, weekdaysOfMonth);
        else (target.DaysOfWeek, target.WeekdaysOfMonthInWeek) = ((byte)bits, weekdaysOfMonth);
    }

    void ReadPart(int start, int end)
    {
        if (start == end) throw Wrong(start, end, "is empty", "give " + cronField.Noun + "; " + cronField.Allowed);
        var star = text[start] == '*' || (isExpression && text[start] == '?');
        if (star) ReadStar(start, end);
        else if (IsHash(start, end)) ReadHash(start, end);
        else if (cronField == CronField.Day && (ReadNamedDay(start, end) || (isExpression && ReadSpecialDay(start, end)))) return;
        else if (isExpression && cronField == CronField.DayOfWeekInExpression && ReadSpecialWeekday(start, end)) return;
        else ReadRange(start, end);
    }

    void ReadStar(int start, int end)
    {
        // 0 and 7 are one day: what a star steps over ends with Saturday.
        var last = cronField == CronField.DayOfWeekInExpression ? 6 : cronField.Last;
        if (end - start == 1)
        {
            everyYear = true;
            Add(cronField.First, last, 1);
            return;
        }

        if (text[start + 1] != '/') throw Unknown(start, end);
        Add(cronField.First, last, ReadStep(start, start + 2, end, last - cronField.First));
    }

    bool IsHash(int start, int end) => isExpression && end > start && (text[start] is 'H' or 'h') && (end - start == 1 || text[start + 1] is '/' or '(');

    // H, H/15, H(0-29), H(9-17)/2
    void ReadHash(int start, int end)
    {
        if (jobId is null) throw Wrong(start, end, "takes its value from the id of a job", "give the job's id, or a number instead of H");
        var lastInRange = cronField == CronField.DayOfWeekInExpression ? 6 : cronField.Last;
        var (first, last) = (cronField.First, cronField == CronField.Day ? LastHashedDay : lastInRange);
        var at = start + 1;
        if (at < end && text[at] == '(')
        {
            var close = text.IndexOf(')', at, end - at);
            var dash = text.IndexOf('-', at, end - at);
            if (close < 0 || dash < 0 || dash > close) throw Wrong(start, end, "is not a form of H", "the forms are H, H/n, H(a-b) and H(a-b)/n");
            (first, last) = (ReadValue(at + 1, dash), ReadValue(dash + 1, close));
            if (first > last) throw Wrong(start, end, "ends before it begins", "the first value in the parentheses is the smaller one");
            if (last > lastInRange) (first, last) = first > lastInRange ? (0, 0) : (first, lastInRange);
            (at, lastInRange) = (close + 1, last);
        }

        if (at == end)
        {
            var value = first + (int)(Hash() % (ulong)(last - first + 1));
            Add(value, value, 1);
            return;
        }

        if (text[at] != '/') throw Wrong(start, end, "is not a form of H", "the forms are H, H/n, H(a-b) and H(a-b)/n");
        var step = ReadStep(start, at + 1, end, lastInRange - first);
        Add(first + (int)(Hash() % (ulong)step), lastInRange, step);
    }

    // FNV-1a with a last mixing: the same in every process and version, which string.GetHashCode is not.
    ulong Hash()
    {
        unchecked
        {
            var hash = 14_695_981_039_346_656_037UL;
            foreach (var c in jobId + "\n" + cronField.Name) hash = (hash ^ c) * 1_099_511_628_211UL;
            hash = (hash ^ (hash >> 33)) * 0xFF51_AFD7_ED55_8CCDUL;
            return hash ^ (hash >> 33);
        }
    }

    // 'last', '2nd fri', 'last fri'
    bool ReadNamedDay(int start, int end)
    {
        var words = text.Substring(start, end - start).Split(Blank, StringSplitOptions.RemoveEmptyEntries);
        var position = Array.FindIndex(Positions, name => string.Equals(name, words[0], StringComparison.OrdinalIgnoreCase));
        if (position < 0) return false;
        if (words.Length == 1)
        {
            if (position != 5) throw Wrong(start, end, "says which, but not of what", "write the day of the week after it, for example 2nd fri");
            target.DaysBeforeLast |= 1;
            return true;
        }

        if (words.Length > 2) throw Unknown(start, end);
        var weekday = CronField.DayOfWeekInExpression.Named(words[1]);
        if (weekday is null) throw NotAName(end - words[1].Length, end, CronField.DayOfWeek);
        weekdaysOfMonth |= 1UL << CronFields.BitOfWeekday(position + 1, weekday.Value);
        return true;
    }

    // L, L-3, LW, L-3W, 15W
    bool ReadSpecialDay(int start, int end)
    {
        var at = start;
        var isLast = text[at] is 'L' or 'l';
        if (isLast) at++;
        var dash = isLast && at < end && text[at] == '-';
        if (dash) at++;
        var digits = at;
        while (at < end && IsDigit(text[at])) at++;
        var hasNumber = at > digits;
        var isNearest = at < end && text[at] is 'W' or 'w';
        if (at + (isNearest ? 1 : 0) != end || (!isLast && !isNearest) || dash != (isLast && hasNumber) || (!isLast && !hasNumber)) return false;

        var number = hasNumber ? Number(digits, at) : 0;
        if (isLast && number > 30) throw Wrong(digits, at, "is too many days before the last of the month", "from 0 to 30");
        if (!isLast && number is < 1 or > 31) throw Wrong(digits, at, "is not a day of the month", cronField.Allowed);
        if (!isLast) target.NearestWeekdays |= 1u << number;
        else if (isNearest) target.NearestWeekdaysBeforeLast |= 1u << number;
        else target.DaysBeforeLast |= 1u << number;
        return true;
    }

    // friL, 5L, fri#2, 5#2
    bool ReadSpecialWeekday(int start, int end)
    {
        var hash = text.IndexOf('#', start, end - start);
        if (hash < 0 && (end - start < 2 || text[end - 1] is not ('L' or 'l'))) return false;
        var weekday = ReadValue(start, hash < 0 ? end - 1 : hash) % 7;
        var nth = 6;
        if (hash >= 0)
        {
            nth = Number(hash + 1, end);
            if (nth is < 1 or > 5) throw Wrong(hash + 1, end, "is not a week of a month", "from 1 to 5, and L for the last: friL");
        }

        weekdaysOfMonth |= 1UL << CronFields.BitOfWeekday(nth, weekday);
        return true;
    }

    // a, a-b, a/n, a-b/n
    void ReadRange(int start, int end)
    {
        var slash = text.IndexOf('/', start, end - start);
        var rangeEnd = slash < 0 ? end : slash;
        var dash = text.IndexOf('-', start, rangeEnd - start);
        if (dash == start || start == rangeEnd) throw Unknown(start, end);
        var first = ReadValue(start, dash < 0 ? rangeEnd : dash);
        var last = dash >= 0 ? ReadValue(dash + 1, rangeEnd) : slash >= 0 ? cronField.Last : first;
        // Said before the order: 'nov-2' has no sensible two parts.
        if (!isExpression && (slash >= 0 || dash >= 0)) RefuseMixedNames(start, dash, slash, end);
        if (first > last && !isExpression) throw Wrong(start, rangeEnd, "ends before it begins", $"write it as two parts instead, {AsTwoParts(start, dash, rangeEnd)}");

        var span = last - first + (first > last ? Size : 0);
        Add(first, first + span, slash < 0 ? 1 : ReadStep(start, slash + 1, end, span));
    }

    int Size => cronField == CronField.DayOfWeekInExpression ? 7 : cronField.Last - cronField.First + 1;

    // fri-mon: fri-sun,mon
    string AsTwoParts(int start, int dash, int end)
    {
        var (from, to) = (text.Substring(start, dash - start), text.Substring(dash + 1, end - dash - 1));
        var isName = !IsDigit(text[start]);
        var lowest = isName ? cronField.Names[0] : cronField.First.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var highest = isName ? cronField.Names[cronField.Names.Count - 1] : cronField.Last.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return (from == highest ? from : from + "-" + highest) + "," + (to == lowest ? to : lowest + "-" + to);
    }

    // The original knows 'jan-mar', '1-3' and '1-3/2', and of 'jan/2' or '1-mar' it reads only the beginning.
    void RefuseMixedNames(int start, int dash, int slash, int end)
    {
        var firstIsName = !IsDigit(text[start]);
        var lastIsName = dash >= 0 ? !IsDigit(text[dash + 1]) : firstIsName;
        if (firstIsName != lastIsName) throw Wrong(start, end, "mixes a name and a number", "write both ends as names or both as numbers");
        if (firstIsName && slash >= 0) throw Wrong(start, end, "has a step after a name", "write the numbers of the range before a step");
    }

    int ReadStep(int partStart, int start, int end, int span)
    {
        var step = Number(start, end);
        if (step == 0) throw Wrong(start, end, "is not a step", "steps begin with 1");
        if (step > span) throw Wrong(partStart, end, "has a step that is larger than what it steps over", span == 0 ? "there is nothing to step over" : $"at most {span} here");
        return step;
    }

    int ReadValue(int start, int end)
    {
        if (start < end && IsDigit(text[start]))
        {
            var value = Number(start, end);
            return value >= cronField.First && value <= cronField.Last ? value : throw Wrong(start, end, "is not " + cronField.Noun, cronField.Allowed);
        }

        return cronField.Named(text.Substring(start, end - start)) ?? throw NotAName(start, end, cronField);
    }

    int Number(int start, int end)
    {
        if (start >= end) throw Wrong(start, end, "ends where a number is expected", cronField.Allowed);
        var number = 0;
        for (var i = start; i < end; i++)
        {
            if (!IsDigit(text[i])) throw Unknown(start, end);
            // Long enough to be out of every range, short of an overflow.
            if (number < 100_000) number = (number * 10) + text[i] - '0';
        }

        return number;
    }

    void Add(int first, int last, int step)
    {
        if (cronField == CronField.Year)
        {
            years.Add((first, last, step));
            return;
        }

        for (var value = first; value <= last; value += step)
        {
            var inRange = cronField.First + ((value - cronField.First) % Size);
            var bit = cronField == CronField.DayOfWeek ? (value + 1) % 7 : inRange;
            bits |= 1UL << bit;
        }
    }

    static bool IsDigit(char c) => c is >= '0' and <= '9';

    CronFormatException NotAName(int start, int end, CronField of)
    {
        var nearest = Suggestion.Nearest(text.Substring(start, end - start), of.Names, 2);
        return Wrong(start, end, "is not " + of.Noun, nearest is null ? of.Allowed : $"did you mean {nearest}? {char.ToUpperInvariant(of.Allowed[0])}{of.Allowed.Substring(1)}");
    }

    CronFormatException Unknown(int start, int end) => Wrong(start, end, "is not a form that is known for " + cronField.Noun, cronField.Allowed + "; the forms are *, */n, a, a-b, a-b/n, a/n, and lists of them with commas");

    CronFormatException Wrong(int start, int end, string problem, string allowed) =>
        new(text, isExpression ? null : cronField.Name, start, text.Substring(start, Math.Max(0, end - start)), problem, allowed);
}
