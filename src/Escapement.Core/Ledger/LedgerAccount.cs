namespace Escapement.Ledger;

/// <summary>The account of a time span: the due fire times against the runs and the fire times that did not run.</summary>
public sealed record LedgerAccount
{
    /// <summary>The number of fire times that were due.</summary>
    public required long Due { get; init; }

    /// <summary>The number of fire times that ran, whatever the outcome, including fire times whose runs were deleted by the
    /// retention.</summary>
    public required long Ran { get; init; }

    /// <summary>The number of fire times that are claimed, or wait for a slot, or are about to be claimed. A due fire time that no
    /// active process claims for longer than a lease is missed, and not decided.</summary>
    public required long Running { get; init; }

    /// <summary>The number of fire times that did not run because somebody or a rule asked for the skip.</summary>
    public required long Skipped { get; init; }

    /// <summary>The number of fire times that did not run for a reason that nobody asked for.</summary>
    public required long Missed { get; init; }

    /// <summary>The number of runs among <see cref="Ran"/> that did not succeed.</summary>
    public long Unsuccessful { get; init; }

    /// <summary>The number of runs among <see cref="Ran"/> and <see cref="Running"/> that make up for a missed fire
    /// time.</summary>
    public long MadeUp { get; init; }

    /// <summary>True if each due fire time has exactly one fate, and no record contradicts another record.</summary>
    public required bool Balanced { get; init; }

    /// <summary>The account in a line: "360 due = 355 ran + 0 running + 0 skipped + 5 missed. Balanced."</summary>
    public required string Sentence { get; init; }
}
