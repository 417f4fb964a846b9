using Escapement.Ledger;

namespace Escapement.Stores;

/// <summary>A node as <c>/nodes</c> shows it.</summary>
/// <remarks>Processes of several versions send reports to each other as JSON: a property that a later version adds must not be required.</remarks>
public sealed record NodeReport
{
    /// <summary>Unique over all processes and all time.</summary>
    public required string Id { get; init; }

    /// <summary>The process id.</summary>
    public required int Pid { get; init; }

    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary><c>active</c>, <c>standby</c>, <c>draining</c> or <c>refused</c>.</summary>
    public required string Role { get; init; }

    /// <summary>Why it does not schedule; null when it does.</summary>
    public Reason? Reason { get; init; }

    /// <summary>The same in one sentence.</summary>
    public required string Sentence { get; init; }

    /// <summary>Its epoch while it is active, or that with which it drains.</summary>
    public long? Epoch { get; init; }

    /// <summary>When its scheduler started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it gave this answer.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Where it answers itself, if it has such an address.</summary>
    public string? Url { get; init; }

    /// <summary>The program's version.</summary>
    public required string Version { get; init; }

    /// <summary>How far <i>once</i> reaches.</summary>
    public required string Scope { get; init; }
}
