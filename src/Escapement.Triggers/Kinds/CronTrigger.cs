namespace Escapement.Triggers;

/// <summary>Fires at the wall times that match its fields.</summary>
/// <remarks>
/// Where the zone's offset changes: a matching wall time that the clock skips moves to the first instant after the gap, and several become one. A wall time that the clock
/// repeats fires in the first pass, and in both if hour, minute or second hold a <c>*</c>, a range or a step. <c>docs/time.md</c>. Years are 1970 to 9999.
/// </remarks>
public sealed class CronTrigger : Trigger
{
    // After which dates, days of the week and changes of the clock repeat; and a day, for the offset.
    const long FourHundredYears = (CivilDay.DaysIn400Years + 1) * 86_400L;

    // 1970 begins a day earlier in the east; wall times before it match nothing.
    const long Earliest = -2 * 86_400;

    readonly CronWallTimes times;

    // Null for the many that have none: a million triggers are kept.
    readonly Limits? limits;

    /// <param name="definition">Which wall times match, and what the user wrote.</param>
    /// <param name="zone">Whose wall time.</param>
    /// <param name="start">No fire time is before it.</param>
    /// <param name="end">No fire time is after it.</param>
    public CronTrigger(CronDefinition definition, ZoneClock zone, DateTimeOffset? start = null, DateTimeOffset? end = null)
        : this(definition, definition.Fields, zone, start is null && end is null ? null : new(start, end, null))
    {
    }

    CronTrigger(CronDefinition definition, CronFields fields, ZoneClock zone, Limits? limits)
    {
        Definition = definition;
        Zone = zone;
        times = new(fields);
        this.limits = limits;
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>What the user wrote: fields by name or an expression.</summary>
    public CronDefinition Definition { get; }

    /// <summary>No fire time is before it.</summary>
    public DateTimeOffset? Start => limits?.Start;

    /// <summary>No fire time is after it.</summary>
    public DateTimeOffset? End => limits?.End;

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from)
    {
        var at = NextAt(Math.Max(First, UnixTime.Ceiling(from)), out var offset);
        return at > Last ? null : ZoneClock.WithOffset((at + UnixTime.Epoch) * TimeSpan.TicksPerSecond, offset);
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before)
    {
        var at = PreviousAt(Math.Min(Last, UnixTime.Ceiling(before) - 1), out var offset);
        return at < First ? null : ZoneClock.WithOffset((at + UnixTime.Epoch) * TimeSpan.TicksPerSecond, offset);
    }

    /// <inheritdoc/>
    public override long Count(DateTimeOffset from, DateTimeOffset to)
    {
        var at = Math.Max(First, UnixTime.Ceiling(from));
        var end = Math.Min(Last + 1, UnixTime.Ceiling(to));
        var count = 0L;
        while (at < end)
        {
            var span = Zone.SpanAt(at);
            var spanEnd = Math.Min(end, span.End);
            // The instant after a gap counts once, be it for itself or for what was skipped.
            var firesAfterGap = at == span.Start && span.Offset > span.Before && FiresAfterGap(span);
            if (firesAfterGap) count++;
            count += times.Count(FirstWall(span, at + (firesAfterGap ? 1 : 0)), spanEnd + span.Offset);
            at = spanEnd;
        }

        return count;
    }

    /// <inheritdoc/>
    public override string ToString() => TriggerText.Write(this, Zone);

    /// <summary>The values that match.</summary>
    public CronFields Fields => times.Fields;

    internal bool HasYears => times.HasYears;

    /// <summary>The common fire times of several cron triggers in one zone, by their fields and not by stepping.</summary>
    internal static CronTrigger Intersect(IReadOnlyList<CronTrigger> triggers)
    {
        // Of what is an intersection itself, those that it was made of.
        CronWallTimes[] all = [.. triggers.SelectMany(trigger => trigger.Intersected ?? [trigger.times])];
        CronFields? common = null;
        foreach (var own in all.Select(part => part.Fields))
        {
            common = new CronDraft
            {
                Seconds = own.Seconds & (common?.Seconds ?? ulong.MaxValue),
                Minutes = own.Minutes & (common?.Minutes ?? ulong.MaxValue),
                Hours = own.Hours & (common?.Hours ?? uint.MaxValue),
                Months = own.Months & (common?.Months ?? uint.MaxValue),
                Days = own.Days,
                DaysOfWeek = own.DaysOfWeek,
                FiresInBothPasses = own.FiresInBothPasses && common is not { FiresInBothPasses: false },
                Special = common is null ? own.Special : (own.Special ?? new()) with { Also = common },
            }.ToFields();
        }

        DateTimeOffset? end = triggers.Any(trigger => trigger.End is not null)
            ? triggers.Min(trigger => trigger.End ?? DateTimeOffset.MaxValue)
            : null;
        return new(triggers[0].Definition, common!, triggers[0].Zone, new(triggers.Max(trigger => trigger.Start), end, all));
    }

