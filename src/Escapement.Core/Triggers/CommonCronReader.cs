using System.Runtime.CompilerServices;

namespace Escapement.Triggers;

/// <summary>Reads in one pass the expressions that nearly everybody writes: five or six fields of numbers and names, <c>*</c>, ranges, steps and lists, a space between them.</summary>
/// <remarks>All else, and all that is wrong, is left to <see cref="CronFieldReader"/>, which knows the whole grammar and says what is allowed; of what is read here both make the same.</remarks>
static class CommonCronReader
{
    const int End = -1;

    // In the bits of a field: it holds a *, a range or a step. No value of a field that is read here is so large.
    const ulong Spread = 1UL << 63;

    /// <summary>Reads the whole text; null where something is not common.</summary>
    public static CronFields? TryRead(string text)
    {
        // A minute, or of six fields the second: only the last tells.
        var at = 0;
        var first = Field(text, ref at, 0, 59);
        if (first == 0) return null;
        var second = at;
        if (TryReadFromHour(text, at, 1, first) is { } fields) return fields;
        var minutes = Field(text, ref second, 0, 59);
        return minutes == 0 ? null : TryReadFromHour(text, second, first, minutes);
    }

    static CronFields? TryReadFromHour(string text, int at, ulong seconds, ulong minutes)
    {
        var hours = Field(text, ref at, 0, 23);
        if (hours == 0) return null;
        var days = Field(text, ref at, 1, 31);
        if (days == 0) return null;
        var months = Field(text, ref at, 1, 12, CronField.Month);
        if (months == 0) return null;
        var daysOfWeek = Field(text, ref at, 0, 7, CronField.DayOfWeekInExpression);
        if (daysOfWeek == 0 || at != text.Length + 1) return null;
        return new(
            seconds & ~Spread, minutes & ~Spread, (uint)hours, (uint)days, (uint)months,
            // 7 is 0 as well.
            (byte)((daysOfWeek | daysOfWeek >> 7) & CronFields.AllDaysOfWeek),
            ((seconds | minutes | hours) & Spread) != 0);
    }

    // The bits of a field, with the place behind the blank after it; 0 when it is not common.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Field(string text, ref int at, int first, int last, CronField? names = null)
    {
        // Most fields are a star or one number.
        var c = At(text, at);
        if (c == '*' && At(text, at + 1) is (' ' or End))
        {
            at += 2;
            return ((2UL << last) - (1UL << first)) | Spread;
        }

        var (start, value) = (at, c - '0');
        if ((uint)value > 9) return Values(text, ref at, first, last, names);
        c = At(text, ++at);
        if ((uint)(c - '0') <= 9)
        {
            value = (value * 10) + c - '0';
            c = At(text, ++at);
        }

        if (c is (' ' or End) && value >= first && value <= last)
        {
            at++;
            return 1UL << value;
        }

        at = start;
        return Values(text, ref at, first, last, names);
    }

    static ulong Values(string text, ref int place, int first, int last, CronField? names)
    {
        var bits = 0UL;
        for (var at = place; ; at++)
        {
            var (low, high, step) = (first, last, 1);
            var c = At(text, at);
            if (c == '*')
            {
                // No step of the days of the week reaches Sunday as 7.
                if (last == 7) high = 6;
                c = At(text, ++at);
                bits |= Spread;
            }
            else
            {
                if (!TryValue(text, ref at, ref c, names, out low)) return 0;
                if (c == '-')
                {
                    c = At(text, ++at);
                    if (!TryValue(text, ref at, ref c, names, out high)) return 0;
                    bits |= Spread;
                }
                else if (c == '/')
                {
                    bits |= Spread;
                }
                else
                {
                    high = low;
                }
            }

            if (low < first || high > last || low > high) return 0;
            if (c == '/')
            {
                c = At(text, ++at);
                if (!TryValue(text, ref at, ref c, null, out step) || step == 0 || step > high - low) return 0;
            }

            if (step == 1)
            {
                bits |= (2UL << high) - (1UL << low);
            }
            else
            {
                for (var value = low; value <= high; value += step) bits |= 1UL << value;
            }

            if (c is ' ' or End)
            {
                place = at + 1;
                return bits;
            }

            if (c != ',') return 0;
        }
    }

    // One or two digits or a name, and the character behind them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool TryValue(string text, ref int at, ref int c, CronField? names, out int value)
    {
        value = c - '0';
        if ((uint)value > 9)
        {
            value = names is null ? -1 : Named(text, at, names);
            at += 3;
            c = At(text, at);
            return value >= 0;
        }

        c = At(text, ++at);
        if ((uint)(c - '0') > 9) return true;
        value = (value * 10) + c - '0';
        c = At(text, ++at);
        return (uint)(c - '0') > 9;
    }

    static int Named(string text, int at, CronField names) => at + 3 > text.Length ? -1 : names.Named(text.AsSpan(at, 3)) ?? -1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int At(string text, int at) => (uint)at < (uint)text.Length ? text[at] : End;
}
