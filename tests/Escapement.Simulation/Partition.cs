using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>What a transaction does to a partition.</summary>
enum PartitionWork
{
    /// <summary>Looks for due fire times, and finds none.</summary>
    EmptyClaim,

    /// <summary>Claims runs.</summary>
    Claim,

    /// <summary>Records ends of runs.</summary>
    Record,

    /// <summary>Sends a heartbeat, a probe or a look.</summary>
    Look,

    /// <summary>Begins or ends epochs, brings jobs in line, trims, or reads.</summary>
    Other,
}

/// <summary>A partition: a store of its own, with its own epochs, its own state and the rows of its jobs.</summary>
/// <param name="number">The number, from 0.</param>
/// <param name="store">The rows.</param>
sealed class Partition(int number, MemoryStore store)
{
    public int Number => number;

    public MemoryStore Store => store;

    /// <summary>True while the partition cannot be reached.</summary>
    public bool IsOut { get; set; }

    /// <summary>True while what is written is kept, and no answer arrives.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>The timeline of the server, which each failover raises.</summary>
    public int Timeline { get; set; } = 1;

    /// <summary>The number of changes of all jobs that the partition has made.</summary>
    public int Changes { get; set; }

    /// <summary>The number of transactions of each kind while nothing was due, and from the first fire time on.</summary>
    public (long[] Idle, long[] Busy) Counts { get; } = (new long[5], new long[5]);
}
