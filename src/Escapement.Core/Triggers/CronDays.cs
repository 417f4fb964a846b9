using System.Numerics;

namespace Escapement.Triggers;

/// <summary>The days of a cron trigger, as if it had neither start nor end.</summary>
sealed class CronDays(CronTrigger cron, DayMemo memo) : WallDays(cron.Zone, memo)
{
    const int TimesOfDay = int.MinValue;
    static readonly int LastOfCalendar = CivilDay.From(9999, 12, 31);

    readonly DayMemo memo = memo;
    readonly CronFields fields = cron.Fields;

    readonly bool isEachDay = cron.Fields is { Special: null, Months: CronFields.AllMonths, Days: CronFields.AllDays, DaysOfWeek: CronFields.AllDaysOfWeek };

    // The month that was looked at last: its first day, how many it has, and which of them match, bit 0 for the first.
    int monthStart;
    int monthLength;
    uint matching;

    protected override bool IsOn(int wallDay, out int until)
    {
        // Years are 1970 to 9999.
        until = wallDay < 0 ? 0 : wallDay <= LastOfCalendar ? LastOfCalendar + 1 : int.MaxValue;
        if (wallDay < 0 || wallDay > LastOfCalendar || isEachDay) return isEachDay && wallDay >= 0 && wallDay <= LastOfCalendar;
        if ((uint)(wallDay - monthStart) >= (uint)monthLength)
        {
            var (year, month, day) = CivilDay.ToDate(wallDay);
            monthStart = wallDay - day + 1;
            monthLength = CivilDay.LengthOf(year, month);
            matching = fields.HasYear(year) && (fields.Months >> month & 1) != 0 ? fields.DaysIn(year, month) >> 1 : 0;
        }

        var days = matching >> (wallDay - monthStart);
        var isOn = (days & 1) != 0;
        until = Math.Min(monthStart + monthLength, wallDay + BitOperations.TrailingZeroCount(isOn ? ~days : days));
        return isOn;
    }

    protected override DaySeconds OnWall(bool isOn) => !isOn ? DaySeconds.None : memo.Find(this, TimesOfDay) ?? memo.Keep(this, TimesOfDay, DaySeconds.OfTimes(fields.Hours, fields.Minutes, fields.Seconds));

    // The instant after a gap is a case of its own, and a second pass may be left out.
    protected override long SettledFrom(in ZoneSpan span) =>
        span.Offset > span.Before ? span.Start + 1
        : fields.FiresInBothPasses ? span.Start
        : span.Start + span.Before - span.Offset;

    protected override bool HoldsChange(in ZoneSpan span) => span.Offset > span.Before && cron.Zone.AtSeconds(span.Start) is { } change && cron.Next(change) == change;
}
