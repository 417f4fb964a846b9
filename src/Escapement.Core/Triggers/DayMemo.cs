namespace Escapement.Triggers;

/// <summary>The sets of seconds that one count has met: most days are like one before. When there are too many it keeps those it has, and takes no more.</summary>
sealed class DayMemo
{
    // Five megabytes, and some more for what finds them.
    const int MostBytes = 5_000_000;

    readonly Dictionary<(object Owner, int State), DaySeconds> known = [];
    readonly Dictionary<DaySeconds[], DaySeconds>[] joined = [new(new Same()), new(new Same()), new(new Same())];
    int bytesKnown;
    int bytesJoined;

    /// <summary>What an owner has in one of its states; null when it was not kept.</summary>
    public DaySeconds? Find(object owner, int state) => known.GetValueOrDefault((owner, state));

    public DaySeconds Keep(object owner, int state, DaySeconds set)
    {
        if (bytesKnown >= MostBytes) return set;
        bytesKnown += set.Bytes;
        return known[(owner, state)] = set;
    }

    /// <summary>Several sets joined.</summary>
    /// <param name="how">The same for all of them.</param>
    /// <param name="sets">At least one; the caller may use the array for others afterwards.</param>
    public DaySeconds Join(DayJoin how, DaySeconds[] sets)
    {
        if (joined[(int)how].TryGetValue(sets, out var found)) return found;
        found = DaySeconds.Join(how, sets);
        if (bytesJoined >= MostBytes) return found;
        bytesJoined += found.Bytes + (sets.Length * sizeof(long));
        return joined[(int)how][[.. sets]] = found;
    }

    sealed class Same : IEqualityComparer<DaySeconds[]>
    {
        public bool Equals(DaySeconds[]? x, DaySeconds[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(DaySeconds[] sets)
        {
            var hash = 0;
            foreach (var set in sets) hash = (hash * 31) + set.GetHashCode();
            return hash;
        }
    }
}
