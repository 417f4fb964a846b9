using System.Diagnostics;
using Escapement.Leadership;
using Escapement.Ledger;

namespace Escapement.Engine;

/// <summary>What a process is, as a type: of the many combinations of flags only these exist.</summary>
abstract record NodeState
{
    /// <summary>Takes due runs.</summary>
    /// <param name="Epoch">The number of its activation.</param>
    /// <param name="Since">When it began.</param>
    /// <param name="Trouble">Why it can claim nothing now, for people; null when it can.</param>
    public sealed record Active(long Epoch, DateTimeOffset Since, string? Trouble = null) : NodeState;

    /// <summary>Only serves the API and waits.</summary>
    /// <param name="Because">Why it waits.</param>
    /// <param name="Holder">Who is active or holds the lock, if known.</param>
    /// <param name="Trouble">What exactly is the matter, where the reason alone does not tell.</param>
    public sealed record Standby(Reason Because, LockHolder? Holder, string? Trouble = null) : NodeState;

    /// <summary>Stopping; finishes its runs.</summary>
    /// <param name="Epoch">The epoch that it ended.</param>
    /// <param name="Until">When it stops them.</param>
    public sealed record Draining(long Epoch, DateTimeOffset Until) : NodeState;

    /// <summary>May not schedule.</summary>
    /// <param name="Because">Why.</param>
    /// <param name="Detail">The value that decided it.</param>
    public sealed record Refused(Reason Because, string Detail) : NodeState;

    /// <summary>The role's word in the API.</summary>
    public string Role => this switch
    {
        Active => "active",
        Standby => "standby",
        Draining => "draining",
        Refused => "refused",
        _ => throw new UnreachableException(),
    };

    /// <summary>Why it does not schedule, or cannot claim now; null when it does.</summary>
    public Reason? Reason => this switch
    {
        Active { Trouble: not null } => Ledger.Reason.StoreUnavailable,
        Standby standby => standby.Because,
        Draining => Ledger.Reason.Draining,
        Refused refused => refused.Because,
        _ => null,
    };

    /// <summary>The one sentence that says so everywhere.</summary>
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
