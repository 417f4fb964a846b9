namespace Escapement.Triggers;

/// <summary>Fires whenever one of several triggers does, once for each instant; ends when all have ended.</summary>
public sealed class OrTrigger : Trigger
{
    // Fire times that are counted one by one before the rest is estimated: some tenths of a second.
    const long MaxCounted = 1_000_000;

    /// <param name="triggers">At least one.</param>
    /// <param name="zone">In whose offset the answers are given.</param>
    public OrTrigger(IReadOnlyList<Trigger> triggers, ZoneClock zone)
    {
        ArgumentOutOfRangeException.ThrowIfZero(triggers.Count, nameof(triggers));
        Triggers = [.. triggers];
        Zone = zone;
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>What it is made of.</summary>
    public IReadOnlyList<Trigger> Triggers { get; }

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from)
    {
        DateTimeOffset? earliest = null;
        foreach (var trigger in Triggers)
        {
            if (trigger.Next(from) is { } next && !(next >= earliest)) earliest = next;
        }

        return earliest is { } found ? Zone.AtTicks(found.UtcTicks) : null;
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before)
    {
        DateTimeOffset? latest = null;
        foreach (var trigger in Triggers)
        {
            if (trigger.Previous(before) is { } previous && !(previous <= latest)) latest = previous;
        }

        return latest is { } found ? Zone.AtTicks(found.UtcTicks) : null;
    }

    /// <inheritdoc/>
    /// <remarks>Exact for the first million; beyond it, instants that several triggers share count for each of them.</remarks>
    public override long Count(DateTimeOffset from, DateTimeOffset to) => Triggers.Count == 1
        ? Triggers[0].Count(from, to)
        : CountStepping(this, from, to, MaxCounted, rest => Triggers.Sum(trigger => trigger.Count(rest, to)));

    /// <inheritdoc/>
    public override string ToString() => TriggerText.Write(this, Zone);

    internal override Trigger WithDates(IReadOnlyDictionary<string, ExcludedDates> known)
    {
        List<Trigger> parts = [.. Triggers.Select(trigger => trigger.WithDates(known))];
        return parts.SequenceEqual(Triggers, ReferenceEqualityComparer.Instance) ? this : new OrTrigger(parts, Zone).WithJitter(Jitter);
    }

    internal static long CountStepping(Trigger trigger, DateTimeOffset from, DateTimeOffset to, long limit, Func<DateTimeOffset, long> estimate)
    {
        var count = 0L;
        for (var at = trigger.Next(from); at < to; at = trigger.Next(at.Value.AddMicroseconds(1)))
        {
            count++;
            if (at.Value.UtcTicks > DateTime.MaxValue.Ticks - TimeSpan.TicksPerMicrosecond) break;
            if (count == limit) return count + estimate(at.Value.AddMicroseconds(1));
        }

        return count;
    }
}
