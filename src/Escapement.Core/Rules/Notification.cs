using Escapement.Jobs;

namespace Escapement.Rules;

/// <summary>What a notification is about; several may come as one.</summary>
[Flags]
public enum StoreSignal
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Jobs, waiting runs or the state of the scheduler changed: look for what is due.</summary>
    Work = 1,

    /// <summary>An epoch ended or began: whoever may raise looks at once.</summary>
    Epoch = 2,

    /// <summary>A waiter asks for a sign of life.</summary>
    Probe = 4,

    /// <summary>A run that somebody waits for has ended.</summary>
    RunEnded = 8,
}

/// <summary>A notification of a store.</summary>
/// <param name="Signal">What it is about.</param>
/// <param name="Runs">The runs that ended, with <see cref="StoreSignal.RunEnded"/>; null where the receiver has to look.</param>
public readonly record struct Notification(StoreSignal Signal, IReadOnlyList<RunId>? Runs = null)
{
    /// <summary>The most runs that a notification names: with more, the receivers look.</summary>
    public const int MaxRuns = 16;

    /// <summary>Returns one notification for two; runs are named only where both name theirs.</summary>
    public Notification And(Notification other)
    {
        if (Signal == StoreSignal.None) return other;
        if (other.Signal == StoreSignal.None) return this;
        var (mine, its) = ((Signal & StoreSignal.RunEnded) != 0, (other.Signal & StoreSignal.RunEnded) != 0);
        var runs = (mine, its) switch
        {
            (true, false) => Runs,
            (false, true) => other.Runs,
            (true, true) when Runs is not null && other.Runs is not null && Runs.Count + other.Runs.Count <= MaxRuns =>
                [.. Runs, .. other.Runs],
            _ => null,
        };
        return new(Signal | other.Signal, runs);
    }

    /// <summary>Whether somebody who waits for the end of a run has to look at it.</summary>
    public bool MayEnd(RunId run) =>
        (Signal & StoreSignal.Epoch) != 0 || ((Signal & StoreSignal.RunEnded) != 0 && (Runs is null || Runs.Contains(run)));
}
