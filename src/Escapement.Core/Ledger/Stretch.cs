namespace Escapement.Ledger;

/// <summary>A part of the fire times of a job with a single definition and a single record below the runs.</summary>
sealed class Stretch
{
    /// <summary>The inclusive beginning, in microseconds since 1970-01-01 UTC.</summary>
    public required long From { get; init; }

    /// <summary>The exclusive end, in microseconds since 1970-01-01 UTC.</summary>
    public required long To { get; init; }

    /// <summary>The search for fire times.</summary>
    public required FireTimeSearch Search { get; init; }

    /// <summary>The definition that accounts for the fire times, or null.</summary>
    public DefinitionSpan? Definition { get; init; }

    /// <summary>The entry that covers the fire times, or null.</summary>
    public Entry? Entry { get; init; }

    /// <summary>The action that passed over the fire times, or null.</summary>
    public JobAction? Action { get; init; }

    /// <summary>True at and after the watermark: no claim has decided the fire times.</summary>
    public bool IsPending { get; init; }

    /// <summary>True if the retention deleted the runs: the fire times count as run.</summary>
    public bool IsTrimmed { get; init; }

    /// <summary>True if the record is not complete: nothing is known about fire times without a run.</summary>
    public bool IsForgotten { get; init; }

    /// <summary>The watermarks set by hand that the trigger does not yield, oldest first.</summary>
    public IReadOnlyList<long> Given { get; init; } = [];

    /// <summary>The number of fire times that are expected.</summary>
    public long Expected { get; private set; }

    /// <summary>True if the expected fire times are looked up one by one.</summary>
    public bool IsByKey { get; private set; }

    /// <summary>The number of runs of expected fire times, if these are looked up one by one.</summary>
    long found;

    /// <summary>The number of runs at instants that are no expected fire times, or 0 if the fire times are only counted.</summary>
    public long Others => IsByKey ? Ran + Missed + Open - found : 0;

    /// <summary>The number of ended runs that began.</summary>
    public long Ran { get; private set; }

    /// <summary>The number of ended runs that never began.</summary>
    public long Missed { get; private set; }

    /// <summary>The number of runs that began and did not succeed.</summary>
    public long Unsuccessful { get; private set; }

    /// <summary>The number of waiting and running runs.</summary>
    public long Open { get; private set; }

    /// <summary>The number of runs that began, wait or run, and make up for a missed fire time.</summary>
    public long MadeUp { get; private set; }

    /// <summary>True if the stretch has a run.</summary>
    public bool HasRuns => Ran + Missed + Open > 0;

    /// <summary>True if a record says why the fire times without a run did not run.</summary>
    public bool IsCovered => Entry is not null || Action is not null;

    /// <summary>The number of expected fire times without a run. Negative if the fire times are only counted, and there are
    /// more runs than fire times.</summary>
    public long WithoutRun => Expected + Others - Ran - Missed - Open;

    /// <summary>True if the definition cannot be read, so that nothing is known about the expected fire times.</summary>
    public bool IsUnreadable => Definition?.Job.Error is not null;

    /// <summary>True if a run has no expected fire time. Unknown where the record is not complete.</summary>
    public bool HasTooManyRuns => !IsUnreadable && !IsForgotten && (WithoutRun < 0 || Others > 0);

    /// <summary>True if neither the runs nor a record account for the fire times, or if a run has no expected fire
    /// time.</summary>
    public bool IsOpenQuestion => HasTooManyRuns
        || (WithoutRun > 0 && !IsUnreadable && !IsCovered && !IsPending && !IsTrimmed && !IsForgotten);

    /// <summary>Counts the expected fire times.</summary>
    public Stretch Counted()
    {
        Expected = Given.Count + (Definition is null ? 0 : Search.Count(Definition.Job, From, To));
        return this;
    }

    /// <summary>Adds the ended runs of the whole stretch.</summary>
    public void Add(RunCount count) => (Ran, Missed, Unsuccessful, MadeUp) =
        (Ran + count.Ran, Missed + count.Missed, Unsuccessful + count.Unsuccessful, MadeUp + count.MadeUp);

    /// <summary>Begins to look up the expected fire times one by one.</summary>
    public void LookUp() => IsByKey = true;

    /// <summary>Adds the ended run of an expected fire time that was looked up.</summary>
    public void AddFound(RunCount count) => found += count.Ran + count.Missed;

    /// <summary>Adds a waiting or running run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="isExpected">True for an expected fire time that is looked up.</param>
    public void AddOpen(Run run, bool isExpected)
    {
        Open++;
        if (isExpected) found++;
        if (run.Cause == RunCause.Backfill) MadeUp++;
    }

    /// <summary>Takes back an ended run whose fire time waits or runs again.</summary>
    /// <param name="count">The ended run.</param>
    /// <param name="isExpected">True for an expected fire time that is looked up.</param>
    public void TakeBack(RunCount count, bool isExpected)
    {
        Add(new(-count.Ran, -count.Missed, -count.Unsuccessful, -count.MadeUp));
        if (isExpected) found -= count.Ran + count.Missed;
    }

    /// <summary>Returns the stretch in pieces of equal length, without runs.</summary>
    public IEnumerable<Stretch> Split(int pieces)
    {
        for (var piece = 0; piece < pieces; piece++)
        {
            var (from, to) = (Border(piece), Border(piece + 1));
            if (from == to) continue;
            yield return new Stretch
            {
                From = from,
                To = to,
                Search = Search,
                Definition = Definition,
                Entry = Entry,
                Action = Action,
                IsPending = IsPending,
                IsTrimmed = IsTrimmed,
                IsForgotten = IsForgotten,
                Given = [.. Given.Where(at => at >= from && at < to)],
            }.Counted();
        }

        long Border(int piece) => piece == pieces ? To : From + (long)((Int128)(To - From) * piece / pieces);
    }

    /// <summary>Returns the expected fire times, oldest first.</summary>
    public IEnumerable<long> FireTimes()
    {
        var given = 0;
        for (var at = Next(From); at is not null || given < Given.Count;)
        {
            if (given < Given.Count && !(at <= Given[given]))
            {
                yield return Given[given++];
            }
            else
            {
                yield return at!.Value;
                at = Next(at.Value + 1);
            }
        }
    }

    /// <summary>Returns true if an instant is an expected fire time.</summary>
    public bool Expects(long at) => Next(at) == at || Given.Contains(at);

    /// <summary>Returns the last expected fire time before an instant, or null.</summary>
    public long? Before(long instant)
    {
        var found = Definition is null ? null : Search.Previous(Definition.Job, Math.Min(instant, To));
        if (found < From) found = null;
        foreach (var given in Given)
            if (given < instant && !(given <= found)) found = given;
        return found;
    }

    long? Next(long from) =>
        from < To && Definition is not null && Search.Next(Definition.Job, from) is { } next && next < To ? next : null;
}
