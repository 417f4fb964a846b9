namespace Escapement.Ledger;

/// <summary>Reads the account of a job: what its definitions yield against runs, entries, actions and spans.</summary>
sealed class JobReading
{
    readonly JobLayers layers;
    readonly LedgerPart part;
    readonly ActiveTimes times;
    readonly List<NotRun> items = [];
    readonly List<Fault> faults = [];
    readonly Dictionary<long, Run> rows = [];

    /// <param name="layers">The layers of the job.</param>
    /// <param name="part">The part of the ledger.</param>
    /// <param name="times">The activations.</param>
    /// <param name="from">The inclusive beginning, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="to">The exclusive end, in microseconds since 1970-01-01 UTC.</param>
    public JobReading(JobLayers layers, LedgerPart part, ActiveTimes times, long from, long to)
    {
        (this.layers, this.part, this.times) = (layers, part, times);
        Stretches = JobAxis.Of(layers, from, to, Splits);
    }

    public JobLayers Layers => layers;

    public IReadOnlyList<Stretch> Stretches { get; }

    public IReadOnlyList<NotRun> Items => items;

    public IReadOnlyList<Fault> Faults => faults;

    public Tally Tally { get; private set; }

    /// <summary>Adds a run of a fire time that was read individually.</summary>
    public void Know(Run run) => rows[run.Id.FireTime] = run;

    /// <summary>Compares expected fire times and records, stretch by stretch.</summary>
    public void Judge()
    {
        Expect();
        foreach (var stretch in Stretches) Judge(stretch);
        foreach (var run in rows.Values.OrderBy(run => run.Id.FireTime))
            if (run is { State: RunState.Ended, Outcome: Outcome.Missed }) AddMissed(run);
        items.Sort(static (a, b) => a.First.CompareTo(b.First));
    }

    /// <summary>Counts the expected fire times and the runs of each stretch.</summary>
    void Expect()
    {
        foreach (var stretch in Stretches)
        {
            stretch.Expected = stretch.Given.Count + (stretch.Definition?.Job.Trigger is { } trigger
                ? trigger.Count(Instant.FromMicros(stretch.From), Instant.FromMicros(stretch.To))
                : 0);
        }

        var place = 0;
        foreach (var run in rows.Values.OrderBy(run => run.Id.FireTime))
        {
            while (place < Stretches.Count && Stretches[place].To <= run.Id.FireTime) place++;
            if (place == Stretches.Count) break;
            if (run.Id.FireTime < Stretches[place].From) continue;
            var stretch = Stretches[place];
            if (run.State != RunState.Ended) stretch.Open++;
            else if (run.Outcome == Outcome.Missed) stretch.Missed++;
            else stretch.Ran++;
            if (run is { State: RunState.Ended, Outcome: not (Outcome.Succeeded or Outcome.Missed) })
                Tally = Tally with { Unsuccessful = Tally.Unsuccessful + 1 };
        }
    }

    void Judge(Stretch stretch)
    {
        var without = stretch.WithoutRun;
        var due = stretch.Expected;
        if (without < 0)
        {
            due -= without;
            NotExpected(stretch);
        }

        Tally = Tally with { Due = Tally.Due + due, Ran = Tally.Ran + stretch.Ran, Running = Tally.Running + stretch.Open };
        if (without <= 0) return;
        if (stretch.IsPending)
        {
            Pending(stretch, without);
        }
        else if (stretch.IsCovered)
        {
            Add(Covered(stretch, without));
        }
        else if (stretch.IsTrimmed)
        {
            Tally = Tally with { Ran = Tally.Ran + without };
        }
        else
        {
            NoRecord(stretch);
        }
    }

    NotRun Covered(Stretch stretch, long count)
    {
        var (first, last) = Ends(stretch);
        var item = new NotRun
        {
            Job = layers,
            First = first,
            Last = last,
            Count = count,
            Reason = default,
            Entry = stretch.Entry,
            Action = stretch.Action,
            Definition = stretch.Definition?.Job,
        };
        if (stretch.Action is { } action)
        {
            var pause = PauseAt(PauseScope.Job, first);
            return item with { Pause = pause, Reason = pause is not null ? Reason.Paused : ReasonText.ReasonOf(action.Kind) };
        }

        var reason = stretch.Entry!.Reason;
        return item with
        {
            Reason = reason,
            Gap = reason is Reason.NoActiveNode or Reason.ShutDown ? times.At(first) : null,
            Pause = reason switch
            {
                Reason.Paused => PauseAt(PauseScope.Job, first),
                Reason.SchedulerPaused => PauseAt(PauseScope.All, first),
                _ => null,
            },
            Into = reason == Reason.Coalesced ? RunAfter(stretch) : null,
        };
    }

    Run? RunAfter(Stretch stretch)
    {
        var from = Instant.FromMicros(stretch.Entry!.Last.ToMicros() + 1);
        return stretch.Definition?.Job.Trigger?.Next(from) is { } next ? rows.GetValueOrDefault(next.ToMicros()) : null;
    }

