using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>Cuts the fire times of a job into stretches: at the borders of definitions, entries and actions, at the
/// watermark, and where the retention begins.</summary>
static class JobAxis
{
    /// <summary>Returns the stretches of a span with the numbers of expected fire times, oldest first, without
    /// gaps.</summary>
    /// <param name="layers">The layers of the job.</param>
    /// <param name="span">The span, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="causes">The causes, whose borders also end a stretch.</param>
    /// <param name="search">The search for fire times.</param>
    public static List<Stretch> Of(JobLayers layers, (long From, long To) span, JobCauses causes, FireTimeSearch search)
    {
        List<Stretch> stretches = [];
        var (from, to) = span;
        if (from >= to) return stretches;
        var watermark = layers.Stored.Next?.ToMicros() ?? long.MaxValue;
        var trimmed = layers.Stored.TrimmedBefore?.ToMicros() ?? long.MinValue;
        Cover<DefinitionSpan> definitions = new(layers.Definitions.Select(definition =>
            (definition.From.ToMicros(), definition.To?.ToMicros() ?? long.MaxValue, definition.Version, (DefinitionSpan?)definition)));
        Cover<object> log = new([.. layers.Entries.Select(Covers), .. layers.Actions.SelectMany(Covers)]);
        SortedSet<long> borders = [from, to];
        definitions.AddBorders(borders, from, to);
        log.AddBorders(borders, from, to);
        foreach (var border in (IEnumerable<long>)[watermark, trimmed, causes.CompleteSince,
            .. causes.Splits(), .. layers.Entries.SelectMany(causes.Splits), .. layers.Actions.SelectMany(causes.Splits)])
        {
            if (border > from && border < to) borders.Add(border);
        }

        var given = new Queue<long>(layers.Watermarks().Where(at => at >= from && at < to).Distinct().Order());
        var begin = from;
        foreach (var end in borders.Skip(1))
        {
            var definition = definitions.At(begin);
            var row = begin < watermark ? log.At(begin) : null;
            stretches.Add(new Stretch
            {
                From = begin,
                To = end,
                Search = search,
                Definition = definition,
                Entry = row as Entry,
                Action = row as JobAction,
                IsPending = begin >= watermark,
                IsTrimmed = begin < trimmed,
                IsForgotten = begin < causes.CompleteSince,
                Given = Given(given, definition?.Job, end, search),
            }.Counted());
            begin = end;
        }

        return stretches;
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

    static List<long> Given(Queue<long> given, Job? job, long end, FireTimeSearch search)
    {
        List<long> found = [];
        while (given.TryPeek(out var at) && at < end)
        {
            given.Dequeue();
            if (job is null || search.Next(job, at) != at) found.Add(at);
        }

        return found;
    }
}
