using Escapement.Rules;

namespace Escapement.Engine;

/// <summary>Judges what a look at the epoch's row means; <see cref="Lease.Look"/> in every program.</summary>
delegate (LeaseCount Count, LeaseStep Step) LeaseOverride(LeaseCount? count, EpochSeen row, TimeSpan now, TimeSpan lease);

/// <summary>Judges what a look at the epoch's row means while its node's life lock was found free; <see cref="Lease.LookFree"/> in every program.</summary>
delegate (LeaseCount? Count, LeaseStep Step) FreeLockJudge(LeaseCount? count, EpochSeen row, TimeSpan now, TimeSpan lease);

/// <summary>The rules of a node that tests take away one at a time, to see that the harm which each prevents is found. All hold in every program.</summary>
sealed record ProtocolOverrides
{
    /// <summary>When a node that shows no sign of life is replaced.</summary>
    public LeaseOverride Judge { get; init; } = Lease.Look;

    /// <summary>When a node is replaced whose life lock is free although its process may live.</summary>
    public FreeLockJudge JudgeFree { get; init; } = Lease.LookFree;

    /// <summary>The permit of an active node to start a handler.</summary>
    public Func<StartPermit, Func<ValueTask<bool>>> MayStart { get; init; } = permit => permit.MayStartAsync;

    /// <summary>Whether a node that is fenced drops what it has claimed and not started.</summary>
    public bool DropsWhenFenced { get; init; } = true;
}