    void Pending(Stretch stretch, long count)
    {
        var (first, last) = Ends(stretch);
        var item = new NotRun
        {
            Job = layers,
            First = first,
            Last = last,
            Count = count,
            Reason = default,
            IsDecided = false,
            Definition = stretch.Definition?.Job,
        };
        if (layers.Stored.Paused is { } own && !(own.Until?.ToMicros() <= stretch.From))
        {
            Add(item with { Reason = Reason.Paused, Pause = Open(PauseScope.Job, own) });
        }
        else if (part.State.Paused is { } all && !(all.Until?.ToMicros() <= stretch.From))
        {
            Add(item with { Reason = Reason.SchedulerPaused, Pause = Open(PauseScope.All, all) });
        }
        else if (times.Gaps is [.., { After: null } gap])
        {
            Add(item with { Reason = part.State.ShutDown is null ? Reason.NoActiveNode : Reason.ShutDown, Gap = gap });
        }
        else
        {
            Tally = Tally with { Running = Tally.Running + count };
        }
    }

    void AddMissed(Run run) => Add(new NotRun
    {
        Job = layers,
        First = run.Id.FireTime,
        Last = run.Id.FireTime,
        Count = 1,
        Reason = run.Reason ?? Reason.MisfireGraceExceeded,
        Run = run,
        Definition = layers.Stored.Job,
    });

    void Add(NotRun item)
    {
        Tally = item.Kind == ItemKind.Skipped
            ? Tally with { Skipped = Tally.Skipped + item.Count }
            : Tally with { Missed = Tally.Missed + item.Count };
        if (items is [.., var before] && (item.Run is null || IsNext(item, before.Last)) && before.TryJoin(item) is { } joined) items[^1] = joined;
        else items.Add(item);
    }

    static bool IsNext(NotRun item, long last) =>
        item.Definition?.Trigger?.Next(Instant.FromMicros(last + 1))?.ToMicros() == item.First;

    void NoRecord(Stretch stretch)
    {
        foreach (var at in stretch.FireTimes().Where(at => !rows.ContainsKey(at)).Take(WhyReport.MaxRows))
            faults.Add(new(layers, at, FaultKind.NoRecord));
    }

    void NotExpected(Stretch stretch)
    {
        var expected = stretch.FireTimes().ToHashSet();
        foreach (var run in rows.Values.Where(run => run.Id.FireTime >= stretch.From && run.Id.FireTime < stretch.To))
            if (!expected.Contains(run.Id.FireTime)) faults.Add(new(layers, run.Id.FireTime, FaultKind.NotExpected));
    }

    /// <summary>Returns the first and the last fire time without a run.</summary>
    (long First, long Last) Ends(Stretch stretch)
    {
        var first = stretch.FireTimes().Where(at => !rows.ContainsKey(at)).Select(at => (long?)at).FirstOrDefault() ?? stretch.From;
        var last = stretch.To;
        do last = stretch.Before(last) ?? first;
        while (last > first && rows.ContainsKey(last));
        return (first, Math.Max(first, last));
    }

    ScopedPause? PauseAt(PauseScope scope, long at)
    {
        foreach (var pause in part.Pauses.Reverse())
        {
            if (pause.Scope == scope && (scope == PauseScope.All || pause.Name == layers.Job.Value)
                && !(pause.Ended?.ToMicros() <= at) && pause.Pause.At.ToMicros() <= at)
            {
                return pause;
            }
        }

        // A fire time was due and unclaimed when the pause began.
        return null;
    }

    ScopedPause Open(PauseScope scope, PauseRecord pause) =>
        part.Pauses.LastOrDefault(found => found.Scope == scope && found.Ended is null
            && (scope == PauseScope.All || found.Name == layers.Job.Value))
        ?? new() { Scope = scope, Name = scope == PauseScope.All ? "" : layers.Job.Value, Pause = pause };

    /// <summary>Returns borders inside an entry or an action, so that each part has a single cause.</summary>
    IEnumerable<long> Splits(Entry? entry, JobAction? action)
    {
        if (entry is { Reason: Reason.NoActiveNode or Reason.ShutDown })
        {
            foreach (var gap in times.Within(entry.First.ToMicros(), entry.Last.ToMicros() + 1))
            {
                yield return gap.From;
                yield return gap.To;
            }
        }

        if (action is not null)
        {
            foreach (var pause in part.Pauses.Where(pause => pause.Scope == PauseScope.Job && pause.Name == layers.Job.Value))
            {
                yield return pause.Pause.At.ToMicros();
                if (pause.Ended is { } ended) yield return ended.ToMicros();
            }
        }

        if (entry is null && action is null)
        {
            if (layers.Stored.Paused?.Until is { } own) yield return own.ToMicros();
            if (part.State.Paused?.Until is { } all) yield return all.ToMicros();
        }
    }
}

/// <summary>The numbers of an account.</summary>
readonly record struct Tally
{
    public long Due { get; init; }

    public long Ran { get; init; }

    public long Running { get; init; }

    public long Skipped { get; init; }

    public long Missed { get; init; }

    public long Unsuccessful { get; init; }

    public long MadeUp { get; init; }

    public static Tally operator +(Tally a, Tally b) => new()
    {
        Due = a.Due + b.Due,
        Ran = a.Ran + b.Ran,
        Running = a.Running + b.Running,
        Skipped = a.Skipped + b.Skipped,
        Missed = a.Missed + b.Missed,
        Unsuccessful = a.Unsuccessful + b.Unsuccessful,
        MadeUp = a.MadeUp + b.MadeUp,
    };
}
