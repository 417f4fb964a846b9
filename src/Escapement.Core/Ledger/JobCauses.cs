namespace Escapement.Ledger;

/// <summary>Finds the causes of fire times of a job that did not run.</summary>
/// <param name="layers">The layers of the job.</param>
/// <param name="part">The part of the ledger.</param>
/// <param name="times">The activations.</param>
sealed class JobCauses(JobLayers layers, LedgerPart part, ActiveTimes times)
{
    /// <summary>The time without a claim after which a due fire time is not about to be claimed, for an epoch without a
    /// lease.</summary>
    static readonly TimeSpan DefaultLease = TimeSpan.FromSeconds(15);

    /// <summary>Returns the cause of fire times that an entry or an action covers.</summary>
    public NotRun OfCovered(Stretch stretch, (long First, long Last) ends, long count)
    {
        var item = Of(stretch, ends, count) with { Entry = stretch.Entry, Action = stretch.Action };
        if (stretch.Action is { } action)
        {
            // The action was decided before a pause that began later.
            var pause = PauseAt(PauseScope.Job, ends.First, action.At);
            if (pause is null && Before(action, ends.First) is { } before)
                return item with { Gap = before, Reason = before.Reason };
            pause ??= layers.Pauses.FirstOrDefault(closed => closed.Scope == PauseScope.Job && closed.Ended == action.At && ReasonText.ReasonOf(action.Kind) == Reason.Paused);
            return item with { Pause = pause, Reason = pause is null ? ReasonText.ReasonOf(action.Kind) : ReasonText.ReasonOf(pause.Pause) };
        }

        // A claim knows the delays of the time of a fire time, but not whether the job existed at the time.
        var reason = stretch.Entry!.Reason;
        if (IsDelay(reason) && !layers.ExistedAt(ends.First)) reason = Reason.MisfireGraceExceeded;
        return item with
        {
            Reason = reason,
            Gap = reason is Reason.NoActiveNode or Reason.ShutDown ? times.At(ends.First) : null,
            Pause = reason switch
            {
                Reason.Paused or Reason.CircuitOpen => PauseAt(PauseScope.Job, ends.First),
                Reason.SchedulerPaused => PauseAt(PauseScope.All, ends.First),
                _ => null,
            },
            Into = OtherRun(stretch),
        };
    }

    /// <summary>Returns the stretch without an active node in which a fire time was due before an action passed over the fire
    /// time, or null. Nobody asked for such a fire time not to run, except by skipping the fire time itself.</summary>
    Gap? Before(JobAction action, long at) => action.Kind != ActionKind.SkippedNext && at < action.At.ToMicros() && layers.ExistedAt(at)
        ? times.At(at)
        : null;

    static bool IsDelay(Reason reason) => reason is Reason.NoActiveNode or Reason.ShutDown or Reason.SchedulerPaused
        or Reason.StoreUnavailable or Reason.ClockJump or Reason.ExecutorSaturated;

    /// <summary>Returns the cause of fire times that no claim has decided, or null if a claim is about to come.</summary>
    public NotRun? OfPending(Stretch stretch, (long First, long Last) ends, long count)
    {
        var item = Of(stretch, ends, count) with { IsDecided = false };
        if (PausedSince is { } begun && ends.First < begun && times.At(ends.First) is { } before)
            return item with { Reason = before.Reason, Gap = before };
        if (layers.Stored.Paused is { } paused && !(paused.Until?.ToMicros() <= stretch.From))
            return item with { Reason = ReasonText.ReasonOf(paused), Pause = Open(PauseScope.Job, paused) };
        if (part.State.Paused is { } all && !(all.Until?.ToMicros() <= stretch.From))
        {
            var first = ends.First >= part.State.PausedSince?.ToMicros() ? PauseAt(PauseScope.All, ends.First) : null;
            return item with { Reason = Reason.SchedulerPaused, Pause = first ?? Open(PauseScope.All, all) };
        }

        return times.Gaps is [.., { After: null } gap]
            ? item with { Reason = part.State.ShutDown is null ? Reason.NoActiveNode : Reason.ShutDown, Gap = gap }
            : UnclaimedSince() is { } since ? item with { Reason = Reason.NotClaimed, Since = since } : null;
    }

    /// <summary>The beginning of the pause of the job, or else of the whole scheduler, in microseconds since 1970-01-01 UTC, or
    /// null.</summary>
    long? PausedSince => (layers.Stored.Paused?.At ?? part.State.PausedSince)?.ToMicros();

    /// <summary>Returns since when the active nodes could have claimed the watermark, or null if this was less than a lease
    /// ago.</summary>
    DateTimeOffset? UnclaimedSince()
    {
        if (times.Lasting.MinBy(epoch => epoch.Begun) is not { } active || layers.Stored.Next is not { } next) return null;
        var state = part.State;
        DateTimeOffset?[] waitedFor =
            [next, active.Begun, layers.Stored.MarkedAt, layers.Stored.Paused?.Until, state.Paused?.Until, state.PausedBefore?.To];
        var since = waitedFor.Max()!.Value;
        return part.At - since > (active.Lease ?? DefaultLease) ? since : null;
    }

    /// <summary>Returns the cause of a run that never began.</summary>
    public NotRun OfMissed(Stretch stretch, Run run) => Of(stretch, (run.Id.FireTime, run.Id.FireTime), 1) with
    {
        Reason = run.Reason ?? Reason.MisfireGraceExceeded,
        Run = run,
    };

    NotRun Of(Stretch stretch, (long First, long Last) ends, long count) => new()
    {
        Job = layers,
        First = ends.First,
        Last = ends.Last,
        Count = count,
        Reason = default,
        Definition = stretch.Definition?.Job ?? layers.Stored.Job,
    };

