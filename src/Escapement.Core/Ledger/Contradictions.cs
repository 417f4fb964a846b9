using System.Globalization;
using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>Finds records that contradict other records, beside the numbers of an account.</summary>
static class Contradictions
{
    /// <summary>The largest change of the wall clock that leaves no mark.</summary>
    static readonly TimeSpan UnmarkedJump = TimeSpan.FromSeconds(1);

    /// <summary>Adds the contradictions in the entries, the definitions and the watermark of a job.</summary>
    public static void OfJob(JobReading reading, ActiveTimes times, (long From, long To) span, CancellationToken cancellationToken)
    {
        var items = reading.Items.ToLookup(item => item.Entry);
        foreach (var entry in reading.Layers.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            OfEntry(reading, times, span, entry, items);
        }

        // A job may have as many definitions as actions, so each is read once.
        var changed = reading.Layers.Actions.SelectMany(action => new[] { action.At, action.From, action.To }.OfType<DateTimeOffset>()
            .Select(at => (At: at, action.Version))).GroupBy(change => change.At, change => change.Version).ToDictionary(at => at.Key, Enumerable.Max);
        Stack<(long Version, DateTimeOffset At)> ends = new(reading.Layers.Definitions.Select(later => (later.Version, At: later.From))
            .Concat(reading.Layers.Actions.Where(JobLayers.Ends).Select(action => (action.Version, action.At))).Order());
        var end = long.MaxValue;
        foreach (var definition in reading.Layers.Definitions.Reverse())
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (ends.TryPeek(out var later) && later.Version > definition.Version) end = Math.Min(end, ends.Pop().At.ToMicros());
            OfEnd(reading, span, definition, changed);
            OfMissingEnd(reading, span, definition, end);
        }

