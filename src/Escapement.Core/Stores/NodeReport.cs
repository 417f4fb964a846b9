using Escapement.Ledger;

namespace Escapement.Stores;

/// <summary>A node as shown by <c>/nodes</c>.</summary>
/// <remarks>Processes of different versions exchange reports as JSON, so properties added later must not be
/// required.</remarks>
public sealed class NodeReport
{
    /// <summary>The unique id over all processes and all time.</summary>
    public required string Id { get; init; }

    /// <summary>The process id.</summary>
    public required int Pid { get; init; }

    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary><c>active</c>, <c>standby</c>, <c>draining</c> or <c>refused</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The reason why the node does not schedule, or null for an active node.</summary>
    public Reason? Reason { get; init; }

    /// <summary>The state as a sentence.</summary>
    public required string Sentence { get; init; }

    /// <summary>The epoch of an active or draining node, or null.</summary>
    public long? Epoch { get; init; }

    /// <summary>The start of the scheduler.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The time of this report.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>The address of the node's own API, or null.</summary>
    public string? Url { get; init; }

    /// <summary>The program's version.</summary>
    public required string Version { get; init; }

    /// <summary>The scope in which each fire time runs once.</summary>
    public required string Scope { get; init; }
}
