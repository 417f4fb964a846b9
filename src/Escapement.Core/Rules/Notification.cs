using Escapement.Jobs;

namespace Escapement.Rules;

/// <summary>The subject of a notification. Several signals may be combined.</summary>
[Flags]
public enum StoreSignal
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Jobs, waiting runs or the scheduler state changed: check for due work.</summary>
    Work = 1,

    /// <summary>An epoch ended or began: standby nodes check at once.</summary>
    Epoch = 2,

    /// <summary>A standby requests a sign of life.</summary>
    Probe = 4,

    /// <summary>A run with a waiting caller has ended.</summary>
    RunEnded = 8,
}

/// <summary>A notification of a store.</summary>
public readonly struct Notification(StoreSignal signal, IReadOnlyList<RunId>? runs = null)
{
    /// <summary>The subject.</summary>
    public StoreSignal Signal { get; } = signal;

    /// <summary>The ended runs, for <see cref="StoreSignal.RunEnded"/>, or null if the receiver must check.</summary>
    public IReadOnlyList<RunId>? Runs { get; } = runs;

    /// <summary>The maximum number of runs in a notification. With more runs, the receivers must check.</summary>
    public const int MaxRuns = 16;

    /// <summary>Combines two notifications. Runs are named only if both notifications name theirs.</summary>
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

    /// <summary>Returns true if a caller waiting for the end of a run must check the run.</summary>
    public bool MayEnd(RunId run) =>
        (Signal & StoreSignal.Epoch) != 0 || ((Signal & StoreSignal.RunEnded) != 0 && (Runs is null || Runs.Contains(run)));
}
