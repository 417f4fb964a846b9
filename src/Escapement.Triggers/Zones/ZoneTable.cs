namespace Escapement.Triggers;

/// <summary>A stretch between two changes of a zone's offset.</summary>
/// <param name="Start">Its first second since 1970; far below all instants when there is no change before it.</param>
/// <param name="End">The first second after it; far above all instants when there is no change after it.</param>
/// <param name="Offset">Seconds from UTC, in whole minutes.</param>
/// <param name="Before">The offset before <paramref name="Start"/>; the same when there is no change before it.</param>
readonly record struct ZoneSpan(long Start, long End, int Offset, int Before);

/// <summary>The stretches between the changes of a zone's offset: all of the zone's file, then its rule for 400 years, which repeat after that.</summary>
sealed class ZoneTable
{
    // Beyond every instant, and still far from overflow when an offset is added.
    const long Far = 1L << 60;
    const int MarkWidth = 23;
    const long FirstMark = -2 * 86_400;   // 1970 begins earlier in the east
    const long Cycle = CivilDay.DaysIn400Years * 86_400L;

    readonly ZoneSpan[] spans;
    readonly long foldStart;
    readonly long foldEnd;

    // The stretch that holds at each mark from the first one on, each 2^MarkWidth seconds (97 days) until the last change: from there it is a step or two.
    readonly ushort[] marks;

    /// <param name="first">The offset before the first change.</param>
    /// <param name="changes">In order; an offset holds from its instant on.</param>
    /// <param name="repeatsFrom">The second from which the changes repeat each 400 years, with a year to spare at both ends of the list; null when nothing changes after the last.</param>
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

    /// <summary>Reads the zone's file; without one, asks .NET.</summary>
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

    /// <summary>The instants of a wall time (seconds since 1970 on the wall).</summary>
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
                // Every wall time before the first change and after the last has an instant, and between them it has one or lies in a gap.
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
        // Nothing is asked often before 1970, and there is no mark either.
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

    /// <summary>Looks at the offset once a day from 1900 on and halves the stretch where it differs.</summary>
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

    // To the nearest minute, and half of one towards UTC: so has .NET the 44 minutes and 30 seconds of Monrovia, the only such offset after 1970.
    static int WholeMinutes(int seconds) => Math.Sign(seconds) * ((Math.Abs(seconds) + 29) / 60) * 60;
}