    /// <summary>Returns the fire time of another run in the cause of a stretch: the run with which a merged stretch runs, or the
    /// run before a stretch that a running run prevented. Null for any other cause.</summary>
    public static long? OtherRun(Stretch stretch) => stretch is not { Entry: { } entry, Definition: { } definition } ? null : entry.Reason switch
    {
        Reason.Coalesced => stretch.Search.Next(definition.Job, entry.Last.ToMicros() + 1),
        Reason.MaxInstancesReached => stretch.Search.Previous(definition.Job, entry.First.ToMicros()),
        _ => null,
    };

    /// <summary>Returns true if the pause that an entry names is recorded.</summary>
    public bool HasPause(Entry entry)
    {
        var isOfAll = entry.Reason == Reason.SchedulerPaused;
        var scope = isOfAll ? PauseScope.All : PauseScope.Job;
        return layers.Pauses.Any(pause => pause.Scope == scope
                && ((pause.Pause.At <= entry.Last && !(pause.Ended < entry.First)) || (entry.Cause is { } cause && pause.Pause.Action == cause)))
            || (entry.Cause is { } number && part.Actions.Any(action => action.Number == number && action.Job is null == isOfAll));
    }

    /// <summary>True if a shutdown of the scheduler is recorded.</summary>
    public bool HasShutDown => times.Epochs.Any(epoch => epoch.How == EpochEnd.ShutDown)
        || part.Actions.Any(action => action.Kind == ActionKind.SchedulerShutDown);

    /// <summary>Returns true if a fire time was one when its run was claimed: the definition was replaced later, the wall
    /// clock was set back, or the run makes up for a missed run of an earlier definition.</summary>
    public bool WasExpected(Run run)
    {
        if (run.Cause == RunCause.Backfill) return true;

        // A run without a claim was made at its fire time or later.
        var made = run.ClaimedAt ?? run.FireTime;
        return layers.Actions.Any(action => action.At >= made && Border(action) <= run.Id.FireTime) || JumpsOver(run.Id.FireTime)
            || (run.ClaimedAt is { } claimed && JumpsOver(claimed.ToMicros()));
    }

    /// <summary>Returns true if an instant was a fire time when an entry was written.</summary>
    public bool WasExpected(Entry entry, long at) =>
        layers.Actions.Any(action => action.Change > entry.Change && Border(action) <= at) || JumpsOver(at);

    /// <summary>Returns true if the wall clock was set around an instant.</summary>
    public bool JumpsOver(long at) => part.Marks.Any(mark => mark.Kind == MarkKind.ClockJump
        && Math.Min(mark.From.ToMicros(), mark.To.ToMicros()) <= at && at <= Math.Max(mark.From.ToMicros(), mark.To.ToMicros()));

    /// <summary>Returns the earliest instant from which an action may end earlier definitions.</summary>
    static long Border(JobAction action) => Math.Min(action.To?.ToMicros() ?? long.MaxValue, action.At.ToMicros());

    /// <summary>Returns the newest pause around an instant that began before an action, or null.</summary>
    ScopedPause? PauseAt(PauseScope scope, long at, DateTimeOffset? before = null)
    {
        for (var place = layers.Pauses.Count - 1; place >= 0; place--)
        {
            var pause = layers.Pauses[place];
            if (pause.Scope == scope && pause.Pause.At.ToMicros() <= at && !(pause.Ended?.ToMicros() <= at)
                && !(pause.Pause.At >= before))
            {
                return pause;
            }
        }

        // The fire time was due and unclaimed when the pause began, or the retention deleted the pause.
        return null;
    }

    ScopedPause Open(PauseScope scope, PauseRecord pause) =>
        layers.Pauses.LastOrDefault(found => found.Scope == scope && found.Ended is null && found.Pause.At == pause.At)
        ?? new() { Scope = scope, Name = scope == PauseScope.All ? "" : layers.Job.Value, Pause = pause };

    /// <summary>Returns borders inside an entry, so that each part has a single cause.</summary>
    public IEnumerable<long> Splits(Entry entry) => entry.Reason is Reason.NoActiveNode or Reason.ShutDown
        ? times.Borders(entry.First.ToMicros(), entry.Last.ToMicros() + 1)
        : [];

    /// <summary>Returns borders inside the stretch that an action passed over, so that each part has a single cause.</summary>
    public IEnumerable<long> Splits(JobAction action) => action.From is { } from && action.Kind != ActionKind.SkippedNext
        ? times.Borders(from.ToMicros(), Math.Min(action.At.ToMicros(), action.To?.ToMicros() ?? long.MaxValue))
        : [];

    /// <summary>Returns the instants at which a pause of the job or of the scheduler begins or ends, and at which the job was
    /// added or removed.</summary>
    public IEnumerable<long> Splits()
    {
        foreach (var pause in layers.Pauses)
        {
            yield return pause.Pause.At.ToMicros();
            if (pause.Ended is { } ended) yield return ended.ToMicros();
        }

        foreach (var begun in layers.Existence()) yield return begun;
        if (PausedSince is { } since && layers.Stored.Next?.ToMicros() is { } next)
        {
            yield return since;
            foreach (var border in times.Borders(next, since)) yield return border;
        }

        if (layers.Stored.Paused?.Until is { } until) yield return until.ToMicros();
        if (part.State.Paused?.Until is { } all) yield return all.ToMicros();
    }

    /// <summary>The beginning of the complete record, in microseconds since 1970-01-01 UTC.</summary>
    public long CompleteSince => part.State.CompleteSince?.ToMicros() ?? long.MinValue;
}
