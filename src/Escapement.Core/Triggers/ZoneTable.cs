namespace Escapement.Triggers;

/// <summary>A stretch between two changes of a zone's offset.</summary>
/// <param name="Start">Its first second since 1970; far below all instants when there is no change before it.</param>
/// <param name="End">The first second after it; far above all instants when there is no change after it.</param>
/// <param name="Offset">Seconds from UTC, in whole minutes.</param>
/// <param name="Before">The offset before <paramref name="Start"/>; the same when there is no change before it.</param>
readonly record struct ZoneSpan(long Start, long End, int Offset, int Before);

/// <summary>The changes of a zone's offset as arrays: all of the zone's file, then its rule for 400 years, which repeat after that.</summary>
sealed class ZoneTable
{
    // Beyond every instant, and still far from overflow when an offset is added.
    const long Far = 1L << 60;
    const long Cycle = CivilDay.DaysIn400Years * 86_400L;

    readonly long[] starts;     // starts[0] is -Far; one more at the end is +Far
    readonly int[] offsets;     // offsets[i] holds from starts[i] on
    readonly long foldStart;
    readonly long foldEnd;

    // The stretch that was asked for last. A race over it costs a search and nothing else: an int is written whole.
    int recent;

    /// <param name="first">The offset before the first change.</param>
    /// <param name="changes">In order; an offset holds from its instant on.</param>
    /// <param name="repeatsFrom">The second from which the changes repeat each 400 years, with a year to spare at both ends of the list; null when nothing changes after the last.</param>
    ZoneTable(int first, List<(long At, int Offset)> changes, long? repeatsFrom)
    {
        List<long> at = [-Far];
        List<int> offset = [WholeMinutes(first)];
        foreach (var (start, seconds) in changes)
        {
            var rounded = WholeMinutes(seconds);
            if (rounded == offset[^1]) continue;
            at.Add(start);
            offset.Add(rounded);
        }

        at.Add(Far);
        starts = [.. at];
        offsets = [.. offset];
        foldStart = repeatsFrom ?? Far;
        foldEnd = repeatsFrom + Cycle ?? Far;
        DistinctOffsets = [.. offsets.Distinct()];
        MinOffset = offsets.Min();
        MaxOffset = offsets.Max();
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
        var shift = 0L;
        if (unixSeconds >= foldEnd)
        {
            shift = (unixSeconds - foldStart) / Cycle * Cycle;
            unixSeconds -= shift;
        }

        var i = recent;
        if (starts[i] > unixSeconds || unixSeconds >= starts[i + 1])
        {
            i = Array.BinarySearch(starts, unixSeconds);
            if (i < 0) i = ~i - 1;
            recent = i;
        }

        return new(starts[i] + shift, starts[i + 1] + shift, offsets[i], offsets[Math.Max(i - 1, 0)]);
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
            if (first is null && wall >= span.End + span.Offset && wall < span.End + next.Offset) return (WallTimeKind.Skipped, span.End, span.End);
            span = next;
        }
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
