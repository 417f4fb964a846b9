using Escapement.Jobs;

namespace Escapement;

/// <summary>What a handler sees of its run. A handler may keep it.</summary>
public sealed class JobContext
{
    /// <summary>The job's id.</summary>
    public required JobId Job { get; init; }

    /// <summary>Names the run.</summary>
    public required RunId Run { get; init; }

    /// <summary>The instant for which it runs, in the trigger's zone; for an asked-for run the instant from which it was due.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>1, or more when an earlier attempt was interrupted.</summary>
    public required int Attempt { get; init; }

    /// <summary>The fencing token: the number of the claim, which grows over all claims. Pass it to what you write to, so that an older one is refused there.</summary>
    public required long FencingToken { get; init; }

    /// <summary>What the handler is called with.</summary>
    public required JobArguments Arguments { get; init; }

    /// <summary>The arguments as the object that a class form takes; set by its binder.</summary>
    internal object? Bound { get; set; }
}
