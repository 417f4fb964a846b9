namespace Escapement.Leadership;

/// <summary>The active node's trust in itself, counted from the beginning of its last accepted beat: its lease, or less where its life lock can come free while it lives.</summary>
/// <remarks>Past it no handler is started before another beat was accepted: to look is not enough, because the next moment somebody may raise.</remarks>
/// <param name="clock">Its own clock.</param>
/// <param name="trust">How long a beat counts.</param>
/// <param name="begun">The timestamp at which the raise began.</param>
sealed class LeaseGuard(TimeProvider clock, TimeSpan trust, long begun)
{
    long accepted = begun;

    /// <summary>Whether the lease still holds.</summary>
    public bool Holds => clock.GetElapsedTime(Volatile.Read(ref accepted)) < trust;

    /// <summary>A beat that began at this timestamp was accepted.</summary>
    public void Accepted(long beat) => Volatile.Write(ref accepted, Math.Max(beat, Volatile.Read(ref accepted)));
}
