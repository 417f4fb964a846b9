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

    /// <summary>The number of ended runs that began.</summary>
    public long Ran { get; private set; }

    /// <summary>The number of ended runs that never began.</summary>
    public long Missed { get; private set; }

    /// <summary>The number of runs that began and did not succeed.</summary>
    public long Unsuccessful { get; private set; }

    /// <summary>The number of waiting and running runs.</summary>
    public long Open { get; private set; }

    /// <summary>True if the stretch has a run.</summary>
    public bool HasRuns => Ran + Missed + Open > 0;

    /// <summary>True if a record says why the fire times without a run did not run.</summary>
    public bool IsCovered => Entry is not null || Action is not null;

    /// <summary>The number of fire times without a run. Negative if there are more runs than fire times.</summary>
    public long WithoutRun => Expected - Ran - Missed - Open;

    /// <summary>True if the definition cannot be read, so that nothing is known about the expected fire times.</summary>
    public bool IsUnreadable => Definition?.Job.Error is not null;

    /// <summary>True if neither the runs nor a record account for the fire times, or if there are too many runs.</summary>
    public bool IsOpenQuestion => !IsUnreadable && (WithoutRun < 0 || (WithoutRun > 0 && !IsCovered && !IsPending && !IsTrimmed && !IsForgotten));

    /// <summary>Counts the expected fire times.</summary>
    public Stretch Counted()
    {
        Expected = Given.Count + (Definition is null ? 0 : Search.Count(Definition.Job, From, To));
        return this;
    }

    /// <summary>Adds ended runs.</summary>
    public void Add(RunCount count) =>
        (Ran, Missed, Unsuccessful) = (Ran + count.Ran, Missed + count.Missed, Unsuccessful + count.Unsuccessful);

    /// <summary>Adds a waiting or running run.</summary>
    public void AddOpen() => Open++;

    /// <summary>Takes back ended runs whose fire time waits or runs again.</summary>
    public void TakeBack(RunCount count) =>
        (Ran, Missed, Unsuccessful) = (Ran - count.Ran, Missed - count.Missed, Unsuccessful - count.Unsuccessful);

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
