namespace Escapement.Leadership;

/// <summary>The active node's trust in itself: its own lease, counted from the beginning of its last accepted beat.</summary>
/// <remarks>Past it no handler is started before another beat was accepted: to look is not enough, because the next moment somebody may raise.</remarks>
/// <param name="clock">Its own clock.</param>
/// <param name="lease">The lease.</param>
/// <param name="begun">The timestamp at which the raise began.</param>
sealed class LeaseGuard(TimeProvider clock, TimeSpan lease, long begun)
{
    long accepted = begun;

    /// <summary>Whether the lease still holds.</summary>
    public bool Holds => clock.GetElapsedTime(Volatile.Read(ref accepted)) < lease;

    /// <summary>A beat that began at this timestamp was accepted.</summary>
    public void Accepted(long beat) => Volatile.Write(ref accepted, Math.Max(beat, Volatile.Read(ref accepted)));
}
