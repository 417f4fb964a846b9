namespace Escapement.Ledger;

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

    /// <summary>True if each due fire time has exactly one fate.</summary>
    public bool IsBalanced => Due == Ran + Running + Skipped + Missed;

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
