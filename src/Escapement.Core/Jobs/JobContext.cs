using Escapement.Jobs;

namespace Escapement;

/// <summary>The run as seen by its handler. A handler may keep the object.</summary>
public sealed class JobContext
{
    /// <summary>The job's id.</summary>
    public required JobId Job { get; init; }

    /// <summary>The id of the run.</summary>
    public required RunId Run { get; init; }

    /// <summary>The fire time, in the trigger's zone. For an enqueued run, the instant from which the run was
    /// due.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>The number of the attempt, from 1. Higher after interrupted attempts.</summary>
    public required int Attempt { get; init; }

    /// <summary>The fencing token: the number of the claim, which grows over all claims. Pass the token to the resource
    /// that the handler writes to, so that the resource can reject writes with an older token.</summary>
    public required long FencingToken { get; init; }

    /// <summary>The arguments of the handler.</summary>
    public required JobArguments Arguments { get; init; }

    /// <summary>The arguments as an object for a class handler, set by the binder.</summary>
    internal object? Bound { get; set; }
}
