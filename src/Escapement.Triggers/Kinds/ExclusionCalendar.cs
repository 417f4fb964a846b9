namespace Escapement.Triggers;

/// <summary>
/// The exclusions of a trigger: named sets of days, single days, and parts of each day. A fire time is judged by its
/// wall time.
/// </summary>
public sealed class ExclusionCalendar
{
    const int Day = 86_400;
    internal const int MaxSpans = 24;

    readonly NamedDates days;
    readonly (int From, int To)[] parts;

    ExclusionCalendar(IReadOnlyList<NamedDates> dates, IReadOnlyList<DailySpan> spans)
    {
        Dates = dates;
        Spans = spans;
        days = NamedDates.Union(dates);
        parts = Merged(spans);
    }

    /// <summary>
    /// Reads items: <c>holidays</c>, <c>2041-12-25</c>, <c>2041-12-24/2042-01-02</c>, <c>12-25</c>, <c>22:00-06:00</c>.
    /// </summary>
    /// <param name="items">At least one item.</param>
    /// <param name="known">
    /// The named sets. Null while the sets are unknown, and every name then stands for an empty set.
    /// </param>
    /// <exception cref="TriggerFormatException">An item cannot be read, or no set has the name.</exception>
    public static ExclusionCalendar Parse(IEnumerable<string> items, IReadOnlyDictionary<string, NamedDates>? known)
    {
        List<NamedDates> dates = [];
        List<string> inline = [];
        List<DailySpan> spans = [];
        foreach (var text in items.Select(item => item.Trim()))
        {
            if (text.Contains(':', StringComparison.Ordinal))
            {
                spans.Add(DailySpan.TryParse(text, out var span) ? span : throw Wrong(text, "is not a part of a day", DailySpan.Allowed));
            }
            else if (text.Length > 0 && char.IsAsciiLetter(text[0]))
            {
                dates.Add(Named(text, known));
            }
            else if (NamedDates.IsDay(text))
            {
                inline.Add(text);
            }
            else
            {
                throw Wrong(text, "is not a day",
                $"{NamedDates.Allowed}; {DailySpan.Allowed}; a name of excluded dates begins with a letter");
            }
        }

        if (inline.Count > 0) dates.Add(new(null, inline));
        return Of(dates, spans);
    }

    /// <summary>The exclusions as written: names, days, parts of days.</summary>
    public IReadOnlyList<string> Items =>
        [.. Dates.SelectMany(set => set.Name is { } name ? [name] : set.Days), .. Spans.Select(span => span.ToString())];

    /// <summary>The sets of days. The set without a name holds the days written in the trigger itself.</summary>
    internal IReadOnlyList<NamedDates> Dates { get; }

    internal IReadOnlyList<DailySpan> Spans { get; }

    /// <summary>Whether the excluded parts cover the whole day.</summary>
    internal bool IsAlways => parts is [(0, Day)];

    /// <summary>
    /// The first and the last day that are excluded in a single year, or null if there is no such day.
    /// </summary>
    internal (int? First, int? Last) Fixed => (days.First, days.Last);

    internal static ExclusionCalendar Of(IReadOnlyList<NamedDates> dates, IReadOnlyList<DailySpan> spans)
    {
        if (dates.Count == 0 && spans.Count == 0)
        {
            throw new TriggerFormatException("exclude", "an empty list", "excludes nothing", "leave it out");
        }

        if (spans.Count > MaxSpans)
        {
            throw new TriggerFormatException("exclude", $"{spans.Count} parts of a day", "are too many", $"at most {MaxSpans}");
        }

        return new([.. dates.OrderBy(set => set.Name is null).ThenBy(set => set.Name, StringComparer.Ordinal)
            .DistinctBy(set => set.Name ?? "")], [.. spans.Distinct().OrderBy(span => span.From)]);
    }

    /// <summary>
    /// Returns the exclusions with the current days of the named sets, or this object if no set has changed.
    /// </summary>
    internal ExclusionCalendar With(IReadOnlyDictionary<string, NamedDates> known)
    {
        var changed = false;
        List<NamedDates> dates = [];
        foreach (var set in Dates)
        {
            var now = set.Name is { } name && known.TryGetValue(name, out var found) ? found : set;
            changed |= !now.Days.SequenceEqual(set.Days);
            dates.Add(now);
        }

        return changed ? new(dates, Spans) : this;
    }

    /// <summary>
    /// Returns the excluded stretch that contains a wall second, or null if the second is not excluded.
    /// </summary>
    internal (long Start, long End)? StretchAt(long wall)
    {
        var day = (int)Math.Floor(wall / (double)Day);
        var start = (long)day * Day;
        if (!days.IsEmpty && days.Contains(day)) return (start, start + Day);
        foreach (var (from, to) in parts)
        {
            if (wall >= start + from && wall < start + to) return (start + from, start + to);
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Items);

    static NamedDates Named(string name, IReadOnlyDictionary<string, NamedDates>? known)
    {
        NamedDates.CheckName(name);
        if (known is null) return new(name, []);
        if (known.TryGetValue(name, out var found)) return found;
        var nearest = Suggestion.Nearest(name, known.Keys, 3);
        throw Wrong(name, "is not a set of excluded dates", nearest is not null ? $"did you mean {nearest}?" : known.Count == 0
            ? "none are declared; declare the set with scheduler.ExcludedDates or the setting EXCLUDED_DATES"
            : "there are " + string.Join(", ", known.Keys.Order(StringComparer.Ordinal)));
    }

    static (int From, int To)[] Merged(IReadOnlyList<DailySpan> spans)
    {
        List<(int From, int To)> merged = [];
        foreach (var part in spans.SelectMany(span => span.Parts).Order())
        {
            if (merged is [.., var before] && part.From <= before.To) merged[^1] = (before.From, Math.Max(before.To, part.To));
            else merged.Add(part);
        }

        return [.. merged];
    }

    static TriggerFormatException Wrong(string text, string problem, string allowed) => new("exclude", $"'{text}'", problem, allowed);
}
