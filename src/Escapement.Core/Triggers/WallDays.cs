namespace Escapement.Triggers;

/// <summary>What goes by a zone's wall: each day there is one of two sets, and a day of UTC is put together of two of these.</summary>
abstract class WallDays(ZoneClock zone, DayMemo memo) : FireDays
{
    public sealed override DaySeconds On(int day, out int until)
    {
        var start = (long)day * DaySeconds.Length;
        var span = zone.SpanAt(start);
        until = day + 1;
        if (SettledFrom(span) > start || span.End < start + DaySeconds.Length) return OnChange(start);

        // A day of UTC begins on one day of the wall and ends on the next, or on the same.
        var (first, last) = (DayOf(start + span.Offset), DayOf(start + span.Offset + DaySeconds.Length - 1));
        var (isFirst, isLast) = (IsOn(first, out var untilFirst), IsOn(last, out var untilLast));
        until = (int)Math.Min(day + Math.Min((long)untilFirst - first, (long)untilLast - last), DayOf(Math.Min(span.End, UnixTime.Max + 1)));
        var key = (span.Offset * 4) + (isFirst ? 2 : 0) + (isLast ? 1 : 0);
        return memo.Find(this, key) ?? memo.Keep(this, key, Piece(start, start, start + DaySeconds.Length, span.Offset));
    }

    /// <summary>Which of the two sets a day on the wall has.</summary>
    /// <param name="wallDay">Since 1970-01-01.</param>
    /// <param name="until">All days from this one until that one, itself not among them, have the same.</param>
    protected abstract bool IsOn(int wallDay, out int until);

    /// <summary>The set of a day on the wall.</summary>
    protected abstract DaySeconds OnWall(bool isOn);

    /// <summary>From where on the wall times after a change of the offset are taken as they are.</summary>
    protected virtual long SettledFrom(in ZoneSpan span) => span.Start;

    /// <summary>Whether the first instant after a change of the offset belongs to the set though it is not settled.</summary>
    protected virtual bool HoldsChange(in ZoneSpan span) => false;

    // A day on which the offset changes, be it several times.
    DaySeconds OnChange(long start)
    {
        var seconds = DaySeconds.None;
        for (long at = start, end = start + DaySeconds.Length; at < end;)
        {
            var span = zone.SpanAt(at);
            if (at == span.Start && HoldsChange(span)) seconds = DaySeconds.Join(DayJoin.Either, seconds, DaySeconds.Of((int)(at - start)));
            seconds = DaySeconds.Join(DayJoin.Either, seconds, Piece(start, Math.Max(at, SettledFrom(span)), Math.Min(end, span.End), span.Offset));
            at = span.End;
        }

        return seconds;
    }

    // The seconds of a day of UTC from one instant to another, with one offset.
    DaySeconds Piece(long start, long from, long to, int offset)
    {
        var seconds = DaySeconds.None;
        while (from < to)
        {
            var wallDay = DayOf(from + offset);
            var wallStart = ((long)wallDay * DaySeconds.Length) - offset;
            var stop = Math.Min(to, wallStart + DaySeconds.Length);
            seconds = DaySeconds.Join(DayJoin.Either, seconds, OnWall(IsOn(wallDay, out _)).Moved((int)(from - wallStart), (int)(stop - wallStart), (int)(from - start)));
            from = stop;
        }

        return seconds;
    }
}
