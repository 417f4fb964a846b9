using Escapement.Ledger;

namespace Escapement;

/// <summary>A living process of the store as shown by <see cref="IScheduler"/> and <c>/nodes</c>.</summary>
/// <remarks>Processes of different versions exchange reports of themselves as JSON, so properties added later must not be
/// required.</remarks>
public sealed class NodeInfo
{
    /// <summary>The id, unique over all processes and all time.</summary>
    public required string Id { get; init; }

    /// <summary>The process id on <see cref="Host"/>.</summary>
    public required int Pid { get; init; }

    /// <summary>The name of the host.</summary>
    public required string Host { get; init; }

    /// <summary><c>active</c>, <c>standby</c>, <c>draining</c> or <c>refused</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The reason why the process does not schedule, or null for an active process.</summary>
    public Reason? Reason { get; init; }

    /// <summary>The role and the reason as a sentence.</summary>
    public required string Sentence { get; init; }

    /// <summary>The epoch of an active or draining process, or null.</summary>
    public long? Epoch { get; init; }

    /// <summary>The start of the scheduler in the process.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The time of the answer.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>The address of the process's own API, or null.</summary>
    public string? Url { get; init; }

    /// <summary>The version of the program, or <c>unknown</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The scope in which each fire time runs once, in words.</summary>
    public required string Scope { get; init; }
}
