using System.Numerics;
using System.Runtime.CompilerServices;

namespace Escapement.Triggers;

/// <summary>Holds the matching wall times of a cron trigger as bit sets, without a time zone. Immutable.</summary>
/// <remarks>
/// Bit n stands for the value n. Made by <see cref="CronParser"/>. Rarely used values are in a separate class, because
/// a process may keep a million triggers in memory.
/// </remarks>
public class CronFields
{
    /// <summary>The value of <see cref="Days"/> when each day of the month matches.</summary>
    public const uint AllDays = 0xFFFF_FFFE;

    /// <summary>The value of <see cref="DaysOfWeek"/> when each day of the week matches.</summary>
    public const byte AllDaysOfWeek = 0x7F;

    /// <summary>The value of <see cref="Weeks"/> when each week matches.</summary>
    public const ulong AllWeeks = ((1UL << 54) - 1) & ~1UL;

    /// <summary>The value of <see cref="Months"/> when each month matches.</summary>
    public const uint AllMonths = 0b1_1111_1111_1110;

    /// <summary>The value of <see cref="Hours"/> when each hour matches.</summary>
    public const uint AllHours = (1u << 24) - 1;

    readonly ushort months;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal CronFields(in CronDraft draft)
    {
        (Seconds, Minutes, Hours) = (draft.Seconds, draft.Minutes, draft.Hours);
        (Days, months, DaysOfWeek, FiresInBothPasses) = (draft.Days, (ushort)draft.Months, draft.DaysOfWeek, draft.FiresInBothPasses);
        FirstTime = Hours == 0 || Minutes == 0 || Seconds == 0 || months == 0
            ? -1
            : (((BitOperations.TrailingZeroCount(Hours) * 60) + BitOperations.TrailingZeroCount(Minutes)) * 60)
                + BitOperations.TrailingZeroCount(Seconds);
    }

    /// <summary>Seconds 0 to 59.</summary>
    public ulong Seconds { get; }

    /// <summary>Minutes 0 to 59.</summary>
    public ulong Minutes { get; }

    /// <summary>Hours 0 to 23.</summary>
    public uint Hours { get; }

    /// <summary>
    /// Days of the month 1 to 31, without the special days (<c>last</c>, <c>2nd fri</c>, <c>15W</c>).
    /// </summary>
    public uint Days { get; }

    /// <summary>Months 1 to 12.</summary>
    public uint Months => months;

    /// <summary>ISO weeks 1 to 53.</summary>
    public ulong Weeks => Special?.Weeks ?? AllWeeks;

    /// <summary>
    /// Days of the week, without the days in a given week of the month (<c>fri#2</c>, <c>friL</c>). Sunday is 0, as in
    /// <see cref="System.DayOfWeek"/>.
    /// </summary>
    public byte DaysOfWeek { get; }

    /// <summary>The years as ranges with a step, or null when every year matches.</summary>
    public IReadOnlyList<(int First, int Last, int Step)>? Years => Special?.Years;

    /// <summary>
    /// Whether hour, minute or second contain a <c>*</c>, a range or a step. Such a trigger fires in both passes when
    /// the clock goes back.
    /// </summary>
    public bool FiresInBothPasses { get; }

    /// <summary>
    /// The first matching second of a matching day. Negative if several triggers have no value of a field in common, so
    /// that nothing matches.
    /// </summary>
    internal int FirstTime { get; }

    /// <summary>
    /// Whether the day of the week alone decides if a day matches, so that the date need not be computed.
    /// </summary>
    internal bool IsWeekly => Days == AllDays && months == AllMonths && Special is null && FirstTime >= 0;

    /// <summary>The rarely used values, or null for most triggers.</summary>
    internal CronSpecial? Special => (this as CronFieldsWithSpecial)?.Own;

    internal CronSpecial SpecialOrNone => Special ?? CronSpecial.None;

    /// <summary>
    /// The fields of another trigger whose days must match as well, for the common fire times of several cron triggers.
    /// </summary>
    internal CronFields? Also => (this as CronFieldsWithSpecial)?.Other;

    /// <summary>Whether the year matches.</summary>
    public bool HasYear(int year) => this is not CronFieldsWithSpecial with
        || (with.Own.HasYear(year) && (with.Other is null || with.Other.HasYear(year)));

    /// <summary>
    /// Returns the matching days of a month, bit n for day n. Does not check whether the year and the month match.
    /// </summary>
    public uint DaysIn(int year, int month)
    {
        var length = CivilDay.LengthOf(year, month);
        var exists = (uint)((1UL << (length + 1)) - 2);
        if (this is CronFieldsWithSpecial with) return exists & SpecialDaysIn(with, year, month, length);
        return DaysOfWeek == AllDaysOfWeek ? exists & Days : exists & Days & EveryWeek(DaysOfWeek, FirstWeekday(year, month));
    }

    uint SpecialDaysIn(CronFieldsWithSpecial with, int year, int month, int length)
    {
        var (special, weekdayOfFirst) = (with.Own, FirstWeekday(year, month));
        var days = Days | special.DaysOfMonth(length, weekdayOfFirst);
        days &= EveryWeek(DaysOfWeek, weekdayOfFirst) | special.DaysInWeek(length, weekdayOfFirst);
        if (special.Weeks != AllWeeks) days &= special.DaysOfWeeks(year, month, length, weekdayOfFirst);
        return with.Other is null ? days : days & with.Other.DaysIn(year, month);
    }

    static int FirstWeekday(int year, int month) => CivilDay.Weekday(CivilDay.From(year, month, 1));

    static uint EveryWeek(byte daysOfWeek, int weekdayOfFirst)
    {
        // Six weeks in a row, rotated so that bit 0 is the first of the month.
        var weeks = daysOfWeek * (1UL | (1UL << 7) | (1UL << 14) | (1UL << 21) | (1UL << 28) | (1UL << 35));
        return (uint)((weeks >> weekdayOfFirst) << 1);
    }
}

/// <summary>The fields of a cron trigger that uses <see cref="CronSpecial"/> values.</summary>
sealed class CronFieldsWithSpecial(in CronDraft draft) : CronFields(draft)
{
    public CronSpecial Own { get; } = draft.Special ?? CronSpecial.None;

    public CronFields? Other { get; } = draft.Also;
}

/// <summary>
/// The bits of a cron trigger while the trigger is read or combined. Becomes <see cref="CronFields"/>.
/// </summary>
struct CronDraft
{
    public ulong Seconds;
    public ulong Minutes;
    public uint Hours;
    public uint Days;
    public uint Months;
    public byte DaysOfWeek;
    public bool FiresInBothPasses;
    public CronSpecial? Special;
    public CronFields? Also;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly CronFields ToFields() =>
        Special is null && Also is null ? new CronFields(this) : WithSpecial(this);

    // Not inlined and by value, so that the draft of most triggers stays in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static CronFieldsWithSpecial WithSpecial(CronDraft draft) => new(draft);
}
