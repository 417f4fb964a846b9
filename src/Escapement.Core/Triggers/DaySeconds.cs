using System.Numerics;
using System.Runtime.InteropServices;

namespace Escapement.Triggers;

/// <summary>A set of the seconds of one day. Immutable; a list of a few, a bit for each where there are more.</summary>
sealed class DaySeconds
{
    public const int Length = 86_400;

    // Bits are ten kilobytes, and a microsecond for each of their operations.
    const int MostListed = 256;

    // Some more than the day has, so that they are whole vectors.
    const int Words = 1_352;

    public static readonly DaySeconds None = new([], null, 0);

    // In order; or else the bits.
    readonly int[]? listed;
    readonly ulong[]? bits;
    IReadOnlyList<(int From, int To)>? gaps;

    DaySeconds(int[]? listed, ulong[]? bits, int count) => (this.listed, this.bits, Count) = (listed, bits, count);

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>About what it takes in memory.</summary>
    public int Bytes => 100 + (listed is null ? Words * sizeof(ulong) : listed.Length * sizeof(int));

    /// <summary>The stretches without any.</summary>
    public IReadOnlyList<(int From, int To)> Gaps => gaps ??= [.. FindGaps()];

    /// <summary>Some seconds, in order; not more than are listed.</summary>
    public static DaySeconds Of(params int[] seconds) => seconds is [] ? None : new(seconds, null, seconds.Length);

    /// <summary>The times of day of some hours, minutes and seconds: bit n for the value n.</summary>
    public static DaySeconds OfTimes(uint hours, ulong minutes, ulong seconds)
    {
        var bits = new ulong[Words];
        for (; hours != 0; hours &= hours - 1)
        {
            for (var left = minutes; left != 0; left &= left - 1)
            {
                var at = ((BitOperations.TrailingZeroCount(hours) * 60) + BitOperations.TrailingZeroCount(left)) * 60;
                bits[at >> 6] |= seconds << at;
                if ((at & 63) > 4) bits[(at >> 6) + 1] |= seconds >> (64 - (at & 63));
            }
        }

        return Of(bits);
    }

    /// <summary>All seconds from the first of a stretch to its end, itself not among them.</summary>
    public static DaySeconds OfStretches(IReadOnlyList<(int From, int To)> stretches)
    {
        var bits = new ulong[Words];
        foreach (var (from, to) in stretches)
        {
            for (var at = from; at < to; at = (at | 63) + 1) bits[at >> 6] |= Mask(Math.Min(64 - (at & 63), to - at)) << at;
        }

        return Of(bits);
    }

    /// <summary>One second and each so many after it.</summary>
    public static DaySeconds Every(int period, int first)
    {
        if (Length / period < MostListed) return Of([.. Enumerable.Range(0, Math.Max(0, (Length - first + period - 1) / period)).Select(n => first + (n * period))]);
        var bits = new ulong[Words];
        bits[first >> 6] |= 1UL << first;
        // What is there, once more behind it.
        for (var width = period; first + width < Length; width *= 2) Copy(bits, first, Math.Min(first + width, Length - width), bits, first + width);
        return Of(bits);
    }

    public static DaySeconds Join(DayJoin how, params ReadOnlySpan<DaySeconds> sets)
    {
        switch (how)
        {
            case DayJoin.Both:
                var fewest = sets[0];
                foreach (var set in sets)
                {
                    if (set.Count < fewest.Count) fewest = set;
                }

                return fewest.listed is null ? JoinBits(how, sets) : fewest.Where(sets, isIn: true);
            case DayJoin.Without when sets[0].listed is not null:
                return sets[0].Where(sets[1..], isIn: false);
            case DayJoin.Either:
                var most = None;
                var total = 0;
                foreach (var set in sets)
                {
                    if (set.Count > most.Count) most = set;
                    total += set.Count;
                }

                // Nothing in the others; else all of them are lists, or there are too many for one.
                return total == most.Count ? most : total > MostListed ? JoinBits(how, sets) : Union(sets);
            default:
                return sets[1] == None ? sets[0] : JoinBits(how, sets);
        }
    }

