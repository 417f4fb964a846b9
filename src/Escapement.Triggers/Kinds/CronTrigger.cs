namespace Escapement.Triggers;

/// <summary>Fires at the wall times that match its fields.</summary>
/// <remarks>
/// Where the zone's offset changes, skipped wall times move to the first instant after the gap and fire once together.
/// A repeated wall time fires in the first pass, and in both passes if hour, minute or second contain a <c>*</c>, a
/// range or a step. See <c>docs/time.md</c>. The years are 1970 to 9999.
/// </remarks>
public sealed class CronTrigger : Trigger
{
    internal static readonly TriggerKind Kind = new("cron",
        [.. CronField.All.Select(field => field.Name), "expression", "start_date", "end_date"], Read)
    { ReadWords = ReadWords };

    // The time after which dates, days of the week and clock changes repeat, with a day added for the offset.
    const long FourHundredYears = (CivilDay.DaysIn400Years + 1) * 86_400L;

    // East of Greenwich, 1970 begins up to a day earlier. Earlier wall times match nothing.
    const long Earliest = -2 * 86_400;

    readonly CronWallTimes times;

    // Null for most triggers, because a process may keep a million triggers in memory.
    readonly Limits? limits;

    /// <param name="definition">The matching wall times, and the text that the user wrote.</param>
    /// <param name="zone">The zone of the wall times.</param>
    /// <param name="start">The first instant at which the trigger may fire, or null for no limit.</param>
    /// <param name="end">The last instant at which the trigger may fire, or null for no limit.</param>
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

    /// <summary>The definition as the user wrote the trigger: fields by name or an expression.</summary>
    public CronDefinition Definition { get; }

    /// <summary>The first instant at which the trigger may fire, or null for no limit.</summary>
    public DateTimeOffset? Start => limits?.Start;

    /// <summary>The last instant at which the trigger may fire, or null for no limit.</summary>
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
            // The instant after a gap counts once, whether the instant itself or a skipped time matches.
            var firesAfterGap = at == span.Start && span.Offset > span.Before && FiresAfterGap(span);
            if (firesAfterGap) count++;
            count += times.Count(FirstWall(span, at + (firesAfterGap ? 1 : 0)), spanEnd + span.Offset);
            at = spanEnd;
        }

        return count;
    }

    internal override DateTimeOffset? FirstInstant => Start;

    internal override TriggerDefinition DefineCore()
    {
        TriggerDefinition definition = new("cron", Definition.ToString()) { { "expression", Definition.Expression } };
        foreach (var (name, text) in Definition.Given ?? new Dictionary<string, string>()) definition.Add(name, text);
        definition.Add("start_date", Start is { } start ? IsoTime.Format(Zone.ToZone(start)) : null);
        definition.Add("end_date", End is { } end ? IsoTime.Format(Zone.ToZone(end)) : null);
        return definition;
    }

    static CronTrigger Read(TriggerFields fields)
    {
        Dictionary<string, string> given = new(StringComparer.Ordinal);
        foreach (var field in CronField.All)
        {
            if (fields.CronValue(field.Name) is { } text) given.Add(field.Name, text);
        }

        var expression = fields.Text("expression");
        if (expression is not null && given.Count > 0)
        {
            throw fields.Wrong("expression", "stands beside the field " + given.Keys.First(), "give an expression or fields, not both");
        }

        return new(expression is null ? CronDefinition.FromFields(given) : CronDefinition.FromExpression(expression, fields.JobId),
            fields.Zone, fields.Date("start_date", out _), fields.Date("end_date", out _));
    }

    static TriggerDefinition ReadWords(TriggerWords words)
    {
        var equals = words.Word.IndexOf('=', StringComparison.Ordinal);
        var isFields = equals > 0 && words.Word[..equals].All(c => char.IsAsciiLetter(c) || c == '_');
        var written = words.ReadValue("is not the beginning of a trigger",
            "give a cron expression, every …, at …, or a trigger in parentheses");
        if (!isFields) return new("cron") { { "expression", written } };
        TriggerDefinition definition = new("cron");
        foreach (var (name, value) in CronParser.SplitFields(written)) definition.Add(name, value);
        return definition;
    }

    /// <summary>The matching values.</summary>
    public CronFields Fields => times.Fields;

    internal bool HasYears => times.HasYears;

    /// <summary>
    /// Returns the common fire times of several cron triggers in the same zone, combined by their fields and not by
    /// stepping.
    /// </summary>
    internal static CronTrigger Intersect(IReadOnlyList<CronTrigger> triggers)
    {
        // An intersection is replaced by its own parts.
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
                Special = own.Special,
                Also = common,
            }.ToFields();
        }

        DateTimeOffset? end = triggers.Any(trigger => trigger.End is not null)
            ? triggers.Min(trigger => trigger.End ?? DateTimeOffset.MaxValue)
            : null;
        return new(triggers[0].Definition, common!, triggers[0].Zone, new(triggers.Max(trigger => trigger.Start), end, all));
    }

    // The first second at which the trigger may fire.
    long First => limits?.First ?? Earliest;

    long Last => limits?.Last ?? UnixTime.Max;

    // The triggers whose common fire times this trigger has. Their times in a gap move to the same instant, even if
    // their fields have nothing in common.
    CronWallTimes[]? Intersected => limits?.Parts;

    // Common fire times may lie only in gaps. Every stretch is then searched, and the search needs its own limit.
    bool IsStepped => Intersected is not null && !HasYears;

    // Returns the first second at or after 'at' at which the trigger fires, or a value above every instant if the
    // trigger never fires again.
    long NextAt(long at, out int offset)
    {
        var giveUp = IsStepped ? Math.Min(Last, at + FourHundredYears) : Last;
        // No wall time between searchedFrom and found matches, so a later stretch need not search the range again. The
        // value 'found' itself matches.
        var (searchedFrom, found) = (long.MaxValue, long.MinValue);
        while (at <= giveUp)
        {
            var span = Zone.SpanAt(at);
            offset = span.Offset;
            if (at == span.Start && span.Offset > span.Before && FiresAfterGap(span)) return at;
            var low = FirstWall(span, at);
            if (low < searchedFrom || low > found) (searchedFrom, found) = (low, times.Next(low));
            if (found - span.Offset < span.End) return found - span.Offset;
            // The next stretch may repeat wall times that were passed already, but stretches further away have only
            // later wall times. Common fire times may lie only in gaps.
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

    // Returns the wall time at an instant of a stretch, beyond a second pass if the trigger does not fire in the second
    // pass.
    long FirstWall(in ZoneSpan span, long at)
    {
        var wall = at + span.Offset;
        return Fields.FiresInBothPasses || span.Offset >= span.Before ? wall : Math.Max(wall, span.Start + span.Before);
    }

    // Returns whether the trigger fires in the first instant after the gap before a stretch, because a time in the gap
    // or the instant itself matches.
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
