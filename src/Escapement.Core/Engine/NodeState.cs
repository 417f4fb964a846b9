using System.Diagnostics;
using Escapement.Leadership;
using Escapement.Ledger;

namespace Escapement.Engine;

/// <summary>The state of a node as a type. Only these combinations of flags exist.</summary>
abstract record NodeState
{
    /// <summary>The node claims due runs.</summary>
    /// <param name="Epoch">The number of the epoch.</param>
    /// <param name="Since">The instant at which the epoch began.</param>
    /// <param name="Trouble">
    /// The reason for people why the node cannot claim at present, or null if the node can claim.
    /// </param>
    public sealed record Active(long Epoch, DateTimeOffset Since, string? Trouble = null) : NodeState;

    /// <summary>The node serves only the API and waits.</summary>
    /// <param name="Because">The reason for the wait.</param>
    /// <param name="Holder">The active node or the holder of the lock, or null if unknown.</param>
    /// <param name="Trouble">Details, if the reason alone is not enough.</param>
    public sealed record Standby(Reason Because, LockHolder? Holder, string? Trouble = null) : NodeState;

    /// <summary>The node is stopping and finishes its runs.</summary>
    /// <param name="Epoch">The epoch that the node ended.</param>
    /// <param name="Until">The instant at which the node stops its runs.</param>
    public sealed record Draining(long Epoch, DateTimeOffset Until) : NodeState;

    /// <summary>The node may not schedule.</summary>
    /// <param name="Because">The reason.</param>
    /// <param name="Detail">The value that led to the refusal.</param>
    public sealed record Refused(Reason Because, string Detail) : NodeState;

    /// <summary>The role's name in the API.</summary>
    public string Role => this switch
    {
        Active => "active",
        Standby => "standby",
        Draining => "draining",
        Refused => "refused",
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// The reason why the node does not schedule or cannot claim at present, or null if the node claims.
    /// </summary>
    public Reason? Reason => this switch
    {
        Active { Trouble: not null } => Ledger.Reason.StoreUnavailable,
        Standby standby => standby.Because,
        Draining => Ledger.Reason.Draining,
        Refused refused => refused.Because,
        _ => null,
    };

    /// <summary>The sentence that describes the state everywhere.</summary>
    public string Sentence => this switch
    {
        Active(_, _, { } outage) => outage,
        Active(var epoch, var since, _) => ReasonText.Active(epoch, since),
        Standby(_, _, { } outage) => outage,
        Standby(Ledger.Reason.Standby, { } holder, _) => ReasonText.Standby(holder.Pid, holder.Host, holder.Since, holder.Store),
        Standby(var reason, _, _) => ReasonText.Of(reason),
        Draining(_, var until) => ReasonText.Draining(until),
        Refused(var reason, var detail) => ReasonText.Of(reason, detail),
        _ => throw new UnreachableException(),
    };

    /// <inheritdoc/>
    public sealed override string ToString() => $"{Role}: {Sentence}";
}