    public bool Contains(int second) => listed is null ? (bits![second >> 6] >> second & 1) != 0 : Array.BinarySearch(listed, second) >= 0;

    /// <summary>How many lie at or after the one second and before the other.</summary>
    public int CountBetween(int from, int to)
    {
        if (listed is not null) return Math.Max(0, FirstFrom(to) - FirstFrom(from));
        var found = 0;
        for (var at = from; at < to; at = (at | 63) + 1) found += BitOperations.PopCount(bits![at >> 6] >> at & Mask(Math.Min(64 - (at & 63), to - at)));
        return found;
    }

    /// <summary>Those at or after the one second and before the other, moved so that the first of these seconds becomes another.</summary>
    public DaySeconds Moved(int from, int to, int target)
    {
        if (Count == 0 || from >= to || (from == 0 && to == Length && target == 0)) return from < to ? this : None;
        if (listed is not null) return Of(Array.ConvertAll(listed[FirstFrom(from)..FirstFrom(to)], at => at - from + target));
        var moved = new ulong[Words];
        Copy(bits!, from, to, moved, target);
        return Of(moved);
    }

    static DaySeconds Of(ulong[] bits)
    {
        var count = 0;
        foreach (var word in bits) count += BitOperations.PopCount(word);
        if (count > MostListed) return new(null, bits, count);

        var seconds = new int[count];
        for (int i = 0, found = 0; found < count; i++)
        {
            for (var word = bits[i]; word != 0; word &= word - 1) seconds[found++] = (i << 6) + BitOperations.TrailingZeroCount(word);
        }

        return Of(seconds);
    }

    // Those of a list that are in all of the others, or in none of them.
    DaySeconds Where(ReadOnlySpan<DaySeconds> others, bool isIn)
    {
        List<int> found = new(Count);
        foreach (var second in listed!)
        {
            var isFound = true;
            foreach (var other in others) isFound &= other == this ? isIn : other.Contains(second) == isIn;
            if (isFound) found.Add(second);
        }

        return found.Count == Count ? this : Of([.. found]);
    }

    static DaySeconds Union(ReadOnlySpan<DaySeconds> sets)
    {
        SortedSet<int> seconds = [];
        foreach (var set in sets) seconds.UnionWith(set.listed!);
        return Of([.. seconds]);
    }

    static DaySeconds JoinBits(DayJoin how, ReadOnlySpan<DaySeconds> sets)
    {
        var joined = sets[0].Bits();
        var result = MemoryMarshal.Cast<ulong, Vector<ulong>>(joined.AsSpan());
        foreach (var set in sets[1..])
        {
            var other = MemoryMarshal.Cast<ulong, Vector<ulong>>(set.bits ?? set.Bits());
            for (var i = 0; i < result.Length; i++)
            {
                result[i] = how switch
                {
                    DayJoin.Both => result[i] & other[i],
                    DayJoin.Either => result[i] | other[i],
                    _ => Vector.AndNot(result[i], other[i]),
                };
            }
        }

        return Of(joined);
    }

    static ulong Mask(int width) => ulong.MaxValue >> (64 - width);

    static void Copy(ulong[] source, int from, int to, ulong[] target, int at)
    {
        while (from < to)
        {
            var width = Math.Min(64 - (at & 63), to - from);
            var word = source[from >> 6] >> from;
            if ((from & 63) + width > 64) word |= source[(from >> 6) + 1] << (64 - (from & 63));
            target[at >> 6] |= (word & Mask(width)) << at;
            from += width;
            at += width;
        }
    }

    // Of one's own.
    ulong[] Bits()
    {
        if (bits is not null) return [.. bits];
        var made = new ulong[Words];
        foreach (var second in listed!) made[second >> 6] |= 1UL << second;
        return made;
    }

    // The place of the first listed one at or after a second.
    int FirstFrom(int second)
    {
        var place = Array.BinarySearch(listed!, second);
        return place < 0 ? ~place : place;
    }

    IEnumerable<(int From, int To)> FindGaps()
    {
        for (int at = 0, from = 0; at <= Length; at++)
        {
            if (at < Length && !Contains(at)) continue;
            if (from < at) yield return (from, at);
            from = at + 1;
        }
    }
}
