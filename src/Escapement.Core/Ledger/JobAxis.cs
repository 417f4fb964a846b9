using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Cuts the fire times of a job into stretches: at the borders of definitions, entries and actions, at the
/// watermark, and where the retention begins.</summary>
static class JobAxis
{
    /// <summary>Returns the stretches of a span, oldest first, without gaps.</summary>
    /// <param name="layers">The layers of the job.</param>
    /// <param name="from">The inclusive beginning, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="to">The exclusive end, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="splits">Returns further borders inside an entry or an action, or no borders.</param>
    public static List<Stretch> Of(JobLayers layers, long from, long to, Func<Entry?, JobAction?, IEnumerable<long>> splits)
    {
        List<Stretch> stretches = [];
        if (from >= to) return stretches;
        var watermark = layers.Stored.Next?.ToMicros() ?? long.MaxValue;
        var trimmed = layers.Stored.TrimmedBefore?.ToMicros() ?? long.MinValue;
        Cover<DefinitionSpan> definitions = new(layers.Definitions.Select(span =>
            (span.From.ToMicros(), span.To?.ToMicros() ?? long.MaxValue, span.Version, (DefinitionSpan?)span)));
        Cover<object> log = new([.. layers.Entries.Select(Covers), .. layers.Actions.SelectMany(Covers)]);
        SortedSet<long> borders = [from, to];
        definitions.AddBorders(borders, from, to);
        log.AddBorders(borders, from, to);
        AddBorder(watermark);
        AddBorder(trimmed);
        foreach (var border in splits(null, null)) AddBorder(border);
        foreach (var entry in layers.Entries)
            foreach (var border in splits(entry, null)) AddBorder(border);
        foreach (var action in layers.Actions.Where(action => action.To is not { } end || action.From < end))
            foreach (var border in splits(null, action)) AddBorder(border);

        var given = new Queue<long>(layers.Watermarks().Where(at => at >= from && at < to).Distinct().Order());
        var begin = from;
        foreach (var end in borders.Skip(1))
        {
            var definition = definitions.At(begin);
            var row = log.At(begin);
            stretches.Add(new(begin, end)
            {
                Definition = definition,
                Entry = begin < watermark ? row as Entry : null,
                Action = begin < watermark ? row as JobAction : null,
                IsPending = begin >= watermark,
                IsTrimmed = begin < trimmed,
                Given = Given(given, definition?.Job.Trigger, end),
            });
            begin = end;
        }

        return stretches;

        void AddBorder(long border)
        {
            if (border > from && border < to) borders.Add(border);
        }
    }

    static (long From, long To, long Rank, object? Value) Covers(Entry entry) =>
        (entry.First.ToMicros(), entry.Last.ToMicros() + 1, entry.Change, entry);

    /// <summary>Returns the stretch that an action passed over, or the stretch that an action opened again.</summary>
    static IEnumerable<(long From, long To, long Rank, object? Value)> Covers(JobAction action)
    {
        var (from, to) = (action.From?.ToMicros() ?? long.MaxValue, action.To?.ToMicros() ?? long.MaxValue);
        if (from < to) yield return (from, to, action.Change, action);
        if (to < from) yield return (to, long.MaxValue, action.Change, null);
    }

    static List<long> Given(Queue<long> given, Trigger? trigger, long end)
    {
        List<long> found = [];
        while (given.TryPeek(out var at) && at < end)
        {
            given.Dequeue();
            if (trigger?.Next(Instant.FromMicros(at))?.ToMicros() != at) found.Add(at);
        }

        return found;
    }
}
