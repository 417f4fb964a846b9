namespace Escapement.Ledger;

/// <summary>A part of the fire times of a job with a single definition and a single record below the runs.</summary>
/// <param name="from">The inclusive beginning, in microseconds since 1970-01-01 UTC.</param>
/// <param name="to">The exclusive end, in microseconds since 1970-01-01 UTC.</param>
sealed class Stretch(long from, long to)
{
    /// <summary>The inclusive beginning, in microseconds since 1970-01-01 UTC.</summary>
    public long From { get; } = from;

    /// <summary>The exclusive end, in microseconds since 1970-01-01 UTC.</summary>
    public long To { get; } = to;

    /// <summary>The definition that accounts for the fire times, or null.</summary>
    public DefinitionSpan? Definition { get; init; }

    /// <summary>The entry that covers the fire times, or null.</summary>
    public Entry? Entry { get; init; }

    /// <summary>The action that passed over the fire times, or null.</summary>
    public JobAction? Action { get; init; }

    /// <summary>True at and after the watermark: no claim has decided the fire times.</summary>
    public bool IsPending { get; init; }

    /// <summary>True if the retention deleted runs at and after the beginning.</summary>
    public bool IsTrimmed { get; init; }

    /// <summary>The watermarks set by hand that the trigger does not yield, oldest first.</summary>
    public IReadOnlyList<long> Given { get; init; } = [];

    /// <summary>The number of fire times that are expected.</summary>
    public long Expected { get; set; }

    /// <summary>The number of ended runs that began.</summary>
    public long Ran { get; set; }

    /// <summary>The number of ended runs that never began.</summary>
    public long Missed { get; set; }

    /// <summary>The number of waiting and running runs.</summary>
    public long Open { get; set; }

    /// <summary>True if a record says why the fire times without a run did not run.</summary>
    public bool IsCovered => Entry is not null || Action is not null;

    /// <summary>The number of fire times without a run. Negative if there are more runs than fire times.</summary>
    public long WithoutRun => Expected - Ran - Missed - Open;

    /// <summary>Returns the expected fire times, oldest first.</summary>
    /// <param name="from">The inclusive beginning.</param>
    public IEnumerable<long> FireTimes(long from = long.MinValue)
    {
        var given = 0;
        var at = Next(Math.Max(From, from));
        while (true)
        {
            while (given < Given.Count && Given[given] < from) given++;
            if (given < Given.Count && !(at <= Given[given]))
            {
                yield return Given[given++];
            }
            else if (at is { } time)
            {
                yield return time;
                at = Next(time + 1);
            }
            else
            {
                yield break;
            }
        }
    }

    /// <summary>Returns the last expected fire time before an instant, or null.</summary>
    public long? Before(long instant)
    {
        var found = Definition?.Job.Trigger?.Previous(Instant.FromMicros(Math.Min(instant, To)))?.ToMicros();
        if (found < From) found = null;
        foreach (var given in Given)
            if (given < instant && !(given <= found)) found = given;
        return found;
    }

    long? Next(long from)
    {
        if (from >= To || Definition?.Job.Trigger?.Next(Instant.FromMicros(from)) is not { } next) return null;
        return next.ToMicros() is var micros && micros < To ? micros : null;
    }
}