    // The first and the last second at which it may fire.
    long First => limits?.First ?? Earliest;

    long Last => limits?.Last ?? UnixTime.Max;

    // Several triggers whose common fire times these are: their times in a gap move to one instant, though their fields have nothing in common.
    CronWallTimes[]? Intersected => limits?.Parts;

    // Common fire times may lie in a gap alone, so every stretch is looked at, and the search has to end by itself.
    bool IsStepped => Intersected is not null && !HasYears;

    // The first second at or after 'at' at which the trigger fires; above every instant when there is none.
    long NextAt(long at, out int offset)
    {
        var giveUp = IsStepped ? Math.Min(Last, at + FourHundredYears) : Last;
        // Between the two no wall time matches, so that a later stretch need not search it again; 'found' itself does.
        var (searchedFrom, found) = (long.MaxValue, long.MinValue);
        while (at <= giveUp)
        {
            var span = Zone.SpanAt(at);
            offset = span.Offset;
            if (at == span.Start && span.Offset > span.Before && FiresAfterGap(span)) return at;
            var low = FirstWall(span, at);
            if (low < searchedFrom || low > found) (searchedFrom, found) = (low, times.Next(low));
            if (found - span.Offset < span.End) return found - span.Offset;
            // The next stretch may repeat wall times that were passed already; what is further away can only hold later ones. Common fire times may lie in a gap alone.
            var mayRepeat = span.End - at < Zone.MaxOffset - Zone.MinOffset;
            at = mayRepeat || Intersected is not null ? span.End : Math.Max(span.End, found - Zone.MaxOffset);
        }

        offset = 0;
        return long.MaxValue;
    }

    long PreviousAt(long at, out int offset)
    {
        var giveUp = IsStepped ? Math.Max(First, at - FourHundredYears) : First;
        var quietFrom = long.MaxValue;
        while (at >= giveUp)
        {
            var span = Zone.SpanAt(at);
            offset = span.Offset;
            if (span.Start <= quietFrom)
            {
                var wall = times.Previous(at + span.Offset);
                if (wall >= FirstWall(span, span.Start)) return wall - span.Offset;
                quietFrom = at - span.Start < Zone.MaxOffset - Zone.MinOffset ? span.Start - 1 : wall - Zone.MinOffset;
            }

            if (span.Offset > span.Before && FiresAfterGap(span)) return span.Start;
            at = Intersected is null ? Math.Min(span.Start - 1, quietFrom) : span.Start - 1;
        }

        offset = 0;
        return long.MinValue;
    }

    // The wall time at an instant of a stretch, but not one of a second pass that the trigger leaves out.
    long FirstWall(in ZoneSpan span, long at)
    {
        var wall = at + span.Offset;
        return Fields.FiresInBothPasses || span.Offset >= span.Before ? wall : Math.Max(wall, span.Start + span.Before);
    }

    // Whether the trigger fires in the first instant after the gap before a stretch: because something in the gap matches, or that instant itself.
    bool FiresAfterGap(in ZoneSpan span)
    {
        var (low, high) = (span.Start + span.Before, span.Start + span.Offset + 1);
        if (Intersected is null) return times.Count(low, high) > 0;
        foreach (var part in Intersected)
        {
            if (part.Count(low, high) == 0) return false;
        }

        return true;
    }

    sealed class Limits(DateTimeOffset? start, DateTimeOffset? end, CronWallTimes[]? parts)
    {
        public readonly DateTimeOffset? Start = start;
        public readonly DateTimeOffset? End = end;
        public readonly CronWallTimes[]? Parts = parts;
        public readonly long First = Math.Max(Earliest, start is null ? long.MinValue : UnixTime.Ceiling(start.Value));
        public readonly long Last = Math.Min(UnixTime.Max, end is null ? long.MaxValue : UnixTime.Floor(end.Value));
    }
}
