using Escapement.Ledger;

namespace Escapement;

/// <summary>A living process of the store as <see cref="IScheduler"/> and <c>/nodes</c> show the process.</summary>
public sealed record NodeInfo
{
    /// <summary>The id, unique over all processes and all time.</summary>
    public required string Id { get; init; }

    /// <summary>The process id on <see cref="Host"/>.</summary>
    public required int Pid { get; init; }

    /// <summary>The name of the host.</summary>
    public required string Host { get; init; }

    /// <summary><c>active</c>, <c>standby</c>, <c>draining</c> or <c>refused</c>.</summary>
    public required string Role { get; init; }

    /// <summary>Why the process does not schedule; null when it does.</summary>
    public required Reason? Reason { get; init; }

    /// <summary>The role and the reason as one sentence for people.</summary>
    public required string Sentence { get; init; }

    /// <summary>The epoch of an active or draining process; null for others.</summary>
    public required long? Epoch { get; init; }

    /// <summary>When the process started its scheduler.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the process answered.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>The address at which the process itself answers; null when there is none.</summary>
    public required string? Url { get; init; }

    /// <summary>The version of the program; <c>unknown</c> when the program has none.</summary>
    public required string Version { get; init; }

    /// <summary>How far <i>once</i> reaches, in words.</summary>
    public required string Scope { get; init; }
}
