namespace Escapement.Triggers;

/// <summary>A stretch between two changes of a zone's offset.</summary>
/// <param name="Start">
/// The first second since 1970, or a value far below all instants if no change precedes the stretch.
/// </param>
/// <param name="End">
/// The first second after the stretch, or a value far above all instants if no change follows.
/// </param>
/// <param name="Offset">Seconds from UTC, in whole minutes.</param>
/// <param name="Before">
/// The offset before <paramref name="Start"/>, or the same offset if no change precedes the stretch.
/// </param>
readonly record struct ZoneSpan(long Start, long End, int Offset, int Before);

/// <summary>
/// Holds the stretches between the changes of a zone's offset: the changes in the zone's file, followed by 400 years of
/// its rule, which then repeat.
/// </summary>
sealed class ZoneTable
{
    // Beyond every instant, but far from overflow when an offset is added.
    const long Far = 1L << 60;
    const int MarkWidth = 23;
    const long FirstMark = -2 * 86_400;   // 1970 begins earlier in the east
    const long Cycle = CivilDay.DaysIn400Years * 86_400L;

    readonly ZoneSpan[] spans;
    readonly long foldStart;
    readonly long foldEnd;

    // The stretch at each mark. A mark is set every 2^MarkWidth seconds (97 days) from the first mark to the last
    // change, and a search needs a step or two from the nearest mark.
    readonly ushort[] marks;

    /// <param name="first">The offset before the first change.</param>
    /// <param name="changes">The changes in order. An offset applies from its instant on.</param>
    /// <param name="repeatsFrom">
    /// The second from which the changes repeat every 400 years, with a spare year at both ends of the list. Null if
    /// the offset never changes after the list.
    /// </param>
    ZoneTable(int first, List<(long At, int Offset)> changes, long? repeatsFrom)
    {
        List<ZoneSpan> found = [new(-Far, Far, WholeMinutes(first), WholeMinutes(first))];
        foreach (var (start, seconds) in changes)
        {
            var (before, after) = (found[^1], WholeMinutes(seconds));
            if (after == before.Offset) continue;
            found[^1] = before with { End = start };
            found.Add(new(start, Far, after, before.Offset));
        }

        spans = [.. found];
        marks = MarksOf(spans);
        foldStart = repeatsFrom ?? Far;
        foldEnd = repeatsFrom + Cycle ?? Far;
        DistinctOffsets = [.. spans.Select(span => span.Offset).Distinct()];
        MinOffset = DistinctOffsets.Min();
        MaxOffset = DistinctOffsets.Max();
    }

    public int MinOffset { get; }

    public int MaxOffset { get; }

    public int[] DistinctOffsets { get; }

    public static ZoneTable Fixed(int offset) => new(offset, [], null);

    /// <summary>Reads the zone's file. Without a file, asks .NET.</summary>
    public static ZoneTable Read(string name)
    {
        var file = ZoneFiles.Read(name);
        return file is null ? Scan(TimeZoneInfo.FindSystemTimeZoneById(name)) : FromFile(file);
    }

    public ZoneSpan SpanAt(long unixSeconds)
    {
        if (unixSeconds < foldEnd) return Find(unixSeconds);
        var shift = (unixSeconds - foldStart) / Cycle * Cycle;
        var span = Find(unixSeconds - shift);
        return span with { Start = span.Start + shift, End = span.End + shift };
    }

    /// <summary>Returns the instants of a wall time, given in seconds since 1970 on the wall.</summary>
    public (WallTimeKind Kind, long First, long Second) Map(long wall)
    {
        long? first = null;
        var span = SpanAt(wall - MaxOffset);
        while (true)
        {
            var instant = wall - span.Offset;
            if (instant >= span.Start && instant < span.End)
            {
                if (first is not null) return (WallTimeKind.Repeated, first.Value, instant);
                first = instant;
            }

            if (span.End > wall - MinOffset)
            {
                // Wall times before the first change and after the last always have an instant. Between the changes, a
                // wall time has an instant or lies in a gap.
                return (WallTimeKind.Unique, first ?? instant, first ?? instant);
            }

            var next = SpanAt(span.End);
            if (first is null && wall >= span.End + span.Offset && wall < span.End + next.Offset)
            {
                return (WallTimeKind.Skipped, span.End, span.End);
            }

            span = next;
        }
    }

    ref readonly ZoneSpan Find(long unixSeconds)
    {
        // Instants before 1970 are rarely asked for and have no marks.
        var i = 0;
        if (unixSeconds >= FirstMark)
        {
            var mark = (unixSeconds - FirstMark) >> MarkWidth;
            i = mark < marks.Length ? marks[mark] : spans.Length - 1;
        }

        while (spans[i].End <= unixSeconds) i++;
        return ref spans[i];
    }

    static ushort[] MarksOf(ZoneSpan[] spans)
    {
        var marks = new ushort[Math.Max(0, ((spans[^1].Start - FirstMark) >> MarkWidth) + 1)];
        var i = 0;
        for (var mark = 0; mark < marks.Length; mark++)
        {
            while (spans[i].End <= FirstMark + ((long)mark << MarkWidth)) i++;
            marks[mark] = (ushort)i;
        }

        return marks;
    }

    static ZoneTable FromFile(TzifFile file)
    {
        var changes = new List<(long At, int Offset)>(file.Changes);
        if (file.Rule is not { } rule) return new(file.FirstOffset, changes, null);

        var last = changes.Count == 0 ? -Far : changes[^1].At;
        var lastYear = changes.Count == 0 ? 1970 : Math.Max(1970, YearOf(last));
        var repeats = rule.AddChanges(changes, last, lastYear, lastYear + 403);
        return new(file.FirstOffset, changes, repeats ? StartOfYear(lastYear + 2) : null);
    }

    /// <summary>
    /// Samples the offset once a day from 1900 on, and halves each stretch with a difference to find the change.
    /// </summary>
    public static ZoneTable Scan(TimeZoneInfo zone)
    {
        const int lastYear = 2040;
        var changes = new List<(long At, int Offset)>();
        var at = StartOfYear(1900);
        var end = StartOfYear(lastYear + 402);
        var first = OffsetAt(at);
        for (var before = first; at < end; at += 86_400)
        {
            var after = OffsetAt(at + 86_400);
            if (after == before) continue;
            var (low, high) = (at, at + 86_400);
            while (high - low > 1)
            {
                var middle = low + ((high - low) / 2);
                if (OffsetAt(middle) == before) low = middle;
                else high = middle;
            }

            changes.Add((high, after));
            before = after;
        }

        return new(first, changes, changes.Count > 0 && changes[^1].At > StartOfYear(lastYear) ? StartOfYear(lastYear) : null);

        int OffsetAt(long unixSeconds) => (int)zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(unixSeconds)).TotalSeconds;
    }

    static long StartOfYear(int year) => CivilDay.From(year, 1, 1) * 86_400L;

    static int YearOf(long unixSeconds) => CivilDay.ToDate((int)Math.Clamp(Math.Floor(unixSeconds / 86_400.0), -719_000, 2_932_000)).Year;

    // Rounds to the nearest minute, and half a minute towards UTC, as .NET does for the offset of Monrovia, 44 minutes
    // and 30 seconds, the only such offset after 1970.
    static int WholeMinutes(int seconds) => Math.Sign(seconds) * ((Math.Abs(seconds) + 29) / 60) * 60;
}
