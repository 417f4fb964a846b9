using Escapement.Rules;

namespace Escapement.Engine;

/// <summary>Judges a look at the epoch's row. Every program uses <see cref="Lease.Look"/>.</summary>
delegate (LeaseCount Count, LeaseStep Step) LeaseOverride(LeaseCount? count, EpochSeen row, TimeSpan now, TimeSpan lease);

/// <summary>
/// Judges a look at the epoch's row while the life lock of its node is free. Every program uses
/// <see cref="Lease.LookFree"/>.
/// </summary>
delegate (LeaseCount? Count, LeaseStep Step) FreeLockJudge(LeaseCount? count, EpochSeen row, TimeSpan now, TimeSpan lease);

/// <summary>
/// The protocol rules of a node. Tests replace single rules to prove that the harm prevented by each rule is detected.
/// Every program uses all rules.
/// </summary>
sealed record ProtocolOverrides
{
    /// <summary>Judges when a node without a sign of life is replaced.</summary>
    public LeaseOverride Judge { get; init; } = Lease.Look;

    /// <summary>Judges when a node is replaced whose life lock is free although its process may live.</summary>
    public FreeLockJudge JudgeFree { get; init; } = Lease.LookFree;

    /// <summary>Returns the check whether an active node may start a handler.</summary>
    public Func<StartPermit, Func<ValueTask<bool>>> MayStart { get; init; } = permit => permit.MayStartAsync;

    /// <summary>Whether a fenced node drops claimed runs that have not started.</summary>
    public bool DropsWhenFenced { get; init; } = true;
}
