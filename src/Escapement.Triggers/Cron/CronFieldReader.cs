using System.Runtime.CompilerServices;

namespace Escapement.Triggers;

/// <summary>Reads the text of fields into bit sets, field by field. Part of <see cref="CronParser"/>.</summary>
/// <param name="draft">
/// Receives the values outside the bit sets: years, special days, and whether the trigger fires in both passes.
/// </param>
/// <param name="text">The text that contains the fields.</param>
/// <param name="jobId">The text from which <c>H</c> takes its value, or null.</param>
/// <param name="isExpression">
/// Whether the text is an expression. Otherwise the text is the value of a single field.
/// </param>
ref struct CronFieldReader(ref CronDraft draft, string text, string? jobId, bool isExpression)
{
    // A hashed day exists in every month.
    const int LastHashedDay = 28;

    static readonly string[] Positions = { "1st", "2nd", "3rd", "4th", "5th", "last" };

    // The multiples of each step, as bits.
    static readonly ulong[] EveryNth = [.. Enumerable.Range(0, 64).Select(step =>
        Enumerable.Range(0, 64).Where(value => step > 0 && value % step == 0).Aggregate(0UL, (bits, value) => bits | 1UL << value))];

    readonly ref CronDraft draft = ref draft;

    // The field being read, and the values found so far.
    CronField cronField = CronField.Year;
    List<(int First, int Last, int Step)>? years;
    ulong bits;
    bool everyYear;

    /// <summary>Reads the list between two places of the text.</summary>
    /// <returns>Bit n for the value n, or 0 for the year.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Read(CronField field, (int Start, int End) place)
    {
        // Most fields are a star or a single digit.
        if (place.End - place.Start == 1)
        {
            var first = text[place.Start] - '0';
            if (first == '*' - '0')
            {
                draft.FiresInBothPasses |= field.IsTimeOfDay;
                return field.Every;
            }

            if ((uint)first <= 9 && first >= field.First && first <= field.Last) return BitsFrom(field, first, 1);
        }

        return ReadList(field, place);
    }

    ulong ReadList(CronField field, (int Start, int End) place)
    {
        (cronField, bits) = (field, 0);
        var (at, end) = place;
        do
        {
            var partEnd = at;
            while (partEnd < end && text[partEnd] != ',') partEnd++;
            var (from, to) = (at, partEnd);
            while (from < to && text[from] == ' ') from++;
            while (to > from && text[to - 1] == ' ') to--;
            ReadPart(from, to);
            at = partEnd + 1;
        }
        while (at <= end);

        if (years is not null && !everyYear) Special.Years = years;
        return bits;
    }

    readonly CronSpecial Special => draft.Special ??= new();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void ReadPart(int start, int end)
    {
        if (start == end) throw Wrong(start, end, "is empty", "give " + cronField.Noun + "; " + cronField.Allowed);
        if (text[start] == '*' || (isExpression && text[start] == '?' && MayBeAnyDay(start, end))) ReadStar(start, end);
        else if (!ReadSpecial(start, end)) ReadRange(start, end);
    }

    readonly bool MayBeAnyDay(int start, int end) => cronField == CronField.Day || cronField == CronField.DayOfWeekInExpression
        ? true
        : throw Wrong(start, end, "is known only for the day of the month and the day of the week", $"write * for every {cronField.Name}");

    // Everything except a star and a range of values.
    bool ReadSpecial(int start, int end)
    {
        if (IsHash(start, end))
        {
            ReadHash(start, end);
            return true;
        }

        // A number of two digits is never special, and most days are at most two digits.
        if (end - start <= 2 && IsDigit(text[start]) && IsDigit(text[end - 1])) return false;
        if (cronField == CronField.Day) return ReadNamedDay(start, end) || (isExpression && ReadSpecialDay(start, end));
        return cronField == CronField.DayOfWeekInExpression && ReadSpecialWeekday(start, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void ReadStar(int start, int end)
    {
        var (first, last) = (cronField.First, cronField.LastOfStar);
        if (end - start == 1)
        {
            everyYear = true;
            bits = cronField.Every;
            draft.FiresInBothPasses |= cronField.IsTimeOfDay;
            return;
        }

        if (text[start + 1] != '/') throw Unknown(start, end);
        AddRange(first, last, ReadStep(start, start + 2, end, last - first));
    }

    readonly bool IsHash(int start, int end) =>
        isExpression && (text[start] is 'H' or 'h') && (end - start == 1 || text[start + 1] is '/' or '(');

    // H, H/15, H(0-29), H(9-17)/2
    void ReadHash(int start, int end)
    {
        if (jobId is null) throw Wrong(start, end, "takes its value from the id of a job", "give the job's id, or a number instead of H");
        var lastInRange = cronField.LastOfStar;
        var (first, last) = (cronField.First, cronField == CronField.Day ? LastHashedDay : lastInRange);
        var at = start + 1;
        if (at < end && text[at] == '(')
        {
            var close = text.IndexOf(')', at, end - at);
            var dash = text.IndexOf('-', at, end - at);
            if (close < 0 || dash < 0 || dash > close)
            {
                throw Wrong(start, end, "is not a form of H", "the forms are H, H/n, H(a-b) and H(a-b)/n");
            }

            (first, last) = (ReadValue(at + 1, dash), ReadValue(dash + 1, close));
            if (first > last) throw Wrong(start, end, "ends before it begins", "the first value in the parentheses is the smaller one");
            if (last > lastInRange) (first, last) = first > lastInRange ? (0, 0) : (first, lastInRange);
            (at, lastInRange) = (close + 1, last);
        }

        if (at == end)
        {
            // H(0-29) is a single value, even with a range in its parentheses.
            Add(first + (int)(Hash() % (ulong)(last - first + 1)));
            return;
        }

        if (text[at] != '/') throw Wrong(start, end, "is not a form of H", "the forms are H, H/n, H(a-b) and H(a-b)/n");
        var step = ReadStep(start, at + 1, end, lastInRange - first);
        AddRange(first + (int)(Hash() % (ulong)step), lastInRange, step);
    }

    // FNV-1a with a final mixing step. string.GetHashCode differs between processes and versions, this hash does
    // not.
    readonly ulong Hash()
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
    readonly bool ReadNamedDay(int start, int end)
    {
        var position = PositionAt(start, end, out var next);
        if (position < 0) return false;
        if (next == end)
        {
            if (position != 5)
            {
                throw Wrong(start, end, "says which, but not of what", "write the day of the week after it, for example 2nd fri");
            }

            Special.DaysBeforeLast |= 1;
            return true;
        }

        var word = text.AsSpan(next, end - next);
        if (word.Contains(' ')) throw Unknown(start, end);
        var weekday = CronField.DayOfWeekInExpression.Named(word);
        if (weekday is null) throw NotAName(next, end, CronField.DayOfWeek);
        Special.WeekdaysOfMonth |= 1UL << CronSpecial.BitOfWeekday(position + 1, weekday.Value);
        return true;
    }

    // Returns the index of the first word among the positions, or -1 if the word is not a position, and the start of
    // the next word.
    readonly int PositionAt(int start, int end, out int next)
    {
        next = start;
        while (next < end && text[next] != ' ') next++;
        var word = text.AsSpan(start, next - start);
        while (next < end && text[next] == ' ') next++;
        // At least as long as the shortest position. Most days are numbers of two digits.
        for (var i = 0; i < Positions.Length && word.Length >= 3; i++)
        {
            if (word.Equals(Positions[i], StringComparison.OrdinalIgnoreCase)) return i;
        }

        return -1;
    }

    // L, L-3, LW, L-3W, 15W
    readonly bool ReadSpecialDay(int start, int end)
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
        if (at + (isNearest ? 1 : 0) != end || (!isLast && !isNearest) || dash != (isLast && hasNumber) || (!isLast && !hasNumber))
        {
            return false;
        }

        var number = hasNumber ? Number(digits, at) : 0;
        if (isLast && number > 30) throw Wrong(digits, at, "is too many days before the last of the month", "from 0 to 30");
        if (!isLast && number is < 1 or > 31) throw Wrong(digits, at, "is not a day of the month", cronField.Allowed);
        if (!isLast) Special.NearestWeekdays |= 1u << number;
        else if (isNearest) Special.NearestWeekdaysBeforeLast |= 1u << number;
        else Special.DaysBeforeLast |= 1u << number;
        return true;
    }

    // friL, 5L, fri#2, 5#2
    readonly bool ReadSpecialWeekday(int start, int end)
    {
        // A loop, because a search call is slower for the three characters of most fields.
        var hash = start;
        while (hash < end && text[hash] != '#')
        {
            hash++;
        }

        if (hash == end)
        {
            hash = -1;
        }

        if (hash < 0 && (end - start < 2 || text[end - 1] is not ('L' or 'l'))) return false;
        var weekday = ReadValue(start, hash < 0 ? end - 1 : hash) % 7;
        var nth = 6;
        if (hash >= 0)
        {
            nth = Number(hash + 1, end);
            if (nth is < 1 or > 5) throw Wrong(hash + 1, end, "is not a week of a month", "from 1 to 5, and L for the last: friL");
        }

        Special.WeekdaysOfMonthInWeek |= 1UL << CronSpecial.BitOfWeekday(nth, weekday);
        return true;
    }

    // a, a-b, a/n, a-b/n
    void ReadRange(int start, int end)
    {
        // No day has a name, but 'last-2' begins with a known word.
        if (!IsDigit(text[start]) && (cronField == CronField.Day || text[start] is '-' or '/')) throw Unknown(start, end);
        var at = start;
        var first = ReadValue('-', ref at, end);
        if (at == end)
        {
            Add(first);
            return;
        }

        var (dash, last) = (-1, cronField.Last);
        if (text[at] == '-')
        {
            dash = at++;
            last = ReadValue('/', ref at, end);
        }

        var (rangeEnd, slash) = (at, at < end ? at : -1);
        // Checked before the order of the range: 'nov-2' cannot be split into two sensible parts.
        if (!isExpression) RefuseMixedNames(start, dash, slash, end);
        if (first > last && !isExpression)
        {
            throw Wrong(start, rangeEnd, "ends before it begins", $"write it as two parts instead, {AsTwoParts(start, dash, rangeEnd)}");
        }

        var span = last - first + (first > last ? cronField.Size : 0);
        AddRange(first, first + span, slash < 0 ? 1 : ReadStep(start, slash + 1, end, span));
    }

    // fri-mon: fri-sun,mon
    readonly string AsTwoParts(int start, int dash, int end)
    {
        var (from, to) = (text.Substring(start, dash - start), text.Substring(dash + 1, end - dash - 1));
        var isName = !IsDigit(text[start]);
        var lowest = isName ? cronField.Names[0] : cronField.First.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var highest = isName
            ? cronField.Names[cronField.Names.Count - 1]
            : cronField.Last.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return (from == highest ? from : from + "-" + highest) + "," + (to == lowest ? to : lowest + "-" + to);
    }

    // APScheduler accepts 'jan-mar', '1-3' and '1-3/2', but reads only the beginning of 'jan/2' or '1-mar'.
    readonly void RefuseMixedNames(int start, int dash, int slash, int end)
    {
        var firstIsName = !IsDigit(text[start]);
        var lastIsName = dash >= 0 ? !IsDigit(text[dash + 1]) : firstIsName;
        if (firstIsName != lastIsName) throw Wrong(start, end, "mixes a name and a number", "write both ends as names or both as numbers");
        if (firstIsName && slash >= 0) throw Wrong(start, end, "has a step after a name", "write the numbers of the range before a step");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly int ReadStep(int partStart, int start, int end, int span)
    {
        var step = Number(start, end);
        if (step == 0 || step > span) throw NotAStep(step, partStart, start, end, span);
        return step;
    }

    readonly CronFormatException NotAStep(int step, int partStart, int start, int end, int span) => step == 0
        ? Wrong(start, end, "is not a step", "steps begin with 1")
        : Wrong(partStart, end, "has a step that is larger than what it steps over",
            span == 0 ? "there is nothing to step over" : $"at most {span} here{StepAdvice.Of(cronField, step)}");

    // Reads the value up to a slash or the stop character.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly int ReadValue(char stop, ref int at, int end)
    {
        var (start, next, value) = (at, at, 0);
        for (; next < end && IsDigit(text[next]) && value < 100_000; next++) value = (value * 10) + text[next] - '0';
        at = next;
        var isWhole = next > start && (next == end || text[next] == '/' || text[next] == stop);
        if (isWhole && value >= cronField.First && value <= cronField.Last) return value;
        // A name, or an unknown word.
        while (next < end && text[next] != '/' && text[next] != stop) next++;
        at = next;
        return ReadValue(start, next);
    }

    readonly int ReadValue(int start, int end)
    {
        if (start < end && IsDigit(text[start]))
        {
            var value = Number(start, end);
            return value >= cronField.First && value <= cronField.Last
                ? value
                : throw Wrong(start, end, "is not " + cronField.Noun, cronField.Allowed);
        }

        return cronField.Named(text.AsSpan(start, end - start)) ?? throw NotAName(start, end, cronField);
    }

    readonly int Number(int start, int end)
    {
        if (start >= end) throw Wrong(start, end, "ends where a number is expected", cronField.Allowed);
        var number = 0;
        for (var i = start; i < end; i++)
        {
            if (!IsDigit(text[i])) throw Unknown(start, end);
            // Large enough to be out of every range, small enough not to overflow.
            if (number < 100_000) number = (number * 10) + text[i] - '0';
        }

        return number;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Add(int value)
    {
        if (cronField == CronField.Year) (years ??= []).Add((value, value, 1));
        else bits |= BitsFrom(cronField, value, 1);
    }

    // In a field of the time of day, everything except a single value makes the trigger fire in both passes of an
    // overlap. The last value may be beyond the last value of the field: such a range wraps.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void AddRange(int first, int last, int step)
    {
        if (cronField == CronField.Year)
        {
            (years ??= []).Add((first, last, step));
            return;
        }

        draft.FiresInBothPasses |= cronField.IsTimeOfDay;
        bits |= BitsFrom(cronField, first, ((2UL << (last - first)) - 1) & EveryNth[step]);
    }

    // Bit n of the pattern is the value n after the first. Values beyond the last value of the field start again at
    // the first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong BitsFrom(CronField field, int first, ulong pattern)
    {
        // In the bits a week begins with Sunday, in the field with Monday.
        var place = first - field.First + (field == CronField.DayOfWeek ? 1 : 0);
        var turned = (pattern << place) | (pattern >> (field.Size - place));
        return (turned << field.First) & field.Every;
    }

    static bool IsDigit(char c) => c is >= '0' and <= '9';

    readonly CronFormatException NotAName(int start, int end, CronField of)
    {
        var nearest = CalendarNames.Suggest(text.Substring(start, end - start), of);
        return Wrong(start, end, "is not " + of.Noun, nearest is null
            ? of.Allowed
            : $"did you mean {nearest}? {char.ToUpperInvariant(of.Allowed[0])}{of.Allowed.Substring(1)}");
    }

    readonly CronFormatException Unknown(int start, int end) => Wrong(start, end, "is not a form that is known for " + cronField.Noun,
        ForeignParts.Advice(text.Substring(start, Math.Max(0, end - start)), cronField)
        ?? $"{cronField.Allowed}; the forms are *, */n, a, a-b, a-b/n, a/n, {OwnForms}and lists of them with commas");

    readonly string OwnForms => (cronField.Name, isExpression) switch
    {
        ("day", true) => "L, L-n, LW, 15W, ",
        ("day", false) => "last, 2nd fri, last fri, ",
        ("day_of_week", true) => "fri#2, friL, ",
        _ => "",
    };

    readonly CronFormatException Wrong(int start, int end, string problem, string allowed) =>
        new(text, isExpression ? null : cronField.Name, start, text.Substring(start, Math.Max(0, end - start)), problem, allowed);
}
