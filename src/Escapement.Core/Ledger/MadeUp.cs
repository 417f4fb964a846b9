namespace Escapement.Ledger;

/// <summary>Names the fire times of a job that were made up, with the record below their runs. Pure.</summary>
static class MadeUp
{
    /// <summary>Returns the stretches of fire times that were made up for the same cause by the same backfill, oldest
    /// first.</summary>
    /// <param name="reading">The judged account.</param>
    /// <param name="read">The job.</param>
    /// <param name="text">The language and the zone.</param>
    public static IReadOnlyList<MadeUpFireTimes> Of(LedgerReading reading, JobReading read, LedgerText text)
    {
        List<(NotRun Item, JobAction? Action)> stretches = [];
        foreach (var run in read.Known)
        {
            if (run is not { Cause: RunCause.Backfill, Outcome: not Outcome.Missed }) continue;
            if (read.At(run.Id.FireTime) is not { IsCovered: true } stretch) continue;
            var item = read.Causes.OfCovered(stretch, (run.Id.FireTime, run.Id.FireTime), 1);
            var action = read.Layers.Actions.LastOrDefault(action => action.Kind == ActionKind.Backfilled && !(action.At > run.ClaimedAt));
            if (stretches is [.., var before] && before.Action == action && before.Item.TryJoin(item) is { } joined)
                stretches[^1] = (joined, action);
            else stretches.Add((item, action));
        }

        // Runs that never began have an entry each, and often the same cause.
        List<(NotRun Item, JobAction? Action, string Cause)> found = [];
        foreach (var (item, action) in stretches)
        {
            var cause = reading.CauseOf(item, text);
            if (found is [.., var before] && (before.Action, before.Cause, before.Item.Reason) == (action, cause, item.Reason))
                found[^1] = before with { Item = before.Item with { Last = item.Last, Count = before.Item.Count + item.Count } };
            else found.Add((item, action, cause));
        }

        return [.. found.Select(stretch => Of(stretch.Item, stretch.Action, stretch.Cause, read, text))];
    }

    static MadeUpFireTimes Of(NotRun item, JobAction? action, string cause, JobReading read, LedgerText text)
    {
        var (first, last) = text.Times(Instant.FromMicros(item.First), Instant.FromMicros(item.Last));
        var (by, at) = (text.By(action?.By), action is null ? "" : text.Say("MadeUp.At", text.Time(action.At)));
        var why = text.Note(action?.Why);
        var zone = (item.Definition ?? read.Layers.Stored.Job).Trigger?.Zone ?? text.Zone;
        return new()
        {
            First = zone.ToZone(Instant.FromMicros(item.First)),
            Last = zone.ToZone(Instant.FromMicros(item.Last)),
            Count = item.Count,
            Reason = item.Reason,
            By = action?.By,
            At = action?.At,
            Sentence = item.Count == 1
                ? text.Say("One.MadeUp", first, by, at, cause, why)
                : text.Say("Many.MadeUp", first, last, item.Count, by, at, cause, why),
        };
    }
}