        OfWatermark(reading, span);
    }

    static void OfEntry(JobReading reading, ActiveTimes times, (long From, long To) span, Entry entry, ILookup<Entry?, NotRun> items)
    {
        Fault? denied = null;
        foreach (var at in new[] { entry.First.ToMicros(), entry.Last.ToMicros() }.Distinct())
        {
            if (at < span.From || at >= span.To || reading.At(at) is not { } stretch || stretch.IsForgotten || stretch.IsUnreadable
                || IsOfBackfill(reading, entry, stretch))
            {
                continue;
            }

            if (!stretch.Expects(at) && !reading.Causes.WasExpected(entry, at)) reading.Faults.Add(new(reading.Layers, at, FaultKind.EntryBorder));
            else denied ??= Denied(reading, times, entry, stretch, at);
        }

        if (denied is null) return;
        List<NotRun> found = [.. items[entry].Where(item => denied.Epoch is null || item.Gap is null)];
        reading.Faults.Add(found is [] ? denied : denied with { More = found.Sum(item => item.Count) - 1, Last = found[^1].Last });
    }

    /// <summary>Returns the contradiction between the reason of an entry and other records, or null.</summary>
    static Fault? Denied(JobReading reading, ActiveTimes times, Entry entry, Stretch stretch, long at)
    {
        var (layers, causes) = (reading.Layers, reading.Causes);
        FaultKind? kind = (entry.Reason, stretch.Definition?.Job.Options) switch
        {
            (Reason.Coalesced, { Coalesce: false }) => FaultKind.EntryMerged,
            (Reason.MaxInstancesReached, { MaxInstances: null }) => FaultKind.EntryOverMaximum,
            (Reason.NoActiveNode or Reason.ShutDown or Reason.SchedulerPaused or Reason.MisfireGraceExceeded or Reason.HandlerNotRegistered
                or Reason.StoreUnavailable or Reason.ExecutorSaturated or Reason.ClockJump,
                { MisfireGrace: { Limit: null, IsUntilNext: false } }) => FaultKind.EntryOverGrace,
            (Reason.Paused or Reason.CircuitOpen or Reason.SchedulerPaused, _) when !causes.HasPause(entry) => FaultKind.EntryWithoutPause,
            (Reason.ShutDown, _) when times.At(at) is { Before: not null } && !causes.HasShutDown => FaultKind.EntryWithoutShutDown,
            _ => null,
        };
        if (kind is { } found && !causes.WasExpected(entry, at)) return new(layers, at, found, Text: entry.Reason.ToString());
        return entry.Reason is Reason.NoActiveNode or Reason.ShutDown && times.ActiveAt(at) is { } epoch && !causes.JumpsOver(at)
            ? new(layers, at, FaultKind.EntryWhileActive, epoch)
            : null;
    }

    /// <summary>Names a definition that ends at an instant at which nobody changed the job.</summary>
    static void OfEnd(JobReading reading, (long From, long To) span, DefinitionSpan definition, Dictionary<DateTimeOffset, long> changed)
    {
        var layers = reading.Layers;
        if (definition.To is not { } to || to.ToMicros() < span.From || to.ToMicros() >= span.To) return;
        if (changed.GetValueOrDefault(to) > definition.Version) return;
        if (layers.Actions is not [{ } first, ..] || first.Version > definition.Version + 1 || reading.At(to.ToMicros())?.IsForgotten == true)
            return;
        var next = reading.Search.Next(definition.Job, to.ToMicros()) ?? to.ToMicros();
        reading.Faults.Add(new(layers, next, FaultKind.DefinitionEnd, Until: to.ToMicros()));
    }

    /// <summary>Names a definition that goes on after a later definition began, or after the job was removed.</summary>
    static void OfMissingEnd(JobReading reading, (long From, long To) span, DefinitionSpan definition, long end)
    {
        var to = definition.To?.ToMicros() ?? long.MaxValue;
        if (to <= end || end >= span.To || to <= span.From || definition.Job.Error is not null) return;
        var next = reading.Search.Next(definition.Job, Math.Max(end, span.From)) ?? end;
        reading.Faults.Add(new(reading.Layers, next, FaultKind.DefinitionOpen, Until: end));
    }

    /// <summary>Names a watermark below fire times that were decided, although nobody moved the job back.</summary>
    static void OfWatermark(JobReading reading, (long From, long To) span)
    {
        var layers = reading.Layers;
        if (layers.Stored is not { Ended: null, Next: { } next }) return;
        var watermark = next.ToMicros();
        if (watermark < reading.Causes.CompleteSince || watermark >= span.To) return;
        if (layers.Actions.Any(action => action.Version > 1 && action.To <= next && !(action.From <= next))) return;
        if (reading.Stretches.Any(stretch => stretch is { IsPending: true, HasRuns: true }) || layers.Entries.Any(entry => entry.Last >= next))
            reading.Faults.Add(new(layers, watermark, FaultKind.Watermark));
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
            foreach (var faults in job.Known.Where(run => run.Id.FireTime >= span.From && run.Id.FireTime < span.To)
                .Select(run => OfClaim(job, run, times, span)).OfType<Fault>().GroupBy(fault => (fault.Kind, fault.Epoch, fault.Text)))
            {
                job.Faults.Add(faults.First() with { More = faults.Count() - 1, Last = faults.Last().At });
                if (faults.Key.Epoch is { } epoch) named.Add(epoch.Number);
            }
        }

        return
        [
            .. times.Epochs.Where(epoch => !named.Contains(epoch.Number) && ActiveTimes.End(epoch) >= span.From
                    && Math.Min(ActiveTimes.End(epoch), part.At.ToMicros()) < span.To && epoch.Ended is not null && IsWrong(epoch)
                    && !IsAtJump(part, epoch))
                .Select(epoch => new Fault(null, ActiveTimes.End(epoch), FaultKind.EpochEnd, epoch, Until: epoch.LastSign.ToMicros())),
        ];
    }

    /// <summary>Returns the values of the whole scheduler that no process writes, and adds the values of jobs to their
    /// jobs.</summary>
    public static IEnumerable<Fault> OfValues(LedgerPart part, IReadOnlyDictionary<JobId, JobReading> jobs)
    {
        foreach (var odd in part.OddValues)
        {
            var job = odd.Job is { } id ? jobs.GetValueOrDefault(id) : null;
            Fault fault = new(job?.Layers, odd.At.ToMicros(), FaultKind.Value, Text: odd.Value) { Allowed = odd.Allowed };
            if (job is null) yield return fault;
            else job.Faults.Add(fault);
        }
    }

    /// <summary>Returns the contradiction between the claim of a run and its epoch, or null.</summary>
    static Fault? OfClaim(JobReading job, Run run, ActiveTimes times, (long From, long To) span)
    {
        if (run is not { Epoch: { } number, ClaimedAt: { } claimed } || claimed.ToMicros() is var at && job.Causes.JumpsOver(at)) return null;
        if (times.Find(number) is not { } epoch)
        {
            // The snapshot has the epochs that touch the span. The retention may have deleted earlier epochs.
            return at >= Math.Max(span.From, job.Causes.CompleteSince) && at < span.To
                ? new(job.Layers, run.Id.FireTime, FaultKind.EpochUnknown, Text: number.ToString(CultureInfo.InvariantCulture), Until: at)
                : null;
        }

        // A sign of life before the beginning was given after the wall clock was set back.
        if (epoch.Begun - claimed > UnmarkedJump && epoch.LastSign >= epoch.Begun && !job.Causes.JumpsOver(epoch.Begun.ToMicros()))
            return new(job.Layers, run.Id.FireTime, FaultKind.ClaimBeforeBegin, epoch, Until: at);
        return epoch.Ended is { } ended && claimed > ended && epoch.Begun <= ended && !job.Causes.JumpsOver(ended.ToMicros())
            ? new(job.Layers, run.Id.FireTime, FaultKind.ClaimAfterEnd, epoch, Until: at)
            : null;
    }

    /// <summary>Returns true if the end of an epoch is not its last sign of life, or lies after the last sign of
    /// life of a node that ended its own epoch.</summary>
    static bool IsWrong(Epoch epoch) => epoch.How is EpochEnd.SteppedDown or EpochEnd.ShutDown
        ? epoch.Ended > epoch.LastSign
        : epoch.Ended != epoch.LastSign;

    static bool IsAtJump(LedgerPart part, Epoch epoch) => part.Marks.Any(mark => mark.Kind == MarkKind.ClockJump
        && (mark.Epoch == epoch.Number || (mark.From <= epoch.Ended && epoch.Ended <= mark.To)));
}
