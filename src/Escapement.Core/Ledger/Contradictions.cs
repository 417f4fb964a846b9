namespace Escapement.Ledger;

/// <summary>Finds records that contradict other records, beside the numbers of an account.</summary>
static class Contradictions
{
    /// <summary>Adds the contradictions in entries and definitions of a job.</summary>
    public static void OfJob(JobReading reading, ActiveTimes times, (long From, long To) span)
    {
        var layers = reading.Layers;
        foreach (var entry in layers.Entries)
        {
            foreach (var at in new[] { entry.First.ToMicros(), entry.Last.ToMicros() }.Distinct())
            {
                if (at < span.From || at >= span.To || reading.At(at) is not { } stretch || stretch.IsForgotten || stretch.IsUnreadable) continue;
                if (!stretch.Expects(at) && !reading.Causes.WasExpected(entry, at) && !IsOfBackfill(reading, entry, stretch))
                {
                    reading.Faults.Add(new(layers, at, FaultKind.EntryBorder));
                }
                else if (entry.Reason == Reason.NoActiveNode && times.ActiveAt(at) is { } epoch && !reading.Causes.JumpsOver(at)
                    && !IsOfBackfill(reading, entry, stretch))
                {
                    reading.Faults.Add(new(layers, at, FaultKind.EntryWhileActive, epoch));
                }
            }
        }

        foreach (var definition in layers.Definitions)
        {
            if (definition.To is not { } to || to.ToMicros() < span.From || to.ToMicros() >= span.To) continue;
            if (layers.Actions.Any(action => action.Version > definition.Version && (action.At == to || action.From == to || action.To == to)))
                continue;
            if (layers.Actions is not [{ } first, ..] || first.Version > definition.Version + 1 || reading.At(to.ToMicros())?.IsForgotten == true)
                continue;
            var next = reading.Search.Next(definition.Job, to.ToMicros()) ?? to.ToMicros();
            reading.Faults.Add(new(layers, next, FaultKind.DefinitionEnd, Until: to.ToMicros()));
        }
    }

    /// <summary>Returns true if an entry keeps the reason of a missed run for a backfill. The definition of the missed run may
    /// have been replaced. The start of the run may have been delayed by jitter, so that the reason applies to a later
    /// instant than the fire time.</summary>
    static bool IsOfBackfill(JobReading reading, Entry entry, Stretch stretch) => entry.First == entry.Last
        && (stretch.MadeUp > 0 || stretch.IsTrimmed || reading.RunAt(entry.First.ToMicros()) is { Cause: RunCause.Backfill });

    /// <summary>Returns the contradictions in activations, and adds the runs that were claimed after the end of an
    /// activation to their jobs.</summary>
    public static List<Fault> OfEpochs(LedgerPart part, ActiveTimes times, IReadOnlyList<JobReading> jobs, (long From, long To) span)
    {
        HashSet<long> named = [.. jobs.SelectMany(job => job.Faults).Select(fault => fault.Epoch?.Number ?? 0)];
        foreach (var job in jobs)
        {
            foreach (var run in job.Known)
            {
                if (run is not { Epoch: { } number, ClaimedAt: { } claimed } || run.Id.FireTime < span.From || run.Id.FireTime >= span.To
                    || times.Find(number) is not { Ended: { } ended } epoch || !IsAfterEnd(claimed, ended, epoch)
                    || job.Causes.JumpsOver(claimed.ToMicros()) || job.Causes.JumpsOver(ended.ToMicros()))
                {
                    continue;
                }

                job.Faults.Add(new(job.Layers, run.Id.FireTime, FaultKind.ClaimAfterEnd, epoch, Until: claimed.ToMicros()));
                named.Add(number);
            }
        }

        return
        [
            .. times.Epochs.Where(epoch => !named.Contains(epoch.Number) && ActiveTimes.End(epoch) >= span.From
                    && ActiveTimes.End(epoch) < span.To && IsWrong(epoch) && !IsAtJump(part, epoch))
                .Select(epoch => new Fault(null, ActiveTimes.End(epoch), FaultKind.EpochEnd, epoch, Until: epoch.LastSign.ToMicros())),
        ];
    }

    /// <summary>Returns true if a claim lies after the end of its epoch. A claim after the last sign of life was made
    /// before the wall clock was set back.</summary>
    static bool IsAfterEnd(DateTimeOffset claimed, DateTimeOffset ended, Epoch epoch) =>
        claimed > ended && claimed <= epoch.LastSign && epoch.Begun <= ended;

    /// <summary>Returns true if the end of an epoch is not its last sign of life, or lies after the last sign of
    /// life of a node that ended its own epoch.</summary>
    static bool IsWrong(Epoch epoch) => epoch.How is EpochEnd.SteppedDown or EpochEnd.ShutDown
        ? epoch.Ended > epoch.LastSign
        : epoch.Ended != epoch.LastSign;

    static bool IsAtJump(LedgerPart part, Epoch epoch) => part.Marks.Any(mark => mark.Kind == MarkKind.ClockJump
        && (mark.Epoch == epoch.Number || (mark.From <= epoch.Ended && epoch.Ended <= mark.To)));
}
